import { setTimeout } from 'node:timers/promises'
import { loadContestant } from '../contestants/index.mjs'
import { profileFlags } from '../harness/profile.mjs'

/** Milliseconds: some contestants now and then never finish closing; what they measured counts nevertheless. */
const CLOSE_DEADLINE = 3000

/**
 * Opens a contestant for one case. `values` says what crosses: `numbers`, `objects`, `text`, `items` or `buffers`.
 * For buffers those that speak JSON by default are told to use Node's advanced serialization; for everything else
 * JSON is the faster of the two.
 */
export async function openContestant({ contestant, testCase, settings }, values) {
  const { open } = await loadContestant(contestant)
  const opened = await open({
    values,
    reuse: contestant.reuse && testCase.inFlight * 2,
    serialization: values === 'buffers' ? 'advanced' : 'json',
    runsIn: contestant.runsIn,
    workers: testCase.workers ?? 1,
    tasks: contestant.many ? testCase.inFlight : undefined,
    options: { ...contestant.options, ...profiled(settings) }
  })
  const { close } = opened
  opened.close = () => Promise.race([close(), setTimeout(CLOSE_DEADLINE, undefined, { ref: false })])
  return opened
}

/** The same with the work of adding two numbers, with as many in flight as the case says. */
export async function openAdditions(details) {
  const { call, close } = await openContestant(details, 'numbers')
  const work = {
    inFlight: details.testCase.inFlight,
    begin: (n) => call('add', [n, 1]),
    isRight: (result, n) => result === n + 1
  }
  return { work, close }
}

/** A pool of the library itself, empty, that starts and restarts spaces as often as a question needs it. */
export async function openPool({ settings }, options) {
  const { openPool } = await import('../contestants/spacepool.mjs')
  const restart = { startsPerSecond: Infinity, intensity: Infinity, minLife: 1 }
  return openPool({ restart, ...options, ...profiled(settings) })
}

/** Kills the one space of a pool. Resolves when the pool knows of it: from then on it restarts, and calls wait. */
export async function crash(pool) {
  const [{ pid }] = pool.stats().spaces
  process.kill(pid, 'SIGKILL')
  await new Promise((resolve) => pool.once('spaceExit', resolve))
}

const profiled = ({ profile }) => (profile ? { execArgv: profileFlags('space') } : {})
