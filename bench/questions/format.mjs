import { readFileSync, readdirSync } from 'node:fs'
import { peers } from '../contestants/index.mjs'
import { runLanes } from '../harness/lanes.mjs'
import { format } from '../work/work.cjs'
import { openContestant } from './open.mjs'

const folder = new URL('../node_modules/workerpool/src/', import.meta.url)

export const question = {
  name: 'format',
  title: 'Real work: prettier formats the sources of an installed package',
  // Ten peers are compared with, whose rounds differ by a sixth: in few rounds the fastest is whoever was lucky.
  cases: [{ name: '2 workers', workers: 2, inFlight: 8, leastRounds: 11, onlyFull: true }],
  metrics: [{ name: 'files', unit: 'per s', better: 'more' }],
  contestants: ['spacepool', ...peers],
  references: ['fastest peer'],
  marks: [{ metric: 'files', of: 'fastest peer', atLeast: 0.95 }]
}

export async function prepare(details) {
  const { call, close } = await openContestant(details, 'text')
  const files = readdirSync(folder).filter((name) => name.endsWith('.js'))
  const sources = files.map((name) => readFileSync(new URL(name, folder), 'utf8'))
  const expected = await Promise.all(sources.map((source) => format(source)))
  const work = {
    inFlight: details.testCase.inFlight,
    begin: (n) => call('format', [sources[n % sources.length]]),
    isRight: (result, n) => result === expected[n % sources.length]
  }
  await runLanes(work, sources.length * 4)
  const count = sources.length * 3
  return { round: async () => ({ files: (count / (await runLanes(work, count))) * 1000 }), close }
}
