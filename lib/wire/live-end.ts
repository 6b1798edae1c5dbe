import { ProtocolViolation } from './byte-reader.js'
import { Reference, type Base, type Home } from './chain.js'
import type { ConnectionOwner } from './connection-owner.js'
import { DirectHome, type ScriptLine } from './direct-home.js'
import { loseStandIn } from './far-stream.js'
import { keepPlace } from './handles.js'
import type { ReferenceTable } from './live-reader.js'
import type { Outcome, ScriptMessage } from './messages.js'
import { UNANSWERED_LIMIT } from './protocol-limits.js'
import type { BorrowedThings, LentThings } from './references.js'
import { Refusal } from './refusal.js'
import { proxyOfReference } from './remote-proxy.js'
import { ScriptRun, type ScriptHost } from './script-run.js'
import { standInFor } from './stand-ins.js'
import type { StreamKind } from './stream-kinds.js'
import { StreamLine, type StreamCarrier } from './stream-line.js'
import { UnansweredScripts } from './unanswered-scripts.js'

/** What it needs of a Connection. */
export interface LiveLine extends ScriptLine {
  tell(outcome: Outcome, ordered: boolean): void
  /** What this end was overloaded with is answered. */
  relieved(): void
}

/** What live objects are at one end of a connection: those of the other side, and those of this one that it uses. */
export class LiveEnd implements ReferenceTable {
  private readonly directHome: Home
  private readonly streamCarrier: StreamCarrier
  private readonly unanswered: UnansweredScripts

  constructor(
    private readonly line: LiveLine,
    private readonly owner: ConnectionOwner,
    private readonly lent: LentThings,
    private readonly borrowed: BorrowedThings,
    private readonly errorOf: (refusal: Refusal) => Error,
    /** Scripts at most that the other side may wait for. It keeps to that itself. */
    most = UNANSWERED_LIMIT
  ) {
    this.unanswered = new UnansweredScripts(lent, most, () => line.relieved())
    this.directHome = new DirectHome(line)
    this.streamCarrier = {
      request: (request, sink, ordered) => line.request(request, sink, ordered),
      asked: (change) => owner.streamAsked?.(change),
      errorOf,
      loss: () => this.loss()
    }
  }

  borrowObject(number: number, label: string): unknown {
    return this.borrowReference(number, label, 'object')
  }

  borrowFunction(number: number, length: number, name: string, isNamesake: boolean): unknown {
    if (this.owner.functionsAreReferences === true) {
      return this.borrowReference(number, name, isNamesake ? 'namesake' : 'function')
    }
    return this.borrowed.borrowFunction(number, length, name, true)
  }

  borrowStream(number: number, kind: StreamKind): unknown {
    const make = (): Reference => new Reference(this.home, number, kind.label, 'object')
    const reference = this.borrowed.borrow(number, 'reference', make) as Reference
    if (reference.proxy !== undefined) return reference.proxy
    const standIn = standInFor(kind, new StreamLine(reference, this.streamCarrier))
    keepPlace(standIn, { base: reference, path: [] })
    return (reference.proxy = standIn)
  }

  lentThing(number: number): unknown {
    const { lent, live } = this.lent.get(number)
    if (!live) throw new ProtocolViolation('a use of what was not lent live')
    return lent
  }

  private borrowReference(number: number, label: string, form: Reference['form']): object {
    const make = (): Reference => new Reference(this.home, number, label, form)
    return proxyOfReference(this.borrowed.borrow(number, 'reference', make) as Reference)
  }

  /** Whether this is one of the other side, at this end of it. */
  isThere(base: Base): boolean {
    if (base.kind === 'step') return true
    return base.kind === 'root' ? this.home.holds(base) : base.destination === this.home
  }

  private get home(): Home {
    return this.owner.home ?? this.directHome
  }

  /** Carries out what the other side wants. `size`: of the message, in bytes. */
  runScript(message: ScriptMessage, hasOperands: boolean, functions: number, size: number): void {
    if (this.owner.script !== undefined) return this.owner.script(message, hasOperands, functions > 0)
    this.owner.invoked()
    if (!message.steps.some(({ wanted }) => wanted)) {
      throw new ProtocolViolation('a script that nobody waits for')
    }
    const answered = this.unanswered.begin(message, size)
    const tell = (outcome: Outcome): void => {
      if (outcome.last) answered()
      this.line.tell(outcome, true)
    }
    new ScriptRun(message, { ...this.scriptHost, tell }, hasOperands).start()
  }

  /** What the other side wants carried out, and has begun here, takes too much to read more of it. */
  get isOverloaded(): boolean {
    return this.unanswered.areTooHeavy
  }

  /** Why what stands here for what is over there ends when the other side is gone. */
  loss(): Promise<unknown> {
    return this.owner.loss?.() ?? Promise.resolve(this.errorOf(new Refusal('REFERENCE_RELEASED', {})))
  }

  /** The connection is over, and for this reason what stands here for what is over there. */
  close(loss: Promise<unknown>): void {
    for (const stand of this.borrowed.held()) {
      const { proxy } = stand as Partial<Reference>
      if (proxy !== undefined) void loss.then((reason) => loseStandIn(proxy, reason))
    }
  }

  /** For scripts of the other side that use what this one lent. */
  private readonly scriptHost: Omit<ScriptHost, 'tell'> = {
    root: (name) => {
      throw new Refusal('PACKAGE_NOT_ADDED', { package: name })
    },
    lentThing: (number) => this.lentThing(number),
    scopeOf: (number) => this.lent.get(number).scope
  }
}
