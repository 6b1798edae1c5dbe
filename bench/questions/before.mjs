import { runLanes, warmUp } from '../harness/lanes.mjs'
import { openAdditions } from './open.mjs'

const patient = { leastRounds: 15, onlyFull: true, long: true, deadline: 120_000 }

/** Not the first, which is there to be seen: it also depends on where the system puts the two processes (limits/calls.md). */
const judged = ['1 in flight, one core', '64 in flight']

export const question = {
  name: 'before',
  title: 'Small calls, add(a, b), beside spacepool before it had live objects',
  cases: [
    { ...patient, name: '1 in flight', inFlight: 1 },
    { ...patient, name: '1 in flight, one core', inFlight: 1, core: 0 },
    { ...patient, name: '64 in flight', inFlight: 64 }
  ],
  metrics: [
    { name: 'call', unit: 'us', better: 'less' },
    { name: 'processor time', unit: 'us', better: 'less' }
  ],
  contestants: ['spacepool', 'spacepool, before live objects'],
  references: ['spacepool, before live objects'],
  marks: ['call', 'processor time'].map((metric) => ({
    cases: judged,
    metric,
    of: 'spacepool, before live objects',
    atMost: 1.05
  }))
}

export async function prepare(details) {
  const { work, close } = await openAdditions(details)
  const count = await warmUp(work, details.settings)
  const round = () => time(work, count)
  return { round, close }
}

/** Microseconds a call, and those of them that this process was at work. */
async function time(work, count) {
  const before = process.cpuUsage()
  const milliseconds = await runLanes(work, count)
  const { user, system } = process.cpuUsage(before)
  return { call: (milliseconds * 1000) / count, 'processor time': (user + system) / count }
}
