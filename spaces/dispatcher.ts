import { ProtocolViolation } from '../lib/wire/byte-reader.js'
import type { Channel } from '../lib/wire/channel.js'
import { now } from '../lib/wire/clock.js'
import { Connection, type ConnectionOwner, type OwnerMessage } from '../lib/wire/connection.js'
import { PROTOCOL_VERSION, type Add, type Call, type Hello, type Target } from '../lib/wire/messages.js'
import { Refusal } from '../lib/wire/refusal.js'
import { isThenable } from '../lib/wire/thenable.js'
import { findFunction, type FoundFunction } from './find-function.js'
import { bothSides, findOnEither, type TwoSided } from './find-on-either.js'
import { collectGarbage } from './garbage.js'
import { instantiate } from './instantiate.js'
import { loadPackage } from './load-package.js'

/** What the dispatcher asks of the process it runs in. */
export interface SpaceProcess {
  exit(code: number): void
  /** Resident memory in bytes. */
  memory(): number
}

/** A target of the connection's table with what this side keeps about it. */
interface KnownTarget extends Target {
  segments?: readonly string[]
  /** Its last call took long, or it was never called: what is ready leaves before it is called. */
  slow?: boolean
}

/** A finished call is told within this many ms, though others of its batch still run. */
const FLUSH_AFTER = 1
/** ms between two reports of memory. */
const REPORT_EVERY = 1000
/** Values the host sends before `hello` are small. */
const FIRST_LIMITS = { maxBytes: 1024 * 1024, maxCallbacks: 0 }

/** The space's end of the conversation: does what the host asks, and answers each request once. */
export class Dispatcher implements ConnectionOwner {
  private readonly connection: Connection
  private readonly packages = new Map<string, unknown>()
  /** Those of them that are used both as exported and as an instance. */
  private readonly twoSided = new Map<string, TwoSided>()
  /** Requests whose promise has not settled. One that is cancelled leaves, and its result is dropped. */
  private readonly running = new Set<number>()
  /** The call that runs now. Outside of it, one that was broken off by an interrupt and never came back. */
  private current: number | undefined
  private clock = now()
  private firstUnflushed = 0
  private reported = 0

  constructor(
    channel: Channel,
    private readonly process: SpaceProcess
  ) {
    this.connection = new Connection(channel, this, FIRST_LIMITS)
  }

  message(message: OwnerMessage, functions: number): void {
    switch (message.type) {
      case 'call':
        return this.call(message, functions > 0)
      case 'add':
        return this.track(message.id, this.add(message), false)
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

  /** The host is gone, or nothing it says can be relied on. */
  connectionEnded(): void {
    this.process.exit(0)
  }

  trouble(refusal: Refusal): void {
    this.connection.send({ type: 'trouble', code: refusal.code, details: refusal.details })
  }

  /** Writes what is ready, since the process ends. */
  flush(): void {
    this.connection.flush()
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

  private async add({ load, parameters }: Add): Promise<undefined> {
    const exported = await loadPackage(load)
    const asExported = parameters === undefined || parameters === null
    const root = asExported ? exported : await instantiate(exported, parameters as unknown[], load.name)
    const sides = parameters === null ? await bothSides(exported, load.name) : undefined
    if (sides !== undefined) this.twoSided.set(load.as, sides)
    this.packages.set(load.as, root)
    this.report(now())
    return undefined
  }

  /** `ordered`: the answer must not overtake what the call told its callbacks. */
  private call(call: Call, ordered: boolean): void {
    const { connection } = this
    const target = call.target as KnownTarget
    if (target.slow !== false && connection.unflushed > 0) connection.flush()
    let result: unknown
    let settled: boolean
    this.current = call.id
    try {
      result = this.run(target, call.parameters as unknown[])
      settled = !isThenable(result)
    } catch (error) {
      this.current = undefined
      connection.fail(call.id, error, ordered)
      return this.told(target)
    }
    this.current = undefined
    if (settled) connection.answer(call.id, result, ordered)
    else this.track(call.id, result, ordered)
    this.told(target)
  }

  private run(target: KnownTarget, parameters: unknown[]): unknown {
    const root = this.packages.get(target.package)
    if (root === undefined && !this.packages.has(target.package)) {
      throw new Refusal('PACKAGE_NOT_ADDED', { package: target.package })
    }
    target.segments ??= target.path === '' ? [] : target.path.split('.')
    const found = this.find(root, target.package, target.segments)
    const result: unknown = Reflect.apply(found.target, found.receiver, parameters)
    return target.silent === true ? withoutValue(result) : result
  }

  private find(root: unknown, packageName: string, segments: readonly string[]): FoundFunction {
    const sides = this.twoSided.size === 0 ? undefined : this.twoSided.get(packageName)
    return sides === undefined
      ? findFunction(root, packageName, segments)
      : findOnEither(sides, packageName, segments)
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

  private track(id: number, promise: unknown, ordered: boolean): void {
    this.running.add(id)
    void Promise.resolve(promise).then(
      (value) => {
        if (this.running.delete(id)) this.connection.answer(id, value, ordered)
      },
      (error: unknown) => {
        if (this.running.delete(id)) this.connection.fail(id, error, ordered)
      }
    )
  }

  private cancel(id: number): void {
    const brokenOff = id === this.current
    if (brokenOff) this.current = undefined
    if (this.running.delete(id) || brokenOff) this.connection.refuse(id, new Refusal('CANCELED', {}))
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
