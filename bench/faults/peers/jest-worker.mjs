import { Worker } from 'jest-worker'
import { names, workFile } from './paths.mjs'

/** It has no timeout of its own. */
export async function open(module) {
  const worker = new Worker(workFile(module), { exposedMethods: names, numWorkers: 1 })
  return {
    call: (name, parameters) => worker[name](...parameters),
    close: () => worker.end()
  }
}
