import { peers } from '../contestants/index.mjs'
import { WrongResult } from '../harness/lanes.mjs'
import { median } from '../harness/statistics.mjs'
import { openContestant } from './open.mjs'

export const question = {
  name: 'start',
  title: 'From nothing to a ready space and to the first answer',
  cases: [{ name: 'add(a, b)', inFlight: 1 }],
  metrics: [
    { name: 'first answer', unit: 'ms', better: 'less' },
    { name: 'ready', unit: 'ms', better: 'less' }
  ],
  contestants: ['spacepool', 'node -e 0', 'fork and send', ...peers],
  references: ['node -e 0', 'fastest process peer'],
  marks: [{ metric: 'ready', of: 'node -e 0', atMost: 1.15 }]
}

export async function prepare(details) {
  await startOnce(details)
  const starts = 3
  const round = async () => {
    const values = []
    for (let n = 0; n < starts; n++) values.push(await startOnce(details))
    const ready = values.map((value) => value.ready).filter((value) => value !== undefined)
    const firstAnswer = median(values.map((value) => value.firstAnswer))
    return { 'first answer': firstAnswer, ...(ready.length > 0 && { ready: median(ready) }) }
  }
  return { round, close: () => {} }
}

async function startOnce(details) {
  const start = performance.now()
  const opened = await openContestant(details, 'numbers')
  const result = await opened.call('add', [2, 3])
  const firstAnswer = performance.now() - start
  await opened.close()
  if (result !== 5) throw new WrongResult(`the first call answered ${result}`)
  return { firstAnswer, ready: opened.ready && opened.ready - start }
}
