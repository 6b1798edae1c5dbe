import { fork } from 'node:child_process'
import { once } from 'node:events'
import { environment } from '../harness/environment.mjs'

/**
 * Runs a program once for each build, in a process of its own, and lets them measure in turns: `[{ build, rounds }]`,
 * with what each answered to `round`. A program says that it is ready, and ends when it is disconnected.
 */
export async function takeTurns(program, argument, builds, count) {
  const measured = builds.map((build) => ({ build, rounds: [] }))
  for (const each of measured) {
    each.child = fork(program, [argument, each.build], { env: environment, execArgv: [] })
    await once(each.child, 'message')
  }
  for (let round = 0; round < count; round++) {
    for (const each of round % 2 ? [...measured].reverse() : measured) {
      each.child.send('round')
      const [values] = await once(each.child, 'message')
      each.rounds.push(values)
    }
  }
  for (const { child } of measured) child.disconnect()
  return measured.map(({ build, rounds }) => ({ build, rounds }))
}
