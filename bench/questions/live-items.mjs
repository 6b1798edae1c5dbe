import { WrongResult } from '../harness/lanes.mjs'
import { openLive } from './open-live.mjs'

const COUNT = 100_000
const callbacks = { with: ['comlink', 'capnweb'], inFlight: 64, onlyFull: true }
const iterated = { iterates: true, inFlight: 64, onlyFull: true }

export const question = {
  name: 'live-items',
  title: 'Live objects: 100 000 items from the other process',
  cases: [
    { ...callbacks, name: 'onItem(n, 2 * n)', function: 'emitNumbers' },
    { ...callbacks, name: 'onItem(record)', function: 'emitRecords' },
    { ...iterated, name: 'for await, [n, 2 * n]', function: 'numbers' },
    { ...iterated, name: 'for await, [record]', function: 'records' }
  ],
  metrics: [{ name: 'items', unit: 'k/s', better: 'more' }],
  contestants: ['spacepool', 'raw limit'],
  references: ['raw limit'],
  marks: [
    { cases: ['onItem(n, 2 * n)', 'onItem(record)'], metric: 'items', of: 'raw limit', atLeast: 0.6 },
    {
      cases: ['for await, [n, 2 * n]', 'for await, [record]'],
      metric: 'items',
      of: 'raw limit',
      atLeast: 0.5
    }
  ]
}

/** What calls back with the items that an iterator of this name brings. */
const emitters = { numbers: 'emitNumbers', records: 'emitRecords' }

export async function prepare({ testCase, contestant, settings }) {
  const opened = await openLive({ testCase, contestant, settings })
  const time = testCase.iterates && opened.iterate ? timeIteration : timeCallbacks
  await time(opened, testCase.function)
  await time(opened, testCase.function)
  const round = async () => {
    let items = 0
    let milliseconds = 0
    while (milliseconds < settings.window) {
      milliseconds += await time(opened, testCase.function)
      items += COUNT
    }
    return { items: items / milliseconds }
  }
  return { round, close: opened.close }
}

/** The milliseconds until all items arrived, in order, and the function returned. */
async function timeCallbacks({ emit }, name) {
  const check = new ItemCheck()
  let arrived
  const all = new Promise((resolve) => (arrived = resolve))
  const emitter = emitters[name] ?? name
  const take = (n, double) => {
    check.take(n, double)
    if (check.next === COUNT) arrived()
  }
  const onItem = emitter === 'emitNumbers' ? take : (record) => take(record.n, record.price)
  const start = performance.now()
  const [result] = await Promise.all([emit(emitter, COUNT, onItem), all])
  const milliseconds = performance.now() - start
  if (result !== COUNT) throw new WrongResult(`${result} items were sent`)
  check.conclude()
  return milliseconds
}

/** The milliseconds until the last item was seen. */
async function timeIteration({ iterate }, name) {
  const check = new ItemCheck()
  const start = performance.now()
  if (name === 'numbers') for await (const [n, double] of iterate(name, COUNT)) check.take(n, double)
  else for await (const [{ n, price }] of iterate(name, COUNT)) check.take(n, price)
  const milliseconds = performance.now() - start
  check.conclude()
  return milliseconds
}

class ItemCheck {
  next = 0
  #wrong = 0

  take(n, double) {
    if (n !== this.next || double !== 2 * n) this.#wrong++
    this.next++
  }

  conclude() {
    if (this.next === COUNT && this.#wrong === 0) return
    throw new WrongResult(`${this.#wrong} of ${this.next} items came wrong`)
  }
}
