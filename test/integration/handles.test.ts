import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import type { PackageSet } from '../../lib/package-set.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { Host } from '../support/host.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { stillRunning } from '../support/running.js'
import { nextEvent } from '../support/waiting.js'

interface Keeper {
  keep(thing: unknown): Keeper
  kind(): string
  answer(socket: Socket, text: string): void
}

interface Sockets {
  pid(): number
  serve(server: Server): number
  answer(socket: Socket, text?: string): void
  note(what: unknown): void
  noted(): string[]
  kindsOf(...things: unknown[]): string[]
  Keeper: new () => Keeper
}

const servers = new Set<Server | DatagramSocket>()

describe('With handles: true', () => {
  let pool: SpacePool
  let set: PackageSet

  beforeEach(async () => {
    pool = newPool({ handles: true })
    set = await pool.add('sockets')
  })
  afterEach(async () => {
    await destroyPools()
    for (const server of servers) server.close()
    servers.clear()
  })

  it('a listening server is shared by the replicas that it is given to', async () => {
    const replicas = await pool.add({ name: 'sockets', as: 'shared' }, { replicas: 3 })
    const server = await listening()
    const ports = await Promise.all([0, 1, 2].map(() => replicas.call('shared', 'serve', [server])))
    expect(new Set(ports)).to.have.keys(portOf(server))
    const spaces = pool.stats().spaces.filter(({ key }) => key === replicas.key)
    const pids = new Set(spaces.map(({ pid }) => String(pid)))
    server.close()
    servers.delete(server)
    const answered = new Set<string>()
    // Whoever has answered is stopped, so that it is the turn of another one.
    for (let asked = 0; asked < 3; asked++) {
      const pid = await ask(ports[0] as number)
      answered.add(pid)
      process.kill(Number(pid), 'SIGSTOP')
    }
    for (const pid of answered) process.kill(Number(pid), 'SIGCONT')
    expect(answered).to.deep.equal(pids)
  })

  it('a server goes on listening here until it is closed here', async () => {
    const server = await listening()
    await set.call('sockets', 'keep', [server])
    expect(server.listening).to.equal(true)
    expect(portOf(server)).to.be.greaterThan(0)
  })

  it('a socket moves to the space, and is no longer open here', async () => {
    const { client, socket } = await connection()
    await set.call('sockets', 'answer', [socket, 'from there'])
    expect(await textOf(client)).to.equal('from there')
    expect(socket.writable && socket.remoteAddress !== undefined).to.equal(false)
  })

  it('a dgram socket moves to the space, and stays open here until it is closed here', async () => {
    const socket = await bound()
    await set.call('sockets', 'echo', [socket])
    const { port } = socket.address()
    servers.delete(socket)
    socket.close()
    const asking = await bound()
    asking.send('hello', port, '127.0.0.1')
    const [answer] = (await once(asking, 'message')) as [Buffer]
    const pid = await set.call<number>('sockets', 'pid')
    expect(String(answer)).to.equal(`hello ${pid}`)
  })

  it('several of them at any depth move with one call', async () => {
    const [first, second, third] = [await connection(), await connection(), await connection()]
    const sockets = new Map([
      ['first', first.socket],
      ['second', second.socket]
    ])
    const kinds = await set.call('sockets', 'kindsOf', [await listening(), await bound(), third.socket])
    expect(kinds).to.deep.equal(['Server', 'Socket', 'Socket'])
    expect(await set.call('sockets', 'answerAll', [sockets])).to.equal(2)
    const pid = await set.call<number>('sockets', 'pid')
    expect(await textOf(first.client)).to.equal(`first ${pid}`)
    expect(await textOf(second.client)).to.equal(`second ${pid}`)
    third.client.destroy()
  })

  it('the same one twice in a call is one there', async () => {
    const server = await listening()
    expect(await set.call('sockets', 'sameTwice', [server, server])).to.equal(true)
  })

  it('they move with chains as well', async () => {
    const sockets = pool.use<Sockets>('sockets')
    const { client, socket } = await connection()
    await sockets.answer(socket, 'by a chain')
    expect(await textOf(client)).to.equal('by a chain')
    const server = await listening()
    expect(await new sockets.Keeper().keep({ inner: [server] }).kind()).to.equal('Server')
  })

  it('the steps of one chain may share one', async () => {
    const sockets = pool.use<Sockets>('sockets')
    const { client, socket } = await connection()
    await new sockets.Keeper().keep(socket).answer(socket, 'once')
    expect(await textOf(client)).to.equal('once')
  })

  it('they move with calls and chains that had to wait for their space', async () => {
    const later = newPool({ handles: true })
    const adding = later.add('sockets')
    const [called, chained] = [await connection(), await connection()]
    const answers = [
      later.call('sockets', 'answer', [called.socket, 'queued call']),
      later.use<Sockets>('sockets').answer(chained.socket, 'queued chain')
    ]
    await Promise.all([adding, ...answers])
    expect(await textOf(called.client)).to.equal('queued call')
    expect(await textOf(chained.client)).to.equal('queued chain')
  })

  it('they move with calls that are large', async () => {
    const { client, socket } = await connection()
    await set.call('sockets', 'answer', [socket, 'x'.repeat(200_000)])
    expect(await textOf(client)).to.have.length(200_000)
  })

  it('requests are carried out in the order in which they were made, whichever have a socket', async () => {
    const server = await listening()
    const notes = ['first', server, 'second', await bound(), 'third']
    await Promise.all(notes.map((note) => set.call('sockets', 'note', [note])))
    expect(await set.call('sockets', 'noted')).to.deep.equal(['first', 'Server', 'second', 'Socket', 'third'])
  })

  it('a reference that is released behind a step with a socket is still there for it', async () => {
    const sockets = pool.use<Sockets>('sockets')
    const keeper = await new sockets.Keeper()
    const kept = keeper.keep(await listening()).kind()
    keeper[Symbol.dispose]()
    expect(await kept).to.equal('Server')
  })

  it('what is closed, was moved before, or does not listen is refused with its place', async () => {
    const { client, socket } = await connection()
    const closed = await connection()
    closed.socket.destroy()
    const parameters = [{ inner: [closed.socket] }]
    const error = await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', set.call('sockets', 'keep', parameters))
    expect(error).to.include({ place: 'parameters[0].inner[0]' })
    expect(error.reason).to.match(/closed/)
    await set.call('sockets', 'answer', [socket])
    await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', set.call('sockets', 'answer', [socket]))
    const silent = await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', set.call('sockets', 'keep', [createServer()]))
    expect(silent.reason).to.match(/does not listen/)
    const unbound = createSocket('udp4')
    await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', set.call('sockets', 'keep', [unbound]))
    unbound.close()
    await textOf(client)
    closed.client.destroy()
  })

  it('a queued call whose socket was closed meanwhile is refused with its place', async () => {
    const later = newPool({ handles: true })
    const adding = later.add('sockets')
    const { client, socket } = await connection()
    const answer = errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', later.call('sockets', 'keep', [[socket]]))
    socket.destroy()
    await adding
    expect(await answer).to.include({ place: 'parameters[0][0]' })
    client.destroy()
  })

  it('sockets on their way are closed when the space crashes, and the call rejects', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => connection()))
    const crash = set.call('sockets', 'crash').catch((error: unknown) => error)
    const lost = all.map(({ socket }) =>
      errorOf('ERR_SPACEPOOL_SPACE_CRASHED', set.call('sockets', 'keep', [socket]))
    )
    await Promise.all([crash, ...lost, ...all.map(({ client }) => textOf(client))])
    expect(await set.call('sockets', 'pid')).to.be.a('number')
  })

  it('a call whose socket cannot arrive is refused when that is known, and those behind it go on', async () => {
    await set.call('sockets', 'disconnect')
    const { client, socket } = await connection()
    const refused = errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', set.call('sockets', 'keep', [socket]))
    const pid = set.call('sockets', 'pid')
    expect((await refused).reason).to.match(/IPC channel/)
    expect(await pid).to.be.a('number')
    socket.destroy()
    client.destroy()
  })

  it('a call that waits for its socket can be aborted', async () => {
    await set.call('sockets', 'keep', [await listening()])
    await set.call('sockets', 'deafen')
    const { client, socket } = await connection()
    const controller = new AbortController()
    const waiting = set.call('sockets', 'answer', [socket], { signal: controller.signal })
    const behind = set.call('sockets', 'pid')
    controller.abort()
    expect(await waiting.catch((error: unknown) => error)).to.equal(controller.signal.reason)
    expect(await behind).to.be.a('number')
    await pool.destroy()
    await textOf(client)
  })

  it('they keep neither the program nor the space alive', async () => {
    const host = new Host('hasMovedSockets')
    const spaces = await host.says<number[]>()
    const { code, said } = await host.ends()
    expect(code).to.equal(0)
    expect((said[0] as { after: number }).after).to.be.below(500)
    expect(await stillRunning(spaces, 250)).to.deep.equal([])
  })

  it('what packages send by process.send neither stays in this process nor harms it', async () => {
    for (const message of ['text', { cmd: 'NODE_HANDLE_ACK' }, { cmd: 'NODE_HANDLE_NACK' }]) {
      await set.call('sockets', 'send', [message])
    }
    await set.call('sockets', 'send', [{ cmd: 'NODE_HANDLE', type: 'nothing', msg: 1 }])
    const { client, socket } = await connection()
    await set.call('sockets', 'answer', [socket, 'still there'])
    expect(await textOf(client)).to.equal('still there')
  })

  it('a flood of messages by process.send ends its space', async () => {
    const end = nextEvent(pool, 'spaceExit')
    void set.call('sockets', 'flood', [100_000]).catch(() => undefined)
    expect(await end).to.include({ reason: 'crash', cause: 'protocol' })
  })
})

describe('Without the option "handles"', () => {
  afterEach(async () => {
    await destroyPools()
    for (const server of servers) server.close()
    servers.clear()
  })

  it('sockets and servers among parameters are refused, and the reason names it', async () => {
    const pool = newPool()
    const set = await pool.add('sockets')
    const { client, socket } = await connection()
    for (const thing of [await listening(), socket, await bound()]) {
      const called = set.call('sockets', 'keep', [{ thing }])
      const error = await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', called)
      expect(error.place).to.equal('parameters[0].thing')
      expect(error.reason).to.match(/"handles": true/)
      const chain = Promise.resolve(pool.use<Sockets>('sockets').kindsOf({ thing }))
      const other = await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', chain)
      expect(other.place).to.equal('parameters[0].thing')
      expect(other.reason).to.match(/"handles": true/)
    }
    client.destroy()
    socket.destroy()
  })

  it('a set may have it', async () => {
    const pool = newPool()
    const set = await pool.add('sockets', { handles: true })
    const { client, socket } = await connection()
    await set.call('sockets', 'answer', [socket, 'by its set'])
    expect(await textOf(client)).to.equal('by its set')
  })
})

async function listening(): Promise<Server> {
  const server = createServer({ pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  servers.add(server)
  await once(server, 'listening')
  return server
}

async function bound(): Promise<DatagramSocket> {
  const socket = createSocket('udp4')
  servers.add(socket)
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function connection(): Promise<{ client: Socket; socket: Socket }> {
  const server = await listening()
  const client = connect(portOf(server), '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  server.close()
  servers.delete(server)
  return { client, socket }
}

async function textOf(client: Socket): Promise<string> {
  let text = ''
  client.on('data', (data) => (text += String(data)))
  client.on('error', () => undefined)
  if (!client.destroyed) await once(client, 'close')
  return text
}

async function ask(port: number): Promise<string> {
  return textOf(connect(port, '127.0.0.1'))
}
