import { setTimeout } from 'node:timers/promises'
import { descendantMemory } from '../harness/memory.mjs'
import { openContestant } from './open.mjs'

const SETTLED = 300

export const question = {
  name: 'idle',
  title: 'Resident memory of the child processes, idle after one call',
  cases: [{ name: 'one worker', inFlight: 1, onlyFull: true }],
  metrics: [{ name: 'memory', unit: 'MB', better: 'less' }],
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
  marks: []
}

export async function prepare(details) {
  const round = async () => {
    const { call, close } = await openContestant(details, 'numbers')
    await call('add', [1, 2])
    await setTimeout(SETTLED)
    const memory = descendantMemory()
    await close()
    return { memory }
  }
  return { round, close: () => {} }
}
