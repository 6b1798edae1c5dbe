import { loadContestant } from '../contestants/index.mjs'
import { profileFlags } from '../harness/host-process.mjs'

/**
 * Opens a contestant for one case. `binary`: the values are buffers, so those that speak JSON by default are told
 * to use Node's advanced serialization; for small values JSON is the faster of the two.
 */
export async function openContestant({ contestant, testCase, settings, binary = false }) {
  const { open } = await loadContestant(contestant)
  return open({
    binary,
    reuse: contestant.reuse && testCase.inFlight * 2,
    serialization: binary ? 'advanced' : 'json',
    runsIn: contestant.runsIn,
    tasks: contestant.many ? testCase.inFlight : undefined,
    options: settings.profile ? { execArgv: profileFlags('space') } : {}
  })
}
