import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { environment } from '../harness/environment.mjs'
import { kill, TAG, taggedProcesses, untilGone } from './processes.mjs'

const program = fileURLToPath(new URL('host.mjs', import.meta.url))

/** ms after which a host that told nothing is ended, and in which it has to end by itself when it has. */
const BOUND = 60_000
const END_WITHIN = 1500
/** ms that the processes of a host are waited for when it has ended; then they are ended. */
const PATIENCE = 2000

/**
 * Runs one fault in a host of its own. Answers what the host found, and what was seen from outside: `exit` is a word
 * for how it ended ('' for in order), `uncaught` what it did not catch, `stderr` what it printed, `gone` how many ms
 * its processes were there after it (Infinity: they had to be ended), `problems` what was wrong with its end.
 */
export async function runHost(contestant, row) {
  const tag = randomUUID()
  const child = start(contestant, row, tag)
  const seen = { exit: '', stderr: '', problems: [] }
  const mine = new Set()
  const look = () => taggedProcesses(tag).forEach((pid) => pid !== child.pid && mine.add(pid))
  let ended
  child.stderr.setEncoding('utf8').on('data', (text) => (seen.stderr = (seen.stderr + text).slice(-2000)))
  child.on('message', (message) => {
    Object.assign(seen, message)
    if (!message.standing) return
    message.standing.forEach((pid) => mine.add(pid))
    look()
    ended = performance.now()
    if (row.killsHost === true) child.kill('SIGKILL')
  })
  const [code, signal] = await exitOf(child, seen)
  ended ??= performance.now()
  look()
  await untilGone([...mine], PATIENCE)
  seen.gone = performance.now() - ended
  const left = taggedProcesses(tag)
  if (left.length > 0) seen.gone = Infinity
  kill(left)
  if (code !== 0) seen.exit = signal ?? `code ${code}`
  return seen
}

function start(contestant, { name, limits }, tag) {
  const [file, ...parameters] = commandFor(limits, [process.execPath, program, contestant, name])
  return spawn(file, parameters, {
    env: { ...environment, [TAG]: tag },
    // A group of its own: a fault may send signals to its group.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced'
  })
}

/** Of the shells only some know a limit of processes. */
function commandFor(limits, command) {
  if (limits === undefined) return command
  const flag = limits.descriptors === undefined ? `-u ${limits.processes}` : `-n ${limits.descriptors}`
  return ['bash', '-c', `ulimit ${flag}; exec "$0" "$@"`, ...command]
}

async function exitOf(child, { problems }) {
  const timers = []
  const endIn = (milliseconds, problem) => {
    const end = () => {
      problems.push(problem)
      child.kill('SIGKILL')
    }
    timers.push(setTimeout(end, milliseconds))
  }
  endIn(BOUND, `the host told nothing for ${BOUND} ms`)
  child.on('message', ({ findings }) => {
    if (findings) endIn(END_WITHIN, 'the host did not end by itself')
  })
  const exit = await once(child, 'exit')
  timers.forEach(clearTimeout)
  // What it printed last; a process that it left may hold its output.
  await Promise.race([once(child, 'close'), new Promise((resolve) => setTimeout(resolve, 50))])
  return exit
}
