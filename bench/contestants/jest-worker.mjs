import { Worker } from 'jest-worker'
import { workFile } from './paths.mjs'

export async function open({ serialization }) {
  const worker = new Worker(workFile('work.cjs'), {
    exposedMethods: ['add', 'echo'],
    forkOptions: { serialization },
    numWorkers: 1
  })
  return {
    call: (name, parameters) => worker[name](...parameters),
    close: () => worker.end()
  }
}
