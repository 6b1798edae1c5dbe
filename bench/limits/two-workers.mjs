import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { contestantNamed } from '../contestants/index.mjs'
import { environment } from '../harness/environment.mjs'
import { median, ratio } from '../harness/statistics.mjs'
import { questionNamed } from '../questions/index.mjs'

// node bench/limits/two-workers.mjs <format or factorial> <rounds> <contestant>[:concurrency] ...
//
// A question with two workers in interleaved rounds: its rate, and for one round the processor time of the host's main
// thread, of all threads and processes together, and their page faults. Other work on the machine changes processor
// time less than the rate. Times the first contestant. Linux only.

const [question, rounds, ...names] = process.argv.slice(2)
const program = fileURLToPath(new URL('../harness/host.mjs', import.meta.url))
const settings = { warm: 400, window: 150 }
const measured = []
for (const name of names) measured.push(await open(name))
for (let round = 0; round < Number(rounds); round++) {
  for (const each of round % 2 ? measured.toReversed() : measured) each.rounds.push(await play(each.child))
}
const of = ({ rounds }, figure) => rounds.map((values) => values[figure])
for (const each of measured) {
  each.child.disconnect()
  const figures = Object.keys(each.rounds[0]).map((figure) => {
    const times = ratio(of(each, figure), of(measured[0], figure)).toFixed(3)
    return `${figure} ${median(of(each, figure)).toFixed(1)} (${times})`
  })
  console.log(`${each.name.padEnd(24)} ${figures.join(', ')}`)
}

async function open(name) {
  const [contestant, concurrency] = name.split(':')
  const options = concurrency && { options: { concurrency: Number(concurrency) } }
  const child = spawn(process.execPath, [program], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  const { cases } = questionNamed(question)
  const details = { contestant: { ...contestantNamed(contestant), ...options }, testCase: cases[0], settings }
  await ask(child, 'prepare', { question, ...details })
  return { name, child, rounds: [] }
}

async function play(child) {
  const before = spentBy(child.pid)
  const [rate] = Object.values(await ask(child, 'round'))
  const after = spentBy(child.pid)
  return { rate, ...Object.fromEntries(Object.keys(after).map((key) => [key, after[key] - before[key]])) }
}

async function ask(child, action, details) {
  child.send({ action, details })
  const [{ values, failure }] = await once(child, 'message')
  if (failure) throw new Error(failure)
  return values
}

function spentBy(host) {
  const spent = { 'host, ms': timeOf(host, host), 'all, ms': 0, faults: 0 }
  for (const pid of withChildren(host)) {
    for (const task of readdirSync(`/proc/${pid}/task`)) spent['all, ms'] += timeOf(pid, task)
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    spent.faults += Number(stat.slice(stat.lastIndexOf(')')).split(' ')[8])
  }
  return spent
}

/** Milliseconds that a thread has run. */
function timeOf(pid, task) {
  return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

function withChildren(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean)
  )
  return [pid, ...children.flatMap(withChildren)]
}
