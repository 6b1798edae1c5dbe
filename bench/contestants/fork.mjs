import { fork } from 'node:child_process'
import { once } from 'node:events'
import { workFile } from './paths.mjs'

/** Plain fork and process.send: what one would write without any library. Several workers take turns. */
export async function open({ serialization, workers }) {
  const children = Array.from({ length: workers }, () => openChild(serialization))
  if (workers === 1) return children[0]
  let turn = 0
  return {
    call: (name, parameters) => children[turn++ % workers].call(name, parameters),
    close: () => Promise.all(children.map(({ close }) => close()))
  }
}

function openChild(serialization) {
  const child = fork(workFile('fork.cjs'), { serialization })
  const pending = new Map()
  let lastId = 0
  let onItem
  child.on('message', ([id, result]) => {
    if (id === 0) return onItem(...result)
    pending.get(id)(result)
    pending.delete(id)
  })
  const call = (name, parameters) =>
    new Promise((resolve) => {
      const id = ++lastId
      pending.set(id, resolve)
      child.send([id, name, parameters])
    })
  const emit = (name, count, listener) => {
    onItem = listener
    return call(name, [count])
  }
  const close = async () => {
    child.disconnect()
    await once(child, 'exit')
  }
  return { call, emit, close }
}
