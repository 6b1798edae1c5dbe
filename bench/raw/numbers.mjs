import { Batch } from './batch.mjs'
import { openPipe } from './pipe.mjs'
import { readRecords } from './records.mjs'

/** Numbers of a request: id, a, b. */
export const REQUEST = 3
/** Numbers of an answer: id, a + b. */
export const ANSWER = 2

/** The cheapest add(a, b) in another process: three numbers there, two numbers back. */
export async function openNumbers() {
  const pending = []
  const free = []
  const { socket, close } = await openPipe('numbers-echo.mjs', readRecords(ANSWER, settle))
  const batch = new Batch(socket, REQUEST)
  const flush = () => batch.flush()

  function call(name, parameters) {
    return new Promise((resolve) => {
      const id = free.length > 0 ? free.pop() : pending.length
      pending[id] = resolve
      if (batch.isFresh) process.nextTick(flush)
      const { offset, numbers } = batch
      numbers[offset] = id
      numbers[offset + 1] = parameters[0]
      numbers[offset + 2] = parameters[1]
      batch.added()
    })
  }

  function settle(numbers, count) {
    for (let offset = 0; offset < count * ANSWER; offset += ANSWER) {
      const id = numbers[offset]
      pending[id](numbers[offset + 1])
      free.push(id)
    }
  }

  return { call, close }
}
