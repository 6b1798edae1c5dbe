// What it costs that a space can be looked into when it hangs, and how long a look takes. Beside it, the other way to
// look: a thread in every space that holds an inspector session from the start.
// Needs the built library: npm run build && node bench/hang.mjs [path of another node]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { interrupt, takeStack } = require('../dist/lib/space/hang.js')
const { INSPECTOR_FLAGS } = require('../dist/lib/wire/inspector-flags.js')

const ROUNDS = 20
const bounds = { timeout: 5000 }
const node = process.argv[2] ?? process.execPath
const env = { PATH: process.env.PATH }

if (process.platform !== 'linux') throw new Error('Memory is read from /proc, which only Linux has')

const TELL = "require('node:fs').writeSync(1, 'x');"
const IDLE = `${TELL} setInterval(() => {}, 1e6)`
const SPIN = `process.stdin.once('data', function call() { ${TELL} for (;;); })`
const THREAD = `
  const { Worker } = require('node:worker_threads')
  new Worker(\`
    const { Session } = require('node:inspector')
    new Session().connectToMainThread()
    ${TELL}
    setInterval(() => {}, 1e6)
  \`, { eval: true })`

const plain = { starts: [], memory: [] }
const flagged = { starts: [], memory: [] }
const threaded = { starts: [], memory: [] }
for (let round = 0; round <= ROUNDS; round++) {
  await startOf(plain, [], IDLE, round)
  await startOf(flagged, INSPECTOR_FLAGS, IDLE, round)
  await startOf(threaded, [], THREAD, round)
}

const first = []
const again = []
const interrupts = []
let looked = 0
for (let round = 0; round < ROUNDS; round++) {
  const child = run(INSPECTOR_FLAGS, SPIN)
  child.stderr.resume()
  child.stdin.write('go')
  await once(child.stdout, 'data')
  const before = memoryOf(child)
  first.push(
    await timeOf(
      () => takeStack(child, bounds),
      (stack) => stack?.includes('call')
    )
  )
  again.push(
    await timeOf(
      () => takeStack(child, bounds),
      (stack) => stack?.includes('call')
    )
  )
  looked += (memoryOf(child) - before) / ROUNDS
  interrupts.push(
    await timeOf(
      () => interrupt(child, bounds, () => true),
      (done) => done
    )
  )
  await end(child)
}

const version = (await outputOf(['-p', 'process.version'])).trim()
console.log(`Node ${version}, ${ROUNDS} rounds               median      highest`)
row('start, without the flags', plain.starts)
row('start, with the flags of every space', flagged.starts)
row('start, until a thread has its session', threaded.starts)
row('stack of a space that hangs', first)
row('stack of it once more', again)
row('interrupt', interrupts)
console.log(
  `memory: flags ${mebibytes(median(flagged.memory) - median(plain.memory))}, two looks ${mebibytes(looked)}, ` +
    `the thread ${mebibytes(median(threaded.memory) - median(plain.memory))}`
)

function run(flags, program) {
  return spawn(node, [...flags, '-e', program], { env, stdio: ['pipe', 'pipe', 'pipe'] })
}

/** The first round warms the caches of the system. */
async function startOf({ starts, memory }, flags, program, round) {
  const begun = performance.now()
  const child = run(flags, program)
  await once(child.stdout, 'data')
  if (round > 0) starts.push(performance.now() - begun)
  memory.push(memoryOf(child))
  await end(child)
}

async function timeOf(work, isRight) {
  const begun = performance.now()
  const result = await work()
  const took = performance.now() - begun
  if (!isRight(result)) throw new Error(`unexpected: ${result}`)
  return took
}

async function end(child) {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function outputOf(parameters) {
  const child = spawn(node, parameters, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks = await child.stdout.toArray()
  return Buffer.concat(chunks).toString()
}

/** Resident, in pages of 4 KiB. */
function memoryOf({ pid }) {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
}

function median(values) {
  return values.toSorted((one, other) => one - other)[values.length >> 1]
}

function row(title, values) {
  const [middle, highest] = [median(values), Math.max(...values)]
  console.log(`${title.padEnd(40)} ${middle.toFixed(1).padStart(6)} ms ${highest.toFixed(1).padStart(8)} ms`)
}

function mebibytes(pages) {
  return `${(pages / 256).toFixed(1)} MiB`
}
