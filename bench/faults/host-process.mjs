import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { environment } from '../harness/environment.mjs'
import { kill, TAG, taggedProcesses, untilGone } from './processes.mjs'

const program = fileURLToPath(new URL('host.mjs', import.meta.url))

/** ms after which a host that told nothing is ended, and in which it has to end by itself when it has. */
const BOUND = 60_000
const END_WITHIN = 10_000
/** ms that the processes of a host are waited for when it has ended; then they are ended. */
const PATIENCE = 2000

/**
 * Runs faults of one group, one after the other, in one host. Answers for each what the host found, and what was seen
 * from outside: `exit` is a word for how it ended ('' for in order), `uncaught` what it did not catch, `stderr` what it
 * printed, `gone` how many ms its processes were there after it (Infinity: they had to be ended), `problems` what was
 * wrong with its end. What ends a host is the doing of the fault that was under way, or the last one.
 */
export async function runHost(contestant, rows, variables) {
  const tag = randomUUID()
  const child = start(contestant, rows, { ...variables, [TAG]: tag })
  const all = rows.map(() => ({ exit: '', stderr: '', gone: 0, problems: [] }))
  let seen = all[0]
  const mine = new Set()
  const look = () => taggedProcesses(tag).forEach((pid) => pid !== child.pid && mine.add(pid))
  let ended
  child.stderr.setEncoding('utf8').on('data', (text) => (seen.stderr = (seen.stderr + text).slice(-2000)))
  child.on('message', (message) => {
    Object.assign(seen, message)
    if (message.findings) seen = all[all.indexOf(seen) + 1] ?? seen
    if (!message.standing) return
    message.standing.forEach((pid) => mine.add(pid))
    look()
    ended = performance.now()
    if (rows[0].killsHost === true) child.kill('SIGKILL')
  })
  const [code, signal] = await exitOf(child, rows.length, (problem) => seen.problems.push(problem))
  ended ??= performance.now()
  look()
  await untilGone([...mine], PATIENCE)
  seen.gone = performance.now() - ended
  const left = taggedProcesses(tag)
  if (left.length > 0) seen.gone = Infinity
  kill(left)
  if (code !== 0) seen.exit = signal ?? `code ${code}`
  return all
}

function start(contestant, rows, variables) {
  const [{ group, limits }] = rows
  const names = rows.map(({ name }) => name)
  const [file, ...parameters] = commandFor(limits, [process.execPath, program, contestant, group, ...names])
  return spawn(file, parameters, {
    env: { ...environment, ...variables },
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

async function exitOf(child, count, tell) {
  let timer
  const endIn = (milliseconds, problem) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      tell(problem)
      child.kill('SIGKILL')
    }, milliseconds)
  }
  const silence = `the host told nothing for ${BOUND} ms`
  endIn(BOUND, silence)
  child.on('message', ({ findings }) => {
    if (!findings) return
    if (--count > 0) endIn(BOUND, silence)
    else endIn(END_WITHIN, 'the host did not end by itself')
  })
  const exit = await once(child, 'exit')
  clearTimeout(timer)
  // What it printed last; a process that it left may hold its output.
  await Promise.race([once(child, 'close'), new Promise((resolve) => setTimeout(resolve, 50))])
  return exit
}
