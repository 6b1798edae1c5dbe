import { fork } from 'node:child_process'
import { once } from 'node:events'
import { workFile } from './paths.mjs'

/** Plain fork and process.send: what one would write without any library. */
export async function open({ serialization }) {
  const child = fork(workFile('fork.cjs'), { serialization })
  const pending = new Map()
  let lastId = 0
  child.on('message', ([id, result]) => {
    pending.get(id)(result)
    pending.delete(id)
  })
  return {
    call: (name, parameters) =>
      new Promise((resolve) => {
        const id = ++lastId
        pending.set(id, resolve)
        child.send([id, name, parameters])
      }),
    close: async () => {
      child.disconnect()
      await once(child, 'exit')
    }
  }
}
