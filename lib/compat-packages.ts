import type { Call } from './compat-call.js'
import { AddedPackage } from './compat-package.js'
import { ALREADY_ADDED, sentenceOf } from './compat-sentences.js'
import { packageNotAdded, queueFull } from './errors.js'
import type { PoolSettings } from './options.js'
import { addPackage } from './space/add-package.js'
import type { Space } from './space/space.js'
import { defaultBounds as bounds } from './supervision/context.js'
import { pack } from './wire/packed.js'
import { Refusal } from './wire/refusal.js'

/** What a call that waits takes at least, in bytes. */
const LEAST_SIZE = 1024

/** The packages of the one space, loaded again into each space that takes its place, and the calls of them. */
export class AddedPackages {
  /** Whether the space has all packages that were there before it. */
  isRestored = false
  private space!: Space
  private restored!: Promise<void>
  private readonly packages = new Map<string, AddedPackage>()
  private waitingBytes = 0

  constructor(private readonly settings: PoolSettings) {}

  get names(): string[] {
    return [...this.packages.keys()]
  }

  /** Whether calls wait for the space. */
  get isAwaited(): boolean {
    return [...this.packages.values()].some(({ waiting }) => waiting.length > 0)
  }

  /** From now on this is the space. */
  moveInto(space: Space): void {
    this.space = space
    this.isRestored = false
    this.restored = this.restore(space)
    this.restored.catch(() => undefined)
  }

  /** Loads a package. Rejects with an error whose message is a sentence; throws a Refusal. */
  add(name: string, parameters: readonly unknown[]): Promise<void> {
    const { paths, maxBytes } = this.settings
    const packed = parameters.length === 0 ? null : pack([...parameters], 'parameters', maxBytes).own()
    return this.addOnce(new AddedPackage({ name, as: name, paths }, packed))
  }

  /** Runs a call, now or when its package is there. Throws an error or a Refusal when it cannot be run. */
  call(call: Call, name: string, path: string, parameters: unknown[]): void {
    const added = this.packages.get(name)
    if (added === undefined) throw packageNotAdded({ package: name })
    if (added.failure !== undefined) throw added.failure
    const target = added.target(path, !call.wantsResult)
    if (added.waiting.length === 0 && this.takes(added)) {
      this.space.request({ type: 'call', id: 0, target, parameters }, call)
      return
    }
    const packed = pack(parameters, 'parameters', this.settings.maxBytes)
    const size = Math.max(packed.size, LEAST_SIZE)
    if (this.waitingBytes + size > bounds.queue) {
      throw queueFull({ key: '', limit: bounds.queue, unit: 'bytes' })
    }
    this.waitingBytes += size
    added.waiting.push({ call, target, parameters: packed, size })
  }

  /** The space takes what waits. */
  sendAll(): void {
    for (const added of this.packages.values()) this.send(added)
  }

  refuseAll(sentence: string): void {
    for (const added of this.packages.values()) this.refuse(added, sentence)
  }

  /** One that does not load any more keeps its failure, and the others are used. */
  private async restore(space: Space): Promise<void> {
    const before = [...this.packages.values()].filter(({ loadedIn }) => loadedIn !== undefined)
    for (const added of before) added.failure = undefined
    await space.ready
    for (const added of before) {
      try {
        await this.load(added, space)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        added.failure = error
        this.refuse(added, sentenceOf(error))
      }
    }
    this.isRestored = true
  }

  private async addOnce(added: AddedPackage): Promise<void> {
    const { as } = added.load
    for (;;) {
      const known = this.packages.get(as)
      if (known === undefined || known.failure !== undefined) break
      // One that fails is not among the packages any more.
      const isLoaded = await (known.addition as Promise<void>).then(
        () => true,
        () => false
      )
      if (isLoaded) throw new Error(ALREADY_ADDED)
    }
    this.packages.set(as, added)
    added.addition = this.establish(added)
    await added.addition
  }

  private async establish(added: AddedPackage): Promise<void> {
    try {
      await this.restored
      await this.load(added, this.space)
    } catch (error) {
      const sentence = sentenceOf(error, this.names)
      this.packages.delete(added.load.as)
      this.refuse(added, sentence)
      throw new Error(sentence, { cause: error })
    }
  }

  private async load(added: AddedPackage, space: Space): Promise<void> {
    await addPackage(space, added.load, added.parameters, bounds.load)
    added.loadedIn = space
    this.send(added)
  }

  private takes({ loadedIn }: AddedPackage): boolean {
    const { space } = this
    return loadedIn === space && space.accepting && space.unsentBytes <= bounds.unsent
  }

  private send(added: AddedPackage): void {
    let sent = 0
    for (const { call, target, parameters, size } of added.waiting) {
      if (!this.takes(added)) break
      sent++
      this.waitingBytes -= size
      try {
        this.space.request({ type: 'call', id: 0, target, parameters }, call)
      } catch (error) {
        call.refuse(sentenceOf(error))
      }
    }
    added.waiting.splice(0, sent)
  }

  private refuse(added: AddedPackage, sentence: string): void {
    for (const { call, size } of added.waiting.splice(0)) {
      this.waitingBytes -= size
      call.refuse(sentence)
    }
  }
}
