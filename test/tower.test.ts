import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { towerFaults } from './support/tower.js'

const root = resolve(__dirname, '..')
const libraries = ['generic-pool', 'eventemitter3', 'pino']

describe('The tower', () => {
  it('stands: every file imports only from rows below it, or from its own row without circles', () => {
    const sources = readSources(['lib', 'spaces'])
    expect(sources.size).to.be.greaterThan(0)
    expect(towerFaults(sources, libraries, sources.has('lib/index.ts'))).to.deep.equal([])
  })

  it('rests on the runtime dependencies that it names', () => {
    const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    expect(Object.keys(description.dependencies)).to.have.members(libraries)
  })
})

describe('The check of the tower', () => {
  it('accepts imports of lower rows, of the own row, and of types of child processes', () => {
    const faults = faultsOf({
      'lib/index.ts': "export * from './space-pool.js'",
      'lib/space-pool.ts':
        "import type { PackageSet } from './package-set.js'\nimport './supervision/sets.js'",
      'lib/package-set.ts': "import type { ChildProcess } from 'node:child_process'",
      'lib/supervision/sets.ts': "import { createPool } from 'generic-pool'\nimport '../space/space.js'",
      'lib/space/space.ts': "import { spawn } from 'node:child_process'\nimport '../wire/frames.js'",
      'lib/errors.ts': "import type { RefusalCode } from './wire/refusal.js'",
      'spaces/main.ts': "import './host.js'\nimport { x } from '../lib/wire/frames.js'"
    })
    expect(faults).to.deep.equal([])
  })

  it('names a file that imports from a row above it, be it only a type', () => {
    for (const statement of [
      "import { x } from '../supervision/sets.js'",
      "import type { X } from '../supervision/sets.js'",
      "import { type X } from '../supervision/sets.js'",
      "import '../supervision/sets.js'",
      "export { x } from '../supervision/sets.js'",
      "export * from '../supervision/sets.js'",
      "import x = require('../supervision/sets.js')",
      "const x = require('../supervision/sets.js')",
      "const x = await import('../supervision/sets.js')",
      "type X = import('../supervision/sets.js').X"
    ]) {
      const faults = faultsOf({ 'lib/space/space.ts': statement })
      expect(faults, statement).to.deep.equal(['lib/space/space.ts must not import lib/supervision/sets.ts'])
    }
  })

  it('keeps the wire to itself', () => {
    expect(faultsOf({ 'lib/wire/frames.ts': "import '../errors.js'" })).to.deep.equal([
      'lib/wire/frames.ts must not import lib/errors.ts'
    ])
  })

  it('lets spaces import only the wire, and nothing import spaces', () => {
    expect(faultsOf({ 'spaces/main.ts': "import '../lib/names.js'" })).to.deep.equal([
      'spaces/main.ts must not import lib/names.ts'
    ])
    expect(faultsOf({ 'lib/space/entry.ts': "import '../../spaces/main.js'" })).to.deep.equal([
      'lib/space/entry.ts must not import spaces/main.ts'
    ])
  })

  it('finds circles, also within a row', () => {
    const faults = faultsOf({
      'lib/wire/a.ts': "import './b.js'",
      'lib/wire/b.ts': "import type { C } from './c.js'",
      'lib/wire/c.ts': "import './b.js'"
    })
    expect(faults).to.deep.equal(['a circle: lib/wire/b.ts > lib/wire/c.ts > lib/wire/b.ts'])
  })

  it('allows one importing file for each library and for node:child_process', () => {
    const faults = faultsOf({
      'lib/events.ts': "import { EventEmitter } from 'eventemitter3'",
      'lib/space-pool.ts': "import type { EventEmitter } from 'eventemitter3'",
      'lib/space/start.ts': "import { spawn } from 'node:child_process'",
      'lib/space/stop.ts': "import { execFile } from 'node:child_process'",
      'lib/wire/log.ts': "import { pino } from 'pino'"
    })
    expect(faults).to.deep.equal([
      'eventemitter3 is imported by lib/events.ts and lib/space-pool.ts',
      'lib/wire/log.ts imports pino, which does not belong into a space',
      'node:child_process is imported by lib/space/start.ts and lib/space/stop.ts'
    ])
  })

  it('keeps node:child_process in lib/space', () => {
    expect(faultsOf({ 'lib/compat.ts': "import { fork } from 'node:child_process'" })).to.deep.equal([
      'lib/compat.ts imports node:child_process outside lib/space'
    ])
  })

  it('refuses libraries that are no runtime dependency, and builtins without node:', () => {
    expect(faultsOf({ 'lib/names.ts': "import 'lodash'\nimport 'fs/promises'" })).to.deep.equal([
      'lib/names.ts imports lodash, no runtime dependency',
      'lib/names.ts: write node:fs/promises'
    ])
  })

  it('names files that stand in no row', () => {
    expect(faultsOf({ 'lib/cellar/wine.ts': '' })).to.deep.equal([
      'lib/cellar/wine.ts stands in no row of the tower'
    ])
  })

  it('keeps every other file straight in lib/ a leaf', () => {
    expect(faultsOf({ 'lib/wording.ts': "import './errors.js'\nimport './package-set.js'" })).to.deep.equal([
      'lib/wording.ts must not import lib/package-set.ts'
    ])
  })

  it('asks a complete tower to use each of its libraries', () => {
    expect(towerFaults(new Map([['lib/index.ts', '']]), ['pino'], true)).to.deep.equal([
      'pino is a dependency that no file imports'
    ])
  })
})

function faultsOf(sources: Record<string, string>): string[] {
  return towerFaults(new Map(Object.entries(sources)), libraries, false)
}

function readSources(folders: string[]): Map<string, string> {
  const sources = new Map<string, string>()
  for (const folder of folders.filter((name) => existsSync(join(root, name)))) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name).replaceAll('\\', '/')
      if (path.endsWith('.ts')) sources.set(path, readFileSync(join(root, path), 'utf8'))
    }
  }
  return sources
}
