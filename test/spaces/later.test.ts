import { expect } from 'chai'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type util from 'node:util'
import type { SpacePool } from '../../lib/index.js'
import { packages } from './fixtures.js'

const root = resolve(__dirname, '../..')

describe('The second file of the program in a space', () => {
  let folder: string
  let pool: SpacePool

  /** A pool of a copy of spacepool, in which files can be changed. */
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'spacepool-'))
    cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    const copy = createRequire(join(folder, 'index.js'))('./dist/lib/index.js') as {
      SpacePool: typeof SpacePool
    }
    pool = new copy.SpacePool({ paths: [packages] })
  })
  afterEach(async () => {
    await pool.destroy()
    rmSync(folder, { recursive: true })
  })

  it('is not evaluated by a space that calls functions with plain values', async () => {
    writeFileSync(join(folder, 'dist/spaces/later.cjs'), "throw new Error('evaluated')")
    const set = await pool.add('node:util')
    expect(await set.call('util', 'format', ['%s and %d', 'text', 1])).to.equal('text and 1')
    expect(await set.call('util', 'inspect', [{ a: ['b'] }])).to.equal("{ a: [ 'b' ] }")
    expect(await set.call('util', 'isDeepStrictEqual', [{ a: [1.5, null] }, { a: [1.5, null] }])).to.equal(
      true
    )
  })

  it('is evaluated when it is needed, though it is gone by then', async () => {
    const set = await pool.add('node:util')
    rmSync(join(folder, 'dist/spaces'), { recursive: true })
    expect(await set.call('util', 'isDeepStrictEqual', [new Map([[1, 2]]), new Map([[1, 2]])])).to.equal(true)
    const remote = pool.use<typeof util>('util')
    expect(await remote.format('%s', 'text')).to.equal('text')
  })
})
