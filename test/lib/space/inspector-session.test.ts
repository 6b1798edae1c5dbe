import { expect } from 'chai'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { InspectorSession } from '../../../lib/space/inspector-session.js'

interface Request {
  id: number
  method: string
  params: Record<string, unknown>
}

let close: () => void = () => undefined
afterEach(() => close())

describe('A conversation with an inspector', () => {
  it('gives each request its own result, in whatever order they come', async () => {
    const kept: Request[] = []
    const session = await converse((request, send) => {
      kept.push(request)
      if (kept.length < 2) return
      for (const { id, method, params } of kept.reverse()) send({ id, result: { method, params } })
    })
    const results = await Promise.all([session.ask('A.first', { a: 1 }), session.ask('B.second')])
    expect(results).to.deep.equal([
      { method: 'A.first', params: { a: 1 } },
      { method: 'B.second', params: {} }
    ])
    session.end()
    await session.over
  })

  it('rejects what the inspector refuses', async () => {
    const session = await converse(({ id }, send) => send({ id, error: { code: -32_601, message: 'no' } }))
    expect(await rejection(session.ask('Unknown.method'))).to.include('"message":"no"')
    session.end()
  })

  it('does not listen to what was not asked for', async () => {
    const session = await converse(({ id }, send) => {
      for (const id of [-1, '1', {}, null, undefined, 'constructor']) send({ id, result: 'wrong' })
      send({ method: 'Debugger.scriptParsed', params: {} })
      send({ id, result: 'right' })
      send({ id, result: 'late' })
    })
    expect(await session.ask('x')).to.equal('right')
    session.end()
  })

  for (const text of ['null', 'not json', '{"id":']) {
    it(`is over with ${text}`, async () => {
      const session = await converse((request, send) => send(text))
      expect(await rejection(session.ask('x'))).to.equal('the conversation is over')
      await session.over
    })
  }

  it('rejects what waits when it ends, and what is asked afterwards', async () => {
    const session = await converse(() => undefined)
    const waiting = rejection(session.ask('x'))
    expect(await session.isOpen).to.equal(true)
    session.end()
    await session.over
    expect(await waiting).to.equal('the conversation is over')
    expect(await rejection(session.ask('y'))).to.equal('the conversation is over')
  })

  it('never begins where nobody listens', async () => {
    await converse(() => undefined)
    const port = closedPort()
    const session = new InspectorSession({ port, path: '/' })
    const asked = rejection(session.ask('x'))
    expect([await session.isOpen, await asked]).to.deep.equal([false, 'the conversation is over'])
    await session.over
  })
})

let closedPort: () => number = () => 0

async function converse(
  answer: (request: Request, send: (answer: unknown) => void) => void
): Promise<InspectorSession> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  close = () => {
    server.close()
    for (const client of server.clients) client.terminate()
  }
  closedPort = () => {
    close()
    return port
  }
  server.on('connection', (socket) => {
    const send = (value: unknown): void =>
      socket.send(typeof value === 'string' ? value : JSON.stringify(value))
    socket.on('message', (data: Buffer) => answer(JSON.parse(data.toString()) as Request, send))
  })
  return new InspectorSession({ port, path: '/' })
}

async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it was not rejected')
}
