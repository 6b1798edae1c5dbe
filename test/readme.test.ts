import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'
import { parseCloseOptions, parsePoolOptions } from '../lib/options.js'
import { interfaceMembers } from './support/interface-members.js'
import { codeBlocks, codeWords, tableRows } from './support/markdown.js'
import { runProgram } from './support/run-program.js'

const root = resolve(__dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** What the program with live objects takes for granted. */
const SURROUNDINGS = `
  import { once } from 'node:events'
  import { WebSocketServer } from 'ws'
  const photo = { create: { width: 640, height: 480, channels: 3, background: 'teal' } }
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  server.on('connection', (socket) => socket.send('hello'))
  const url = 'ws://127.0.0.1:' + server.address().port
`

/** The words in code quotes in one column of the table with this title. */
function documented(title: string, column = 0): string[] {
  return tableRows(readme, title).flatMap((cells) => codeWords(cells[column]))
}

describe('The README', () => {
  it('shows a program and what it really prints', async () => {
    const [program = ''] = codeBlocks(readme, 'js')
    const [output = ''] = codeBlocks(readme, 'text')
    const result = await runProgram(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: root
    })
    expect(result).to.deep.equal({ code: 0, signal: null, stdout: output, stderr: '' })
  })

  it('shows a program for the older API that prints what its comment says', async () => {
    const [, program = ''] = codeBlocks(readme, 'js')
    const result = await runProgram(process.execPath, ['--eval', program], { cwd: root })
    const said = /console\.log\(.*\/\/ (.*)$/m.exec(program)?.[1]
    expect(result).to.deep.equal({ code: 0, signal: null, stdout: `${said}\n`, stderr: '' })
  })

  it('shows live objects that work', async () => {
    const [program = ''] = codeBlocks(readme, 'ts').filter((block) => block.includes('pool.use<'))
    const { outputText } = transpileModule(
      `${SURROUNDINGS}${program}console.log(png.length > 0)\nawait pool.close()\nserver.close()\n`,
      {
        compilerOptions: { target: ScriptTarget.ES2022, module: ModuleKind.ES2022 }
      }
    )
    const parameters = ['--input-type=module', '--eval', outputText]
    const { stdout, ...end } = await runProgram(process.execPath, parameters, { cwd: root })
    expect(end).to.deep.equal({ code: 0, signal: null, stderr: '' })
    expect(stdout).to.match(/^\{ one: 1.*\}\n(hello\ntrue|true(\nhello)?)\n$/)
  })

  it('documents every option of a pool, and says which a set may have', () => {
    const ofSet = interfaceMembers('lib/option-types.ts', 'PackageSetOptions')
    const ofPool = interfaceMembers('lib/option-types.ts', 'SpacePoolOptions')
    expect(documented('option of a pool')).to.have.members([...new Set([...ofSet, ...ofPool])])
    const rows = tableRows(readme, 'option of a pool').filter((cells) => cells[2] === 'yes')
    expect(rows.flatMap(([option]) => codeWords(option))).to.have.members(ofSet)
  })

  it('documents every member of the options that are records', () => {
    const restart = ['SetRestartOptions', 'RestartOptions']
    expect(documented('member of `restart`')).to.have.members(
      restart.flatMap((name) => interfaceMembers('lib/option-types.ts', name))
    )
    const others = { recycle: 'RecycleOptions', heartbeat: 'HeartbeatOptions', stop: 'StopOptions' }
    for (const [option, name] of Object.entries(others)) {
      expect(documented(`member of \`${option}\``)).to.have.members(
        interfaceMembers('lib/option-types.ts', name)
      )
    }
  })

  it('documents every option of a call and of close()', () => {
    expect(documented('option of a call')).to.have.members(
      interfaceMembers('lib/option-types.ts', 'CallOptions')
    )
    expect(documented('option of `close`')).to.have.members(
      interfaceMembers('lib/option-types.ts', 'CloseOptions')
    )
  })

  it('documents every event', () => {
    expect(documented('event')).to.have.members(interfaceMembers('lib/events.ts', 'SpacePoolEvents'))
  })

  it('documents every code of an error', () => {
    const codes = interfaceMembers('lib/space-pool-error.ts', 'SpacePoolErrorFields')
    expect(documented('code').map((code) => `ERR_SPACEPOOL_${code}`)).to.have.members(codes)
  })

  it('documents every figure of stats()', () => {
    expect(documented('field of `spaces[]`')).to.have.members(interfaceMembers('lib/stats.ts', 'SpaceStats'))
    expect(documented('field of `sets[]`')).to.have.members(interfaceMembers('lib/stats.ts', 'SetStats'))
  })

  it('names no codes that there are not', () => {
    const codes = interfaceMembers('lib/space-pool-error.ts', 'SpacePoolErrorFields')
    const words = codeWords(readme).filter((word) => /^[A-Z]+(_[A-Z]+)+$/.test(word))
    for (const word of words) expect(codes).to.include(`ERR_SPACEPOOL_${word}`)
  })

  it('gives the defaults that hold', () => {
    const { restart, stop, heartbeat, ...pool } = parsePoolOptions(undefined)
    expectDefaults('option of a pool', { ...pool, replicas: pool.replicas.min })
    expectDefaults('member of `restart`', { ...restart })
    expectDefaults('member of `stop`', { ...stop })
    expectDefaults('member of `heartbeat`', { ...heartbeat })
    expect(new Set(tableRows(readme, 'member of `recycle`').map(([, given]) => given))).to.have.keys('never')
    expect(new Set(Object.values(pool.recycle))).to.have.keys(Infinity)
    expectDefaults('option of `close`', parseCloseOptions(undefined))
  })

  it('links only to files and sections that are there', () => {
    const sections = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => anchorOf(title))
    for (const [, target = ''] of readme.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('#')) expect(sections).to.include(target.slice(1))
      else if (!target.startsWith('https://')) expect(existsSync(join(root, target)), target).to.equal(true)
    }
  })
})

/** Compares the defaults that are numbers or `false`; the others are words. */
function expectDefaults(title: string, settings: Record<string, unknown>): void {
  let compared = 0
  for (const [option, given = ''] of tableRows(readme, title)) {
    const value: unknown = given === 'false' ? false : Number(given.replaceAll(' ', ''))
    if (Number.isNaN(value)) continue
    compared++
    for (const name of codeWords(option)) expect(value, name).to.equal(settings[name])
  }
  expect(compared).to.be.greaterThan(0)
}

/** As GitHub makes it. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-')
}
