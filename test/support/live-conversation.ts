import { Root, type Home, type Step } from '../../lib/wire/chain.js'
import type { Channel } from '../../lib/wire/channel.js'
import type { ConnectionLimits } from '../../lib/wire/connection-owner.js'
import { memoryChannelPair, type MemoryChannel } from '../../lib/wire/memory-channel.js'
import type { ScriptMessage } from '../../lib/wire/messages.js'
import { Refusal } from '../../lib/wire/refusal.js'
import { proxyOfRoot } from '../../lib/wire/remote-proxy.js'
import type { Script } from '../../lib/wire/script.js'
import { ScriptRun } from '../../lib/wire/script-run.js'
import { Side } from './conversation.js'

/** What a chain in a test may do: anything. */
export type Anything = PromiseLike<unknown> &
  ((...parameters: unknown[]) => Anything) &
  (new (...parameters: unknown[]) => Anything)

/** A member of anything. */
export function at(from: unknown, ...path: string[]): Anything {
  return path.reduce(
    (holder, name) => Reflect.get(Object(holder) as object, name) as object,
    from
  ) as Anything
}

/** The host's end of a conversation about live objects. */
export class LiveHost extends Side implements Home {
  readonly functionsAreReferences = true
  readonly unseen: unknown[] = []
  /** Scripts that were sent, or failed. */
  scripts = 0

  constructor(channel: Channel, limits: ConnectionLimits) {
    super(channel, limits)
  }

  get home(): Home {
    return this
  }

  get lane(): object {
    return this
  }

  get maxBytes(): number {
    return this.connection.limits.maxBytes
  }

  get isOpen(): boolean {
    return this.connection.isOpen
  }

  holds(root: Root): boolean {
    return root.destination === this
  }

  /** A package of the space. */
  use(name: string): Anything {
    return proxyOfRoot(new Root(name, this)) as Anything
  }

  submit(sent: Parameters<Home['submit']>[0]): void {
    const script = sent as Script
    this.scripts++
    const fail = (problem: unknown): void => script.fail(problem)
    try {
      this.connection.request(
        script.message(),
        {
          isScript: true,
          outcome: (outcome) => script.settle(outcome),
          // As in the pool: an answer that is no outcome settles nothing.
          ...{ answered: ignore, failed: fail, lost: () => fail(new Error('lost')) },
          refused: (code, details) => fail(new Refusal(code, details))
        },
        true
      )
    } catch (error) {
      fail(error)
    }
  }

  errorFor(problem: unknown, step: Step): unknown {
    void step
    return problem
  }

  unobserved(error: unknown): void {
    this.unseen.push(error)
  }

  release(reference: Parameters<Home['release']>[0]): void {
    this.connection.giveBack(reference)
  }
}

/** The space's end, which carries out scripts. */
export class LiveSpace extends Side {
  readonly packages = new Map<string, unknown>()
  /** How many steps the scripts had that came. */
  readonly scripts: number[] = []

  script(message: ScriptMessage, hasOperands: boolean, ordered: boolean): void {
    const { connection } = this
    this.scripts.push(message.steps.length)
    const root = (name: string): unknown => {
      if (!this.packages.has(name)) throw new Refusal('PACKAGE_NOT_ADDED', { package: name })
      return this.packages.get(name)
    }
    const lentThing = (number: number): unknown => connection.lentThing(number)
    new ScriptRun(
      message,
      { root, lentThing, tell: (outcome) => connection.tell(outcome, ordered) },
      hasOperands
    ).start()
  }
}

export interface LiveConversation {
  host: LiveHost
  space: LiveSpace
  hostChannel: MemoryChannel
}

/** A host and a space that speak of live objects in memory. */
export function liveConversation(
  packages: Record<string, unknown> = {},
  maxCallbacks = 10_000
): LiveConversation {
  const [hostChannel, spaceChannel] = memoryChannelPair({})
  const limits = { maxBytes: 16 * 1024 * 1024, maxCallbacks }
  const space = new LiveSpace(spaceChannel, limits)
  for (const [name, exported] of Object.entries(packages)) space.packages.set(name, exported)
  return { host: new LiveHost(hostChannel, limits), space, hostChannel }
}

/** A promise of what a chain settles to. */
export async function wait(chain: PromiseLike<unknown>): Promise<unknown> {
  return await chain
}

const ignore = (): void => undefined
