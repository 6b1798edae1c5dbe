import { expect } from 'chai'
import { EventEmitter, once } from 'node:events'
import { Connection } from '../../lib/wire/connection.js'
import type { ConnectionLimits, ConnectionOwner, OwnerMessage } from '../../lib/wire/connection-owner.js'
import type { Channel } from '../../lib/wire/channel.js'
import {
  memoryChannelPair,
  type MemoryChannel,
  type MemoryChannelOptions
} from '../../lib/wire/memory-channel.js'
import type { Call, Target } from '../../lib/wire/messages.js'
import type { Packed } from '../../lib/wire/packed.js'
import type { RequestSink } from '../../lib/wire/pending.js'
import { Refusal, type RefusalCode } from '../../lib/wire/refusal.js'
import { isThenable } from '../../lib/wire/thenable.js'

const target: Target = { package: 'package', path: 'path' }

/** How a request ended; `later`, so that a value with a `then` of its own is not waited for. */
export type Outcome =
  | { kind: 'answered'; value: unknown }
  | { kind: 'failed'; error: unknown }
  | { kind: 'refused'; code: RefusalCode; details: Record<string, unknown> }
  | { kind: 'lost' }

/** Waits for the answer of one request, and counts how often it came. */
export class Sink implements RequestSink {
  readonly outcomes: Outcome[] = []
  private readonly news = new EventEmitter()

  answered(value: unknown): void {
    this.settle({ kind: 'answered', value })
  }

  failed(error: unknown): void {
    this.settle({ kind: 'failed', error })
  }

  refused(code: RefusalCode, details: Record<string, unknown>): void {
    this.settle({ kind: 'refused', code, details })
  }

  lost(): void {
    this.settle({ kind: 'lost' })
  }

  async answer(): Promise<Outcome> {
    if (this.outcomes.length === 0) await once(this.news, 'settled')
    return this.outcomes[0] as Outcome
  }

  private settle(outcome: Outcome): void {
    this.outcomes.push(outcome)
    this.news.emit('settled')
  }
}

/** One end of a conversation, which answers the calls of the other end with what `handle` makes of their parameters. */
export class Side implements ConnectionOwner {
  readonly connection: Connection
  handle: (...parameters: never[]) => unknown = (first: unknown) => first
  /** What came, without what it held, which would not be collected. */
  readonly messages: Pick<OwnerMessage, 'type'>[] = []
  readonly endings: (Error | undefined)[] = []
  readonly troubles: Refusal[] = []
  readonly failures: unknown[] = []
  invocations = 0
  alarms = 0
  releases = 0
  private readonly canceled = new Set<number>()
  private readonly news = new EventEmitter()

  constructor(channel: Channel, limits: ConnectionLimits) {
    this.connection = new Connection(channel, this, limits)
  }

  /** Calls the other end; rejects with what it failed with, or with a Refusal. */
  async call(...parameters: unknown[]): Promise<unknown> {
    return (await this.callLater(parameters)).value
  }

  /** The same, but a value with a `then` is not waited for. */
  async callLater(parameters: unknown[] | Packed): Promise<{ value: unknown }> {
    const outcome = await this.request(parameters).answer()
    if (outcome.kind === 'answered') return { value: outcome.value }
    if (outcome.kind === 'failed') throw outcome.error
    throw outcome.kind === 'refused' ? new Refusal(outcome.code, outcome.details) : new Error('lost')
  }

  /** Calls the other end; a value that cannot cross is thrown at once. */
  request(parameters: unknown[] | Packed): Sink {
    const sink = new Sink()
    this.connection.request({ type: 'call', id: 0, target, parameters }, sink)
    return sink
  }

  message(message: OwnerMessage, functions: number): void {
    this.messages.push({ type: message.type })
    if (message.type === 'call') this.answer(message, functions > 0)
    if (message.type === 'cancel') this.cancel(message.id)
    this.news.emit('news')
  }

  invoked(): void {
    this.invocations++
    this.news.emit('news')
  }

  callbackFailed(error: unknown): void {
    this.failures.push(error)
    this.news.emit('news')
  }

  trouble(refusal: Refusal): void {
    this.troubles.push(refusal)
  }

  crowded(): void {
    this.alarms++
    this.connection.send({ type: 'collect' })
  }

  relieved(): void {}

  released(): void {
    this.releases++
    this.news.emit('news')
  }

  connectionEnded(cause: Error | undefined): void {
    this.endings.push(cause)
    this.news.emit('news')
  }

  /** Waits until what this side was told makes the condition true. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.news, 'news')
  }

  private answer({ id, parameters }: Call, ordered: boolean): void {
    const { connection } = this
    let result: unknown
    try {
      result = this.handle(...(parameters as never[]))
      if (!isThenable(result)) return connection.answer(id, result, ordered)
    } catch (error) {
      return connection.fail(id, error, ordered)
    }
    void Promise.resolve(result).then(
      (value) => this.canceled.has(id) || connection.answer(id, value, ordered),
      (error: unknown) => this.canceled.has(id) || connection.fail(id, error, ordered)
    )
  }

  private cancel(id: number): void {
    this.canceled.add(id)
    this.connection.refuse(id, new Refusal('CANCELED', {}))
  }
}

export interface Conversation {
  host: Side
  space: Side
  hostChannel: MemoryChannel
  spaceChannel: MemoryChannel
}

export interface ConversationOptions extends MemoryChannelOptions {
  maxBytes?: number
  maxCallbacks?: number
}

/** Two connections that speak with each other in memory. */
export function conversation(options: ConversationOptions = {}): Conversation {
  const { maxBytes = 256 * 1024 * 1024, maxCallbacks = 10_000, ...channelOptions } = options
  const [hostChannel, spaceChannel] = memoryChannelPair(channelOptions)
  const limits = { maxBytes, maxCallbacks }
  return {
    host: new Side(hostChannel, limits),
    space: new Side(spaceChannel, limits),
    hostChannel,
    spaceChannel
  }
}

/**
 * For a suite: begins a conversation before each test, tells `begun` of it, and ends it after the test, which fails when
 * either side broke the protocol. The function that it gives begins another one instead.
 */
export function conversationOfEachTest(
  begun: (talk: Conversation) => void
): (options?: ConversationOptions) => Conversation {
  let talk: Conversation
  const start = (options: ConversationOptions = {}): Conversation => {
    talk = conversation(options)
    begun(talk)
    return talk
  }
  beforeEach(() => void start())
  afterEach(() => {
    const { host, space } = talk
    host.connection.close()
    space.connection.close()
    expect([...host.endings, ...space.endings].filter((cause) => cause !== undefined)).to.deep.equal([])
  })
  return start
}
