import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { HANG, outcomeOf } from './outcome.mjs'
import { childrenOf, TAG } from './processes.mjs'
import { slack } from './slack.mjs'

const { SpacePool } = createRequire(import.meta.url)('../..')

/** ms between two calls of the neighbour. */
const PULSE = 5

export const workFile = (name) => fileURLToPath(new URL(`work/${name}.cjs`, import.meta.url))

/** One pool with a set that does harm and a neighbour that must not notice, in a host of their own. */
export class Scene {
  pool = undefined
  /** The set that does harm. */
  set = undefined
  /** What was wrong besides the outcome, as sentences. */
  problems = []
  latencies = []
  #tag
  #vigil
  #unsettled = new Set()
  #made = 0
  #rejected = 0
  #pulsing
  #closed = false

  constructor(tag, vigil) {
    this.#tag = tag
    this.#vigil = vigil
  }

  /**
   * Makes the pool and both sets; `options` are those of the set that does harm, `pool` those of the pool. With
   * `module` null there is no such set yet, with `neighbour` false no neighbour.
   */
  async open({ pool = {}, options = {}, module = 'faulty', neighbour = true } = {}) {
    this.pool = new SpacePool({ ...pool, env: { ...pool.env, [TAG]: this.#tag } })
    if (neighbour) {
      const calm = await this.pool.add({ name: workFile('calm'), as: 'calm' })
      this.#pulsing = this.#pulse(calm)
    }
    if (module !== null) this.set = await this.add(module, options)
    this.#vigil.begin()
    return this
  }

  /** Adds a module from `work/` to the pool. */
  add(module, options) {
    return this.pool.add({ name: workFile(module), as: module }, options)
  }

  /** Calls a function of the set that does harm, and tells what becomes of the call. */
  async call(name, parameters = [], options = {}) {
    const [as] = this.set.packages
    return this.#count(this.set.call(as, name, parameters, options))
  }

  /** The same by a chain, with the parameters as live objects. */
  async chain(name, parameters = []) {
    const [as] = this.set.packages
    return this.#count(this.set.use(as)[name](...parameters))
  }

  async #count(promise) {
    this.#made++
    const outcome = await this.track(promise)
    if (outcome.kind === 'rejection') this.#rejected++
    return outcome
  }

  /** What becomes of a promise; one that never settles is a problem at the end. */
  async track(promise, bound = HANG) {
    const mark = {}
    this.#unsettled.add(mark)
    const outcome = await outcomeOf(promise, bound)
    if (outcome.kind !== 'hang') this.#unsettled.delete(mark)
    return outcome
  }

  /** The next event of this name that the filter lets pass, within the bound of a hang or another one. */
  event(name, filter = () => true, bound = HANG) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`there was no ${name}`)), bound)
      const listener = (event) => {
        if (!filter(event)) return
        clearTimeout(timer)
        this.pool.off(name, listener)
        resolve(event)
      }
      this.pool.on(name, listener)
    })
  }

  /** What is done about spaces that do not answer, from now on. */
  steps() {
    const steps = []
    this.pool.on('spaceUnresponsive', ({ step }) => steps.push(step))
    return steps
  }

  check(holds, sentence) {
    if (!holds) this.problems.push(sentence)
  }

  /** The processes of the pool's spaces. */
  get pids() {
    return this.pool.stats().spaces.flatMap(({ pid }) => pid ?? [])
  }

  /** Closes the pool, or with `destroy` ends it at once, and tells how long that took. */
  async close({ destroy = false, ...options } = {}) {
    const closing = this.track(destroy ? this.pool.destroy() : this.pool.close(options))
    this.#closed = true
    return closing
  }

  /** The call after the fault. */
  next() {
    return this.call('fine', ['next'])
  }

  /** Looks for everything that must not be there when a fault is over. */
  async finish(closeWithin) {
    if (!this.#closed) await this.#closeInOrder(closeWithin)
    await this.#pulsing
    this.check(this.#unsettled.size === 0, `${this.#unsettled.size} calls never settled`)
    const children = await withoutChildren()
    this.check(children === 0, `${children} children are left`)
    this.problems.push(...(await this.#vigil.leftovers()))
  }

  async #closeInOrder(within) {
    this.#closed = true
    await this.#pulsing
    if (this.set !== undefined) this.#checkCounts()
    const { kind, ms } = await this.close()
    this.check(kind === 'answer' && ms <= within * slack, `close took ${Math.round(ms)} ms (${kind})`)
  }

  /** A call that was settled twice is counted twice by the pool. */
  #checkCounts() {
    const { calls, errors, inFlight, queued } = this.set.stats()
    const counts = { calls, errors, inFlight, queued }
    const wanted = { calls: this.#made, errors: this.#rejected, inFlight: 0, queued: 0 }
    const [is, should] = [counts, wanted].map((record) => JSON.stringify(record))
    this.check(is === should, `the set counts ${is} instead of ${should}`)
  }

  async #pulse(calm) {
    for (let count = 0; !this.#closed; count++) {
      const begun = performance.now()
      const outcome = await outcomeOf(calm.call('calm', 'echo', [count]))
      this.latencies.push(performance.now() - begun)
      const right = outcome.value === count || (this.#closed && outcome.code === 'POOL_CLOSED')
      this.check(right, `the neighbour got ${JSON.stringify(outcome)}`)
      if (!right) return
      await new Promise((resolve) => setTimeout(resolve, PULSE))
    }
  }
}

async function withoutChildren() {
  const end = performance.now() + 5000
  for (;;) {
    const { length } = childrenOf(process.pid)
    if (length === 0 || performance.now() > end) return length
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
