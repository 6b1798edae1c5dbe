import { inspect } from 'node:util'
import { handleOf, type Base, type Handle, type Reference, type Root, type Step } from './chain.js'
import { describe, describeFailure } from './describe-chain.js'
import { keepPlace, PLACE, tellPlace } from './handles.js'
import { record, release } from './recorder.js'
import { RemoteIterator } from './remote-iterator.js'
import { traceFor } from './traces.js'

/** The proxy that `use()` gives: nothing is asked of the package before it is used. */
export function proxyOfRoot(root: Root): object {
  return proxyOf(root, ITSELF)
}

/** The proxy of something that lives in the other process: always the same one. */
export function proxyOfReference(reference: Reference): object {
  return (reference.proxy ??= proxyOf(reference, ITSELF))
}

/** Ends a reference; of a chain, the reference it leads to. */
export function releaseHandle({ base, path }: Handle): void {
  if (path.length > 0 || base.kind === 'root') return
  if (base.kind === 'reference') return release(base)
  base.wait((value) => {
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
    if (isObject) releaseProxy(value)
  })
}

function releaseProxy(proxy: object): void {
  const handle = handleOf(proxy)
  if (handle !== undefined) releaseHandle(handle)
}

/** A copy by value of what a proxy stands for. */
export function copyHandle({ base, path }: Handle): Promise<unknown> {
  return outcomeOf(record('copy', base, path, [], traceFor(base, copyHandle)))
}

/** A stream here that stands for the one there. */
export function streamOfHandle({ base, path }: Handle): Promise<unknown> {
  return outcomeOf(record('stream', base, path, [], traceFor(base, streamOfHandle)))
}

function outcomeOf(step: Step): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const mayLackPlace = step.trace === undefined || step.operation === 'get'
    wait(step, resolve, mayLackPlace ? (error) => resolve(located(error, step)) : reject)
  })
}

/** Those who await a chain are found when it fails: the engine tells who waits for this. */
async function located(error: unknown, step: Step): Promise<never> {
  // By then it is known to the engine who waits.
  await nothing
  await nothing
  if (step.trace?.stack === undefined || !FRAME.test(step.trace.stack)) {
    step.trace = new Error()
    step.destination.located?.(error, step.trace)
  }
  throw error
}

/** `await` asks for a read in a microtask of its own, which has none. */
const FRAME = /^\s+at /m

const ITSELF: readonly string[] = []

function lookAt(this: object): string {
  return textOf(handleOf(this))
}

/** All proxies have one of two targets, since one for each would cost more than the proxy. */
const targets = { object: {}, function: targetOfCalls }
for (const target of Object.values(targets)) {
  // A look at a proxy, as console.log takes it, goes to its target, with the proxy as `this`.
  Object.defineProperty(target, inspect.custom, { configurable: true, value: lookAt })
}

/** It must be possible to call it, and to call it with `new`. */
function targetOfCalls(): void {}

function proxyOf(base: Base, path: readonly string[]): object {
  const isObject = base.kind === 'reference' && path.length === 0 && base.form === 'object'
  const traps = new Traps(base, path)
  const proxy = new Proxy<object>(isObject ? targets.object : targets.function, traps)
  if (isChain(traps)) traps.proxy = proxy
  else keepPlace(proxy, traps)
  return proxy
}

/** What a proxy does: all members are those of the other side, but for these few that only the language asks for. */
class Traps implements ProxyHandler<object>, Handle {
  /** Where it is not kept by the proxy what that stands for. */
  proxy: object | undefined

  constructor(
    readonly base: Base,
    readonly path: readonly string[]
  ) {}

  get(target: object, key: string | symbol): unknown {
    if (typeof key === 'symbol') return this.symbol(key)
    const { base, path } = this
    if (key === 'then') return isChain(this) ? this.then.bind(this) : undefined
    if (base.kind === 'reference' && base.form === 'function' && path.length === 0 && isWay(key)) {
      return Function.prototype[key]
    }
    return proxyOf(base, path.length === 0 ? [key] : [...path, key])
  }

  apply(target: object, receiver: unknown, parameters: unknown[]): unknown {
    if (this.isAskedByJson(parameters)) return textOf({ base: this.base, path: this.path.slice(0, -1) })
    return this.go('call', parameters)
  }

  construct(target: object, parameters: unknown[], made: object): object {
    if (handleOf(made) !== this) {
      throw new TypeError(
        `${this.text()} is in another process: it cannot be extended from here. Call it with \`new\`.`
      )
    }
    return this.go('new', parameters)
  }

  set(target: object, key: string | symbol): never {
    throw new TypeError(
      `${this.text()} is in another process: its property ${JSON.stringify(String(key))} cannot be set from here. ` +
        'Call a function that sets it.'
    )
  }

  defineProperty(target: object, key: string | symbol): never {
    return this.set(target, key)
  }

  deleteProperty(target: object, key: string | symbol): never {
    return this.set(target, key)
  }

  preventExtensions(): boolean {
    return false
  }

  setPrototypeOf(): boolean {
    return false
  }

  /** `JSON.stringify` asks everything for its `toJSON`, with the key as a text: that is answered here. */
  private isAskedByJson(parameters: unknown[]): boolean {
    if (parameters.length !== 1 || typeof parameters[0] !== 'string') return false
    return this.path.at(-1) === 'toJSON'
  }

  private go(operation: 'call' | 'new', parameters: unknown[]): object {
    const { base, path } = this
    const trap = operation === 'call' ? this.apply : this.construct
    return proxyOf(record(operation, base, path, parameters, traceFor(base, trap)), ITSELF)
  }

  private symbol(key: symbol): unknown {
    const { base, path, proxy } = this
    if (key === PLACE && proxy !== undefined) return tellPlace(proxy, this)
    if (key === Symbol.asyncIterator) return () => new RemoteIterator(this.iterate(), releaseProxy)
    if (key === Symbol.toPrimitive) return () => this.text()
    if (base.kind !== 'reference' || path.length > 0) return undefined
    if (key === Symbol.dispose) return () => release(base)
    return key === Symbol.asyncDispose ? () => this.dispose(base) : undefined
  }

  private iterate(): object {
    const { base, path } = this
    const step = record('iterate', base, path, [], traceFor(base, this.iterate))
    step.wait((source) => keepOrigin(source, step))
    return proxyOf(step, ITSELF)
  }

  private async dispose(reference: Reference): Promise<void> {
    const disposing = record('dispose', reference, [], [], traceFor(reference, this.dispose))
    try {
      await outcomeOf(disposing)
    } finally {
      release(reference)
    }
  }

  /** As a promise has it, since programs may call it as well as `await` does. */
  private then(...reactions: Parameters<Promise<unknown>['then']>): Promise<unknown> {
    const { base, path } = this
    const isCall = base.kind === 'step' && path.length === 0
    const step = isCall ? base : record('get', base, path, [], traceFor(base, this.then))
    return outcomeOf(step).then(...reactions)
  }

  private text(): string {
    return textOf(this)
  }
}

/** It holds no step, whose script has all that was given in its tick. */
function keepOrigin(source: unknown, step: Step): void {
  const base = typeof source === 'object' && source !== null ? handleOf(source)?.base : undefined
  if (base?.kind === 'reference') base.origin = { failure: describeFailure(step), trace: step.trace }
}

/** Programs call functions in these ways as well, as emitters do with their listeners. */
function isWay(key: string): key is 'apply' | 'bind' | 'call' {
  return key === 'apply' || key === 'bind' || key === 'call'
}

function textOf(handle: Handle | undefined): string {
  return handle === undefined ? 'Remote' : `Remote <${describe(handle.base, handle.path)}>`
}

/** What is seen must be released by who sees it. */
function wait(step: Step, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  step.wait((value) => {
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
    const base = isObject ? handleOf(value)?.base : undefined
    if (base?.kind === 'reference') base.note.isSeen = true
    resolve(value)
  }, reject)
}

/** Roots and references are what they are; everything else has to be waited for. */
function isChain({ base, path }: Handle): boolean {
  return base.kind === 'step' || path.length > 0
}

const nothing = Promise.resolve()
