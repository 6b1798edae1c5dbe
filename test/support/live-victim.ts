import { setImmediate as turn } from 'node:timers/promises'
import { ProtocolViolation } from '../../lib/wire/byte-reader.js'
import type { OwnerMessage } from '../../lib/wire/connection-owner.js'
import { errorFromRefusal } from '../../lib/errors.js'
import { Refusal } from '../../lib/wire/refusal.js'
import type { Target } from '../../lib/wire/messages.js'
import { Sink } from './conversation.js'
import { HandFedChannel } from './hand-fed-channel.js'
import { LiveHost } from './live-conversation.js'
import { LiveUse, type Part } from './live-use.js'
import { violationOf } from './victim.js'

export const LIVE_LIMITS = { maxBytes: 4 * 1024 * 1024, maxCallbacks: 100 }

/** What both ends need for whatever they do by themselves. */
export async function settle(turns = 4): Promise<void> {
  for (let left = turns; left > 0; left--) await turn()
}

/** A host that takes what a pool takes from a space, and nothing else, and makes the same errors of it. */
class StrictHost extends LiveHost {
  refusalOfInvocation({ code, details }: Refusal): Error {
    return errorFromRefusal(code, details)
  }

  override errorFor(problem: unknown): unknown {
    return problem instanceof Refusal ? this.refusalOfInvocation(problem) : problem
  }

  override message(message: OwnerMessage, functions: number): void {
    if (!['ready', 'report', 'trouble'].includes(message.type)) {
      throw new ProtocolViolation(`a message of type ${message.type}`)
    }
    super.message(message, functions)
  }
}

/** A host with everything live under way, whose space is the test. */
export class LiveVictim {
  readonly channel = new HandFedChannel()
  readonly host = new StrictHost(this.channel, LIVE_LIMITS)
  readonly use: LiveUse
  private readonly sinks: Sink[] = []

  /** `parts`: of what it does. */
  constructor(parts: readonly Part[]) {
    if (parts.includes('calls')) this.callAll()
    this.use = new LiveUse(this.host, parts)
  }

  get isOpen(): boolean {
    return this.host.connection.isOpen
  }

  get violation(): ProtocolViolation | undefined {
    return violationOf(this.host, this.channel)
  }

  /** The space is gone: whatever waits for it hears of that, and nothing is kept. */
  async end(): Promise<void> {
    const { host, sinks, use } = this
    use.watchLent()
    host.connection.close()
    for (let turns = 0; turns < 50 && use.open.size > 0; turns++) await turn()
    if (use.open.size > 0) throw new Error(`never settled: ${[...use.open.keys()].join(', ')}`)
    if (sinks.some(({ outcomes }) => outcomes.length !== 1)) throw new Error('not answered once')
    const { inFlight, lent } = host.connection
    if (inFlight > 0 || lent.size > 0) {
      throw new Error(`${inFlight} in flight and ${lent.size} lent at the end`)
    }
  }

  /** Calls, and the other messages that only a host sends, so that a space may send them back. */
  private callAll(): void {
    const { host, sinks } = this
    const { connection } = host
    const back = (value: unknown): unknown => value
    const later = async (value: unknown): Promise<unknown> => value
    sinks.push(host.request(['row', back, later]), host.request(['refused']))
    sinks.push(host.request(['never', new AbortController().signal]))
    const [added, heard, called] = [new Sink(), new Sink(), new Sink()]
    sinks.push(added, heard, called)
    const load = { name: 'package', as: 'package', paths: ['/'] }
    const target: Target = { package: 'package', path: 'a.b' }
    connection.send({ type: 'hello', version: 1, ...LIVE_LIMITS })
    connection.request({ type: 'add', id: 0, load, parameters: [1] }, added)
    connection.request({ type: 'ping', id: 0 }, heard)
    const contexts = [{ user: 1 }] as const
    const id = connection.request({ type: 'call', id: 0, target, parameters: ['never'], contexts }, called)
    for (const message of [{ type: 'cancel', id }, { type: 'collect' }, { type: 'stop' }] as const) {
      connection.send(message)
    }
  }
}
