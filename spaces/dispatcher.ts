import { ProtocolViolation } from '../lib/wire/byte-reader.js'
import type { Channel } from '../lib/wire/channel.js'
import { now } from '../lib/wire/clock.js'
import { Connection } from '../lib/wire/connection.js'
import type { ConnectionOwner, OwnerMessage } from '../lib/wire/connection-owner.js'
import {
  PROTOCOL_VERSION,
  type Add,
  type Call,
  type Hello,
  type ScriptMessage,
  type Target
} from '../lib/wire/messages.js'
import { inBrief } from '../lib/wire/in-words.js'
import { REPORT_EVERY } from '../lib/wire/protocol-limits.js'
import { Refusal } from '../lib/wire/refusal.js'
import type { Scope } from '../lib/wire/scope.js'
import { ScriptRun, type ScriptHost } from '../lib/wire/script-run.js'
import { isThenable } from '../lib/wire/thenable.js'
import type { Arrivals } from './arrivals.js'
import { scopeIn, scopeNow } from './context.js'
import { collectGarbage } from './garbage.js'
import { HeldRequests } from './held-requests.js'
import { withThings } from './held-script.js'
import { LoadedPackages } from './loaded-packages.js'
import { RunningRequests } from './running-requests.js'

/** What the dispatcher asks of the process it runs in. */
export interface SpaceProcess {
  exit(code: number): void
  /** Writes to standard error, at once. */
  complain(text: string): void
  /** Resident memory in bytes. */
  memory(): number
  readonly arrivals: Arrivals
}

/** A target of the connection's table with what this side keeps about it. */
interface KnownTarget extends Target {
  /** Its last call took long, or it was never called: what is ready leaves before it is called. */
  slow?: boolean
}

/** A finished call is told within this many ms, though others of its batch still run. */
const FLUSH_AFTER = 1
/** Values the host sends before `hello` are small. */
const FIRST_LIMITS = { maxBytes: 1024 * 1024, maxCallbacks: 0 }

/** Scripts without a target to remember how long they took. */
const EVERY_SCRIPT: KnownTarget = { package: '', path: '' }

/** The space's end of the conversation: does what the host asks, and answers each request once. */
export class Dispatcher implements ConnectionOwner {
  private readonly connection: Connection
  private readonly packages = new LoadedPackages()
  private readonly running: RunningRequests
  readonly takesMoved = true
  readonly isInterruptible = true
  /** Requests that wait for a socket or server to arrive, and those behind them. */
  private readonly held: HeldRequests
  private readonly orderedScripts = this.scriptHost(true)
  private readonly unorderedScripts = this.scriptHost(false)
  private clock = now()
  private firstUnflushed = 0
  private reported = 0

  constructor(
    channel: Channel,
    private readonly process: SpaceProcess
  ) {
    this.connection = new Connection(channel, this, FIRST_LIMITS)
    this.running = new RunningRequests(this.connection)
    const refuse = (id: number, reason: string): void =>
      this.connection.refuse(id, new Refusal('NOT_CLONEABLE', { place: 'parameters', reason }))
    this.held = new HeldRequests(process.arrivals, refuse)
  }

  message(message: OwnerMessage, functions: number): void {
    switch (message.type) {
      case 'call':
        if (this.mustWait) return this.holdCall(message, functions > 0)
        return this.callWithin(message, functions > 0)
      case 'add':
        if (this.mustWait) {
          return this.held.add(message.id, [], [], () => this.add(message))
        }
        return this.add(message)
      case 'ping':
        return this.connection.answer(message.id, undefined)
      case 'cancel':
        return this.cancel(message.id)
      case 'hello':
        return this.hello(message)
      case 'collect':
        return collectGarbage()
      case 'stop':
        this.connection.flush()
        return this.process.exit(0)
      default:
        throw new ProtocolViolation(`a message of type ${message.type}`)
    }
  }

  script(message: ScriptMessage, hasOperands: boolean, ordered: boolean): void {
    const scriptHost = ordered ? this.orderedScripts : this.unorderedScripts
    if (!this.mustWait) return this.runScript(message, hasOperands, scriptHost)
    const { connection } = this
    // Now, since they may be released before it runs.
    const host = withThings(message, scriptHost)
    const parameters = message.steps.map((step) => step.parameters as unknown[])
    this.held.add(message.id, [...connection.moved], parameters, () =>
      this.runScript(message, hasOperands, host)
    )
  }

  private runScript(message: ScriptMessage, hasOperands: boolean, host: ScriptHost): void {
    const { connection } = this
    const target: KnownTarget = message.steps.at(-1)?.target ?? EVERY_SCRIPT
    if (target.slow !== false && connection.unflushed > 0) connection.flush()
    const run = new ScriptRun(message, host, hasOperands)
    this.running.current = message.id
    run.start()
    this.running.current = undefined
    if (!run.isOver) this.running.keep(message.id, run)
    this.told(target)
  }

  /** The host is gone, or this program cannot go on, as when a package has broken what it is built on. */
  connectionEnded(cause: Error | undefined): void {
    if (cause === undefined || 'syscall' in cause) return this.process.exit(0)
    this.process.complain(String(cause.stack))
    this.process.exit(1)
  }

  trouble(refusal: Refusal): void {
    this.connection.send({ type: 'trouble', code: refusal.code, details: inBrief(refusal.details) })
  }

  /** Writes what is ready, since the process ends. */
  flush(): void {
    this.connection.flush()
  }

  scope(): Scope | undefined {
    return scopeNow()
  }

  invoked(): void {}
  callbackFailed(): void {}
  crowded(): void {}
  released(): void {}
  relieved(): void {}

  private hello(hello: Hello): void {
    if (hello.version !== PROTOCOL_VERSION) throw new ProtocolViolation(`version ${hello.version}`)
    this.connection.limits.maxBytes = hello.maxBytes
    this.connection.limits.maxCallbacks = hello.maxCallbacks
    this.connection.send({ type: 'ready', version: PROTOCOL_VERSION })
  }

  private add(add: Add): void {
    const loading = this.packages.add(add).then(() => this.report(now()))
    this.running.track(add.id, loading, false)
  }

  private get mustWait(): boolean {
    return this.held.size > 0 || this.connection.moved.length > 0
  }

  private holdCall(call: Call, ordered: boolean): void {
    const moved = [...this.connection.moved]
    this.held.add(call.id, moved, [call.parameters as unknown[]], () => this.callWithin(call, ordered))
  }

  private callWithin(call: Call, ordered: boolean): void {
    if (call.contexts === undefined) this.call(call, ordered)
    else scopeIn(call.contexts[0]).runInAsyncScope(() => this.call(call, ordered))
  }

  /** `ordered`: the answer must not overtake what the call told its callbacks. */
  private call(call: Call, ordered: boolean): void {
    const { connection } = this
    const target = call.target as KnownTarget
    if (target.slow !== false && connection.unflushed > 0) connection.flush()
    let result: unknown
    let settled: boolean
    this.running.current = call.id
    try {
      result = this.run(target, call.parameters as unknown[])
      settled = !isThenable(result)
    } catch (error) {
      this.running.current = undefined
      connection.fail(call.id, error, ordered)
      return this.told(target)
    }
    this.running.current = undefined
    if (settled) connection.answer(call.id, result, ordered)
    else this.running.track(call.id, result, ordered, ordered ? (call.parameters as unknown[]) : undefined)
    this.told(target)
  }

  private run(target: KnownTarget, parameters: unknown[]): unknown {
    target.segments ??= target.path === '' ? [] : target.path.split('.')
    const found = this.packages.find(target.package, target.segments)
    const result: unknown = Reflect.apply(found.target, found.receiver, parameters)
    return target.silent === true ? withoutValue(result) : result
  }

  /** After each call the clock is read once: how long it took, and whether what is ready should leave. */
  private told(target: KnownTarget): void {
    const at = now()
    target.slow = at - this.clock > FLUSH_AFTER
    this.clock = at
    const { unflushed } = this.connection
    if (unflushed === 1) this.firstUnflushed = at
    else if (unflushed > 1 && at - this.firstUnflushed > FLUSH_AFTER) this.connection.flush()
    if (at - this.reported > REPORT_EVERY) this.report(at)
  }

  private scriptHost(ordered: boolean): ScriptHost {
    return {
      root: (name) => this.packages.root(name),
      lentThing: (reference) => this.connection.lentThing(reference),
      scopeIn,
      tell: (outcome) => {
        if (outcome.last) this.running.scriptIsOver(outcome.id)
        this.connection.tell(outcome, ordered)
      }
    }
  }

  private cancel(id: number): void {
    if (this.held.drop(id)) return this.connection.refuse(id, new Refusal('CANCELED', {}))
    this.running.cancel(id)
  }

  private report(at: number): void {
    this.reported = at
    this.connection.send({ type: 'report', memory: this.process.memory() })
  }
}

/** A promise still fails when it fails. */
function withoutValue(result: unknown): unknown {
  return isThenable(result) ? Promise.resolve(result).then(() => undefined) : undefined
}
