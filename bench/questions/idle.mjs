import { setTimeout } from 'node:timers/promises'
import { descendantMemory } from '../harness/memory.mjs'
import { openContestant } from './open.mjs'

const SETTLED = 300

export const question = {
  name: 'idle',
  title: 'Resident memory of the child processes, idle after one call',
  cases: [{ name: 'one worker', inFlight: 1, rounds: 3, linux: true, onlyFull: true }],
  metrics: [
    { name: 'worker', unit: 'MB', better: 'less' },
    { name: 'all', unit: 'MB', better: 'less' }
  ],
  contestants: [
    'spacepool',
    'idle node',
    'fork and send',
    'jest-worker',
    'workerpool',
    'tinypool',
    'poolifier',
    'worker-farm'
  ],
  references: ['idle node'],
  marks: [{ metric: 'worker', of: 'idle node', beyondAtMost: 3 }]
}

export async function prepare(details) {
  const round = async () => {
    const { call, close } = await openContestant(details, 'numbers')
    await call('add', [1, 2])
    await setTimeout(SETTLED)
    const memory = descendantMemory()
    const all = memory.reduce((sum, each) => sum + each, 0)
    await close()
    return { worker: Math.max(...memory), all }
  }
  return { round, close: () => {} }
}
