import { createHash, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { readFrame, TEXT, textFrame } from './web-socket-frames.js'

export interface WebSocketAddress {
  readonly port: number
  /** With its slash. */
  readonly path: string
}

/** Who hears what comes. */
export interface WebSocketListener {
  opened(): void
  message(text: string): void
  /** Nothing was opened, or nothing comes any more. Told once, and last. */
  ended(): void
}

/** What RFC 6455 adds to the key. */
const ACCEPTED = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** Bytes of the answer to the upgrade; Node's has 129. */
const LONGEST_HEAD = 4096
/** Bytes of a message, and of all that comes; more end the connection. A stack takes some KiB. */
const LONGEST_MESSAGE = 256 * 1024
const MOST_BYTES = 1024 * 1024

/**
 * A WebSocket to a port of this machine, as far as Node's inspector needs one: Node 20 has no client of its own. Texts
 * in single frames go both ways, without extensions; whatever else comes ends it. It does not keep this process alive.
 */
export class WebSocketClient {
  private readonly socket: Socket
  private readonly key = randomBytes(16).toString('base64')
  private received: Buffer = Buffer.alloc(0)
  private total = 0
  private state: 'opening' | 'open' | 'ended' = 'opening'

  constructor(
    address: WebSocketAddress,
    private readonly listener: WebSocketListener
  ) {
    this.socket = connect({ host: '127.0.0.1', port: address.port, noDelay: true }).unref()
    this.socket.on('data', (bytes) => this.receive(bytes))
    this.socket.on('error', () => this.close())
    this.socket.on('close', () => this.close())
    this.socket.write(upgrade(address, this.key))
  }

  /** Only when it is open. */
  send(text: string): void {
    this.socket.write(textFrame(text))
  }

  close(): void {
    if (this.state === 'ended') return
    this.state = 'ended'
    this.socket.destroy()
    this.listener.ended()
  }

  private receive(bytes: Buffer): void {
    this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes])
    this.total += bytes.length
    try {
      if (this.total > MOST_BYTES) throw new Error('too much')
      if (this.state === 'opening') this.readHead()
      while (this.state === 'open' && this.readMessage());
    } catch {
      this.close()
    }
  }

  private readHead(): void {
    const end = this.received.indexOf('\r\n\r\n')
    if (end === -1 && this.received.length < LONGEST_HEAD) return
    const head = this.received.subarray(0, Math.max(end, 0)).toString('latin1')
    const accepted = createHash('sha1')
      .update(this.key + ACCEPTED)
      .digest('base64')
    const [status = '', ...fields] = head.split('\r\n')
    const answer = fields.find((field) => /^sec-websocket-accept:/i.test(field))
    if (!/^HTTP\/1\.1 101 /.test(status) || answer?.slice(answer.indexOf(':') + 1).trim() !== accepted) {
      throw new Error('no upgrade')
    }
    this.received = this.received.subarray(end + 4)
    this.state = 'open'
    this.listener.opened()
  }

  /** Whether there was one. */
  private readMessage(): boolean {
    const frame = readFrame(this.received, LONGEST_MESSAGE)
    if (frame === undefined) return false
    if (frame.opcode !== TEXT) throw new Error('no text')
    this.received = this.received.subarray(frame.size)
    this.listener.message(frame.payload.toString('utf8'))
    return true
  }
}

function upgrade({ port, path }: WebSocketAddress, key: string): string {
  const fields = [
    ...[`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: Upgrade', 'Upgrade: websocket'],
    ...['Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`]
  ]
  return `${fields.join('\r\n')}\r\n\r\n`
}
