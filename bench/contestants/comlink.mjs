import { proxy, wrap } from 'comlink'
import { readLines } from '../raw/lines.mjs'
import { openPipe } from '../raw/pipe.mjs'
import { LineWriter } from '../remote/lines.mjs'
import { Ports } from '../remote/ports.mjs'

/** Comlink over a pipe. Each call of a chain is a round trip, and it cannot iterate. */
export async function open() {
  const { socket, close } = await openPipe(
    '../remote/comlink-far.mjs',
    readLines((message) => ports.take(message))
  )
  const lines = new LineWriter(socket)
  const ports = new Ports((message) => lines.write(message), 1)
  const work = wrap(ports.port(0))
  return {
    close,
    add: (a, b) => work.add(a, b),
    chain: async (n) => (await (await (await work.f(n)).g()).h()).i(),
    emit: (name, count, onItem) => work[name](count, proxy(onItem))
  }
}
