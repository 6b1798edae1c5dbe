import { WebSocketClient, type WebSocketAddress, type WebSocketListener } from './web-socket.js'

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/**
 * A conversation with the inspector of another process: each request gets its answer, or a rejection when it cannot
 * be carried out or the conversation ends. What the inspector tells unasked is not listened to. Nothing of it can be
 * relied on: the other process may run anything.
 */
export class InspectorSession implements WebSocketListener {
  /** Settles when it has begun, or cannot: whether it has. */
  readonly isOpen: Promise<boolean>
  /** Settles when the conversation is over. */
  readonly over: Promise<void>
  private readonly socket: WebSocketClient
  private readonly waiting = new Map<number, Waiting>()
  private settleOpen!: (isOpen: boolean) => void
  private settleOver!: () => void
  private isOver = false
  private requests = 0

  constructor(address: WebSocketAddress) {
    this.isOpen = new Promise((resolve) => (this.settleOpen = resolve))
    this.over = new Promise((resolve) => (this.settleOver = resolve))
    this.socket = new WebSocketClient(address, this)
  }

  /** Its result, of whatever kind. */
  async ask(method: string, parameters: Record<string, unknown> = {}): Promise<unknown> {
    if (!(await this.isOpen) || this.isOver) throw new Error('the conversation is over')
    const id = ++this.requests
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      this.socket.send(JSON.stringify({ id, method, params: parameters }))
    })
  }

  end(): void {
    this.socket.close()
  }

  opened(): void {
    this.settleOpen(true)
  }

  message(text: string): void {
    const { id, result, error } = JSON.parse(text) as Partial<Record<'id' | 'result' | 'error', unknown>>
    const waiting = this.waiting.get(id as number)
    if (waiting === undefined) return
    this.waiting.delete(id as number)
    if (error === undefined) waiting.resolve(result)
    else waiting.reject(new Error(`the inspector refuses: ${JSON.stringify(error)}`))
  }

  ended(): void {
    this.isOver = true
    this.settleOpen(false)
    for (const waiting of this.waiting.values()) waiting.reject(new Error('the conversation is over'))
    this.waiting.clear()
    this.settleOver()
  }
}
