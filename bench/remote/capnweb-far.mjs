import { Socket } from 'node:net'
import { RpcSession, RpcTarget } from 'capnweb'
import { readLines } from '../raw/lines.mjs'
import { PIPE } from '../raw/pipe.mjs'
import work from '../work/live.cjs'
import { LineTransport } from './line-transport.mjs'
import { LineWriter } from './lines.mjs'

/** Only what extends RpcTarget stays where it is. */
class Counter extends RpcTarget {
  #n

  constructor(n) {
    super()
    this.#n = n
  }

  g() {
    return new Counter(this.#n + 1)
  }

  h() {
    return new Counter(this.#n + 1)
  }

  i() {
    return this.#n + 1
  }
}

class Work extends RpcTarget {
  add(a, b) {
    return a + b
  }

  f(n) {
    return new Counter(n)
  }

  emitNumbers(count, onItem) {
    return work.emitNumbers(count, onItem)
  }

  emitRecords(count, onItem) {
    return work.emitRecords(count, onItem)
  }
}

const socket = new Socket({ fd: PIPE, onread: readLines((message) => transport.take(message)) })
const transport = new LineTransport(new LineWriter(socket))
new RpcSession(transport, new Work())
