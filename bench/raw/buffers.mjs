import { readBuffers, writeBuffer } from './lengths.mjs'
import { openPipe } from './pipe.mjs'

/**
 * The cheapest echo of a buffer: its length and its bytes there, the same back, in order. `reuse`: the number of
 * pieces of memory that take turns on each side; without it every buffer that arrives is memory of its own.
 */
export async function openBuffers(reuse = 0) {
  const pending = []
  const onread = readBuffers(reuse, (bytes) => pending.shift()(bytes))
  const { socket, close } = await openPipe('buffers-echo.mjs', onread, [String(reuse)])
  const call = (name, parameters) =>
    new Promise((resolve) => {
      pending.push(resolve)
      writeBuffer(socket, parameters[0])
    })
  return { call, close }
}
