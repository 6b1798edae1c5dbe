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
    options: settings.profile ? { execArgv: profileFlags('space') } : {}
  })
  const { close } = opened
  opened.close = () => Promise.race([close(), setTimeout(CLOSE_DEADLINE, undefined, { ref: false })])
  return opened
}
