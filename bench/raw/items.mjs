import { openPipe } from './pipe.mjs'
import { readRecords } from './records.mjs'

/** Numbers of an item: n, 2 * n. */
export const ITEM = 2

/** The cheapest stream of items from another process: one number says how many, then they come in batches. */
export async function openItems() {
  let awaited = 0
  let onItem
  let finish
  const { socket, close } = await openPipe('items-emit.mjs', readRecords(ITEM, take))

  function emit(count, listener) {
    awaited = count
    onItem = listener
    socket.write(new Uint8Array(Float64Array.of(count).buffer))
    return new Promise((resolve) => (finish = () => resolve(count)))
  }

  function take(numbers, count) {
    for (let offset = 0; offset < count * ITEM; offset += ITEM) onItem(numbers[offset], numbers[offset + 1])
    awaited -= count
    if (awaited === 0) finish()
  }

  return { emit, close }
}
