import { contestantNamed } from '../contestants/index.mjs'
import { HostProcess } from './host-process.mjs'

/**
 * Runs one case of a question: opens every contestant in a host of its own and warms it up, then goes through
 * the rounds, in each of them through all contestants, so that drift of the machine hits everybody. A case that only
 * waits (`together`) has all of them wait at the same time.
 *
 * Returns `{ values: { contestant: { metric: [one value a round] } }, failures: [sentence] }`.
 */
export async function runCase(question, testCase, names, settings) {
  const contest = { values: {}, failures: [], hosts: new Map() }
  // A quick run has no time for more.
  const own = settings.quick ? settings : { ...settings, warm: testCase.warm ?? settings.warm }
  for (const name of names) {
    const host = new HostProcess({ ...testCase, profile: settings.profile })
    contest.hosts.set(name, host)
    contest.values[name] = {}
    const details = { question: question.name, contestant: contestantNamed(name), testCase, settings: own }
    await attempt(contest, name, () => host.ask('prepare', details))
  }
  const rounds = Math.max(Math.min(settings.rounds, testCase.rounds ?? Infinity), testCase.leastRounds ?? 0)
  for (let round = 0; round < rounds; round++) {
    const order = inOrder([...contest.hosts.keys()], round)
    if (testCase.together) await Promise.all(order.map((name) => playRound(contest, name)))
    else for (const name of order) await playRound(contest, name)
  }
  const closed = [...contest.hosts].map(([name, host]) =>
    attempt(contest, name, () => host.ask('close').then(() => host.end()))
  )
  await Promise.all(closed)
  return { values: contest.values, failures: contest.failures }
}

async function playRound(contest, name) {
  await attempt(contest, name, async () => {
    const measured = await contest.hosts.get(name).ask('round')
    for (const [metric, value] of Object.entries(measured)) (contest.values[name][metric] ??= []).push(value)
  })
}

/** A contestant that fails once is out: its values would no longer line up with the rounds of the others. */
async function attempt(contest, name, action) {
  try {
    await action()
  } catch (error) {
    contest.failures.push(`${name}: ${error.message}`)
    delete contest.values[name]
    const host = contest.hosts.get(name)
    contest.hosts.delete(name)
    await host.end()
  }
}

/** Each round starts with another contestant, every other round goes backwards. */
function inOrder(names, round) {
  const start = round % names.length
  const turned = [...names.slice(start), ...names.slice(0, start)]
  return round % 2 ? turned.reverse() : turned
}
