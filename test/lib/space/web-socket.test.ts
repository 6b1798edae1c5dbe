import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { WebSocketClient, type WebSocketListener } from '../../../lib/space/web-socket.js'

let close: () => void = () => undefined
afterEach(() => close())

describe('A WebSocket', () => {
  it('speaks with a server that others have written', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/secret' })
    close = () => server.close()
    await once(server, 'listening')
    server.on('connection', (socket: WebSocket) => {
      socket.on('message', (data: Buffer) => socket.send(`you said ${data.toString()}`))
    })
    const listener = new Listener()
    const client = new WebSocketClient(
      { port: (server.address() as AddressInfo).port, path: '/secret' },
      listener
    )
    await listener.has('opened')
    const texts = ['hello', 'é'.repeat(40_000), '']
    for (const text of texts) client.send(text)
    await listener.has(`you said ${texts.at(-1)}`)
    expect(listener.heard).to.deep.equal(['opened', ...texts.map((text) => `you said ${text}`)])
    client.close()
    client.close()
    expect(listener.heard.slice(4)).to.deep.equal(['ended'])
  })

  it('takes what comes in pieces of one byte, and several messages in one piece', async () => {
    const port = await serve((socket, accept) => {
      const bytes = Buffer.concat([Buffer.from(accept), frame('one'), frame('two'), frame('three')])
      for (const byte of bytes.subarray(0, -15)) socket.write(Buffer.from([byte]))
      socket.end(bytes.subarray(-15))
    })
    expect(await conversation(port)).to.deep.equal(['opened', 'one', 'two', 'three', 'ended'])
  })

  it('ends where nobody listens', async () => {
    const port = await serve(() => undefined)
    close()
    expect(await conversation(port)).to.deep.equal(['ended'])
  })

  const answers: [title: string, answer: (accept: string) => string | Buffer][] = [
    ['another status', () => 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['no proof that it read the key', () => 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['another proof', (accept) => accept.replace(/accept: ./i, 'Accept: =')],
    ['a head that has no end', () => 'HTTP/1.1 101 Switching Protocols\r\n'.repeat(200)],
    ['anything else', () => Buffer.alloc(10_000)]
  ]
  for (const [title, answer] of answers) {
    it(`is not opened by a server that answers with ${title}`, async () => {
      const port = await serve((socket, accept) => void socket.write(answer(accept)))
      expect(await conversation(port)).to.deep.equal(['ended'])
    })
  }

  const messages: [title: string, bytes: Buffer][] = [
    ['closes', Buffer.from([0x88, 0])],
    ['sends something binary', Buffer.from([0x82, 1, 1])],
    ['sends a part of a text', Buffer.from([0x01, 1, 65])],
    ['sends a masked text', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 65])],
    ['announces more than 256 KiB', Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 4, 0, 1])]
  ]
  for (const [title, bytes] of messages) {
    it(`ends with a server that ${title}`, async () => {
      const port = await serve((socket, accept) => {
        socket.write(Buffer.concat([Buffer.from(accept), frame('before'), bytes, frame('after')]))
      })
      expect(await conversation(port)).to.deep.equal(['opened', 'before', 'ended'])
    })
  }

  it('ends when 1 MiB has come', async () => {
    const port = await serve((socket, accept) => {
      socket.write(accept)
      for (let count = 0; count < 100_000; count++) socket.write(frame('twenty characters ...'))
    })
    expect((await conversation(port)).length).to.be.within(1000, (1024 * 1024) / 20)
  })

  it('ends with a listener that cannot take a message', async () => {
    const port = await serve((socket, accept) => {
      socket.write(Buffer.concat([Buffer.from(accept), frame('unbearable'), frame('after')]))
    })
    expect(await conversation(port)).to.deep.equal(['opened', 'unbearable', 'ended'])
  })
})

class Listener implements WebSocketListener {
  readonly heard: string[] = []
  private told: () => void = () => undefined

  opened(): void {
    this.hear('opened')
  }

  message(text: string): void {
    this.hear(text)
    if (text === 'unbearable') throw new Error(text)
  }

  ended(): void {
    this.hear('ended')
  }

  async has(text: string): Promise<void> {
    while (!this.heard.includes(text)) await new Promise<void>((resolve) => (this.told = resolve))
  }

  private hear(text: string): void {
    this.heard.push(text)
    this.told()
  }
}

async function conversation(port: number): Promise<string[]> {
  const listener = new Listener()
  new WebSocketClient({ port, path: '/' }, listener)
  await listener.has('ended')
  return listener.heard
}

/** A server that does this with each client that asks for an upgrade, given the right answer. */
async function serve(answer: (socket: Socket, accept: string) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', (bytes) => answer(socket, acceptance(bytes.toString())))
  })
  close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function acceptance(request: string): string {
  const [, key = ''] = /^Sec-WebSocket-Key: (\S+)\r$/m.exec(request) ?? []
  const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${proof}`]
  return `${['HTTP/1.1 101 Switching Protocols', ...fields].join('\r\n')}\r\n\r\n`
}

function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)])
}
