import { setTimeout } from 'node:timers/promises'
import { loadContestant } from '../contestants/index.mjs'
import { profileFlags } from '../harness/host-process.mjs'

/** Milliseconds: some contestants now and then never finish closing; what they measured counts nevertheless. */
const CLOSE_DEADLINE = 3000

/**
 * Opens a contestant for one case. `binary`: the values are buffers, so those that speak JSON by default are told
 * to use Node's advanced serialization; for small values JSON is the faster of the two.
 */
export async function openContestant({ contestant, testCase, settings, binary = false }) {
  const { open } = await loadContestant(contestant)
  const opened = await open({
    binary,
    reuse: contestant.reuse && testCase.inFlight * 2,
    serialization: binary ? 'advanced' : 'json',
    runsIn: contestant.runsIn,
    tasks: contestant.many ? testCase.inFlight : undefined,
    options: settings.profile ? { execArgv: profileFlags('space') } : {}
  })
  const { close } = opened
  opened.close = () => Promise.race([close(), setTimeout(CLOSE_DEADLINE, undefined, { ref: false })])
  return opened
}
