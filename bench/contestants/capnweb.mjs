import { RpcSession } from 'capnweb'
import { readLines } from '../raw/lines.mjs'
import { openPipe } from '../raw/pipe.mjs'
import { LineTransport } from '../remote/line-transport.mjs'
import { LineWriter } from '../remote/lines.mjs'

/** capnweb over a pipe. */
export async function open() {
  const { socket, close } = await openPipe(
    '../remote/capnweb-far.mjs',
    readLines((message) => transport.take(message))
  )
  const transport = new LineTransport(new LineWriter(socket))
  const session = new RpcSession(transport)
  const work = session.getRemoteMain()
  return {
    close,
    add: (a, b) => work.add(a, b),
    chain: (n) => work.f(n).g().h().i(),
    emit: (name, count, onItem) => work[name](count, onItem)
  }
}
