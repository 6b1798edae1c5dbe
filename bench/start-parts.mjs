import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

// What the start of a space is made of: node bench/start-parts.mjs [rounds] [another main.cjs ...]. Linux only.
//
// Interleaved starts of Node without a program, of a program that only opens the pipe and writes to it, and of the
// program in a space until it has answered `hello`. Told are the medians of the time of the processor that the main
// thread of the child has had by then, in ms: on a busy machine it says more than the clock.

const require = createRequire(import.meta.url)
const { Connection } = require('../dist/lib/wire/connection.js')
const { PROTOCOL_VERSION } = require('../dist/lib/wire/messages.js')
const { INSPECTOR_FLAGS } = require('../dist/lib/wire/inspector-flags.js')
const { environment } = await import('./harness/environment.mjs')
const { median } = await import('./harness/statistics.mjs')

const [rounds = 20, ...others] = process.argv.slice(2)
const limits = { maxBytes: 64 * 1024 * 1024, maxCallbacks: 1000 }
const opensPipe = "new (require('net').Socket)({ fd: 3 }).write('x')"
const variants = [
  { name: 'Node alone', parameters: ['-e', '0'] },
  { name: 'opens the pipe', parameters: ['-e', opensPipe] },
  ...[fileURLToPath(new URL('../dist/spaces/main.cjs', import.meta.url)), ...others].map((file) => ({
    ...{ name: file, parameters: [...INSPECTOR_FLAGS, file], first: hello() }
  }))
]

for (const variant of variants) variant.times = []
for (let round = 0; round < Number(rounds); round++) {
  for (const variant of round % 2 ? variants.toReversed() : variants) {
    variant.times.push(await timeOf(variant))
  }
}
for (const { name, times } of variants) {
  const [first] = times.sort((a, b) => a - b)
  console.log(`${median(times).toFixed(1)} (least ${first.toFixed(1)}) ${name}`)
}

async function timeOf({ parameters, first }) {
  const stdio = ['ignore', 'ignore', 'ignore', 'pipe']
  const child = spawn(process.execPath, parameters, { env: environment, stdio })
  const exited = once(child, 'exit')
  const pipe = child.stdio[3]
  if (first) pipe.write(first)
  // Node alone closes its end when it exits.
  await Promise.race([once(pipe, 'data'), once(pipe, 'end')])
  const [nanoseconds] = readFileSync(`/proc/${child.pid}/schedstat`, 'utf8').split(' ')
  child.kill('SIGKILL')
  await exited
  pipe.destroy()
  return Number(nanoseconds) / 1e6
}

/** The bytes of the first message of a host. */
function hello() {
  const pieces = []
  const write = (bytes) => pieces.push(Buffer.from(bytes)) > 0
  const connection = new Connection({ write, read() {}, close() {} }, {}, limits)
  connection.send({ type: 'hello', version: PROTOCOL_VERSION, ...limits })
  connection.flush()
  return Buffer.concat(pieces)
}
