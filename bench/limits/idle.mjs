import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import { workFile } from '../contestants/paths.mjs'
import { environment } from '../harness/environment.mjs'
import { median } from '../harness/statistics.mjs'

// node bench/limits/idle.mjs [a flag of Node for the spaces ...]
//
// What the resident memory of an idle process is made of, in KiB: pages of files, which all processes of the same Node
// share, code among them, and what is its own. Medians of five processes each. Linux only.

const PROCESSES = 5
const SETTLED = 400
const { SpacePool } = createRequire(import.meta.url)('../..')

const programs = {
  'waits for a timer': 'setInterval(() => {}, 1e9)',
  'reads standard input (the mark)': 'process.stdin.resume()',
  'and reads the clock of performance': 'process.stdin.resume(); performance.now()'
}
for (const [title, program] of Object.entries(programs)) await show(title, () => plain(program))
await show('a space, ready', () => space(false))
await show('a space, after one call', () => space(true))

async function show(title, measure) {
  const all = []
  for (let n = 0; n < PROCESSES; n++) all.push(await measure())
  const figures = Object.keys(all[0]).map((key) => `${key} ${median(all.map((each) => each[key]))}`)
  console.log(`${title.padEnd(36)} ${figures.join(', ')}`)
}

async function plain(program) {
  const child = spawn(process.execPath, ['-e', program], {
    env: environment,
    stdio: ['pipe', 'ignore', 'ignore']
  })
  await setTimeout(SETTLED)
  const memory = memoryOf(child.pid)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return memory
}

/** Before `add` it has nothing but its own program; a set of a builtin shows that. */
async function space(called) {
  const pool = new SpacePool({ execArgv: process.argv.slice(2) })
  const name = called ? workFile('work.cjs') : 'path'
  const set = await pool.add({ name, as: 'work' })
  if (called) await set.call('work', 'add', [1, 2])
  await setTimeout(SETTLED)
  const memory = memoryOf(pool.stats().spaces[0].pid)
  await pool.close()
  return memory
}

function memoryOf(pid) {
  const memory = { resident: 0, files: 0, code: 0, own: 0 }
  let mode = ''
  let path = ''
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const [, first, second] = /^[\da-f]+-[\da-f]+ (\S+) \S+ \S+ \S+\s*(.*)$/.exec(line) ?? []
    if (first !== undefined) [mode, path] = [first, second]
    const [, name, text] = /^(Rss|Private_Dirty):\s+(\d+)/.exec(line) ?? []
    if (name === 'Private_Dirty') memory.own += Number(text)
    if (name !== 'Rss') continue
    memory.resident += Number(text)
    if (!path.startsWith('/')) continue
    memory.files += Number(text)
    if (mode.includes('x')) memory.code += Number(text)
  }
  return memory
}
