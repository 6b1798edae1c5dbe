import { readLines } from './lines.mjs'
import { openPipe } from './pipe.mjs'

/**
 * The cheapest stream of calls from another process whose items may be anything: a line of JSON says which and how
 * many, then a line of JSON brings a batch of them at a time.
 */
export async function openItems() {
  let awaited = 0
  let onItem
  let finish
  const { socket, close, pid } = await openPipe('items-emit.mjs', readLines(take))

  function emit(name, count, listener) {
    awaited = count
    onItem = listener
    socket.write(`${JSON.stringify([name, count])}\n`)
    return new Promise((resolve) => (finish = () => resolve(count)))
  }

  function take(batch) {
    for (const items of batch) onItem(...items)
    awaited -= batch.length
    if (awaited === 0) finish()
  }

  return { emit, close, pid }
}
