// What it costs that no space outlives its host: the time a space spends with the reaper, and the reaper's memory.
// Needs the built library: npm run build && node bench/reaper.mjs
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { Reaper } = require('../dist/lib/space/reaper.js')

const SPACES = 200
const ROUNDS = 20

if (process.platform !== 'linux') throw new Error('Memory is read from /proc, which only Linux has')

const leaders = Array.from({ length: SPACES }, () => {
  return spawn('/bin/sh', ['-c', 'read line'], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
})
const pids = leaders.map(({ pid }) => pid)

const firsts = []
const nexts = []
const forgets = []
let memory = { own: 0, resident: 0 }

for (let round = 0; round < ROUNDS; round++) {
  const others = new Set(children())
  const reaper = new Reaper()
  firsts.push(timeOf(() => reaper.watch(pids[0])))
  for (const pid of pids.slice(1)) nexts.push(timeOf(() => reaper.watch(pid)))
  const shell = children().find((pid) => !others.has(pid))
  await quiet(shell)
  memory = memoryOf(shell)
  for (const pid of pids) forgets.push(timeOf(() => reaper.forget(pid)))
  reaper.close()
  await gone(shell)
}

const reaper = new Reaper()
for (const pid of pids) reaper.watch(pid)
await new Promise((resolve) => setTimeout(resolve, 100))
const start = performance.now()
const exits = leaders.map((leader) => once(leader, 'exit').then(() => performance.now() - start))
reaper.close()
const ends = await Promise.all(exits)

console.log(`first space of a pool (starts the reaper)   ${milliseconds(median(firsts))}`)
console.log(`every other space, told of                  ${milliseconds(median(nexts))}`)
console.log(`every space, forgotten                      ${milliseconds(median(forgets))}`)
console.log(
  `memory of the reaper with ${SPACES} spaces        ${memory.own} KiB of its own, ${memory.resident} KiB resident`
)
console.log(`end of the host to the end of ${SPACES} spaces    ${milliseconds(Math.max(...ends))}`)

function timeOf(work) {
  const start = performance.now()
  work()
  return performance.now() - start
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

function milliseconds(value) {
  return `${value.toFixed(3)} ms`
}

function children() {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number)
}

/** In KiB. Most of what is resident is the program and the C library, shared with every process that has them. */
function memoryOf(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const sum = (name) => [...rollup.matchAll(name)].reduce((total, [, size]) => total + Number(size), 0)
  return { own: sum(/^Private_\w+:\s+(\d+)/gm), resident: sum(/^Rss:\s+(\d+)/gm) }
}

/** Waits until the process has read all and sleeps. */
async function quiet(pid) {
  for (let looks = 0; looks < 3; looks++) {
    while (!/\) S/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await pause()
    await pause()
  }
}

async function gone(pid) {
  while (children().includes(pid)) await pause()
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, 5))
}
