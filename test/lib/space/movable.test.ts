import { createSocket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { expect } from 'chai'
import { moves } from '../../../lib/space/movable.js'
import { NotCloneable } from '../../../lib/wire/not-cloneable.js'
import { thrownBy } from '../../support/thrown-by.js'

describe('What moves to a space', () => {
  it('are servers that listen, HTTP servers among them', async () => {
    for (const server of [createServer(), createHttpServer()]) {
      expect(thrownBy(() => moves(server))).to.be.an.instanceOf(NotCloneable)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      expect(moves(server)).to.equal(true)
      server.close()
      expect(thrownBy(() => moves(server))).to.be.an.instanceOf(NotCloneable)
    }
  })

  it('are dgram sockets that are bound', async () => {
    const socket = createSocket('udp4')
    expect(thrownBy(() => moves(socket))).to.be.an.instanceOf(NotCloneable)
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    expect(moves(socket)).to.equal(true)
    socket.close()
    expect(thrownBy(() => moves(socket))).to.be.an.instanceOf(NotCloneable)
  })

  it('are no sockets that never were connected', () => {
    expect(thrownBy(() => moves(new Socket()))).to.be.an.instanceOf(NotCloneable)
  })

  it('are neither standard streams, nor encrypted connections, nor anything else', () => {
    const others = [
      process.stdin,
      process.stdout,
      process.stderr,
      new TLSSocket(new Socket()),
      new EventEmitter(),
      {}
    ]
    for (const other of others) expect(moves(other)).to.equal(false)
    expect(moves(new Proxy(createServer(), {}))).to.equal(false)
  })
})
