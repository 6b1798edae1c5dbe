import { Socket } from 'node:net'
import { expose, proxy } from 'comlink'
import { readLines } from '../raw/lines.mjs'
import { PIPE } from '../raw/pipe.mjs'
import work from '../work/live.cjs'
import { LineWriter } from './lines.mjs'
import { Ports } from './ports.mjs'

/** Comlink copies what is returned unless it is told not to. */
class Counter extends work.Counter {
  g() {
    return proxy(new Counter(this.n + 1))
  }

  h() {
    return proxy(new Counter(this.n + 1))
  }
}

const socket = new Socket({ fd: PIPE, onread: readLines((message) => ports.take(message)) })
const lines = new LineWriter(socket)
const ports = new Ports((message) => lines.write(message), 0)
const { add, emitNumbers, emitRecords } = work
expose({ add, f: (n) => proxy(new Counter(n)), emitNumbers, emitRecords }, ports.port(0))
