import type { Duplex, Readable, Writable } from 'node:stream'
import { handleOf, type Handle } from '../../lib/wire/chain.js'
import { endOfAny } from '../../lib/wire/lent-streams.js'
import { copyHandle, releaseHandle } from '../../lib/wire/remote-proxy.js'
import { at, wait, type Anything, type LiveHost } from './live-conversation.js'
import { fullWritable, openReadable, openWebReadable, stalling, Tool } from './live-package.js'

const ignore = (): void => undefined

/** Streams of the space that end with an error of which nobody but the library hears. */
const UNHEARD = ['bytes', 'texts', 'sink', 'failing']

/** Of what a host does with a space: each begins with nothing of the others. */
export const allParts = ['calls', 'chains', 'iterations', 'streams', 'webStreams', 'lending'] as const
export type Part = (typeof allParts)[number]

/**
 * A host that uses everything that may be live, always in the same order, so that its numbers are always the same. Of
 * each kind something never ends by itself: chains, iterations, invocations, and streams in both directions.
 */
export class LiveUse implements Record<Part, (tool: Anything) => void> {
  /** How many have not settled, by what they are. */
  readonly open = new Map<string, number>()
  /** Streams of the host that the space may read from and write to. */
  private lent: Record<string, object> = {}

  constructor(
    private readonly host: LiveHost,
    parts: readonly Part[]
  ) {
    for (const part of parts) this[part](host.use('package'))
  }

  /** From now on also the streams of this side that the space still holds, which end with it. */
  watchLent(): void {
    for (const [name, stream] of Object.entries(this.lent)) {
      if ('on' in stream && this.host.connection.lent.hasLive(endOfAny(stream))) {
        this.watch(`the ${name} of the host`, closed(stream as Duplex))
      }
    }
  }

  calls(): void {
    this.watch('invocations', this.invoke())
  }

  chains(tool: Anything): void {
    const made = at(tool, 'make')()
    const chains: Record<string, PromiseLike<unknown>> = {
      'an object': at(made, 'add')(1),
      'an operand': at(tool, 'make')(made, at(tool, 'Tool')),
      'an instance': new (at(tool, 'Tool'))(),
      parts: at(tool, 'parts')(),
      'a member': at(made, 'self'),
      'an error': at(tool, 'error')(),
      'no function': at(tool, 'missing')(),
      'no end': at(tool, 'never')(),
      'a copy': copyHandle(handleOf(made) as Handle)
    }
    for (const [name, chain] of Object.entries(chains)) this.watch(name, wait(chain))
    this.watch('a chain after another', this.goOn(tool))
  }

  iterations(tool: Anything): void {
    for (const name of ['list', 'stalling']) this.watch(name, this.iterate(tool, name))
  }

  streams(tool: Anything): void {
    for (const name of ['objects', 'ended', 'through', ...UNHEARD]) this.watch(name, this.stream(tool, name))
  }

  webStreams(tool: Anything): void {
    for (const name of ['webReadable', 'webWritable', 'pair']) this.watch(name, this.webStream(tool, name))
  }

  lending(tool: Anything): void {
    this.watch('what takes all', wait(at(tool, 'take')(this.given())))
  }

  /** A function that came by value: invocations in a row, with every kind of answer. */
  private async invoke(): Promise<void> {
    const { value } = await this.host.callLater(['function'])
    const borrowed = value as (what: string) => Promise<unknown>
    const answers = ['nothing', 'nothing', 'value', 'later', 'fails', 'never'].map((what) => borrowed(what))
    await Promise.allSettled(answers)
  }

  private async goOn(tool: Anything): Promise<void> {
    const held = (await at(tool, 'make')()) as Anything & AsyncDisposable
    await at(held, 'add')(2)
    await at(tool, 'make')(held)
    await held[Symbol.asyncDispose]()
    releaseHandle(handleOf((await at(tool, 'make')()) as object) as Handle)
    await at(tool, 'large')()
    await at(tool, 'never')()
  }

  private given(): Record<string, unknown> {
    const each = (what: unknown): unknown => {
      if (what === 'fails') throw new Error('it fails')
      return what === 'later' ? new Promise(() => {}) : undefined
    }
    const items = stalling([1, { two: 2 }, new Tool()])
    const { signal } = new AbortController()
    this.lent = {
      readable: openReadable([Buffer.from('of the host'), Buffer.from('more')]),
      writable: fullWritable(),
      webReadable: openWebReadable(['chunk', { two: 2 }]),
      webWritable: new WritableStream({ write: () => new Promise(() => {}) })
    }
    return { tool: new Tool(), each, items, signal, ...this.lent }
  }

  private async iterate(tool: Anything, name: string): Promise<void> {
    const iterable = at(tool, name)() as unknown as AsyncIterable<unknown>
    for await (const item of iterable) void item
  }

  private async stream(tool: Anything, name: string): Promise<void> {
    const stream = await at(tool, name)()
    // A hostile space may give something else.
    if (!isStream(stream)) return
    const over = closed(stream)
    if (!UNHEARD.includes(name)) stream.on('error', ignore)
    if ('push' in stream) (stream as Readable).on('data', ignore)
    if ('write' in stream) for (const chunk of ['one', 'two']) (stream as Writable).write(chunk)
    await over
  }

  private async webStream(tool: Anything, name: string): Promise<void> {
    const given = Object(await at(tool, name)()) as object
    const { readable, writable } = (
      name === 'pair' ? given : { readable: given, writable: given }
    ) as TransformStream
    await Promise.allSettled([
      readable instanceof ReadableStream && read(readable),
      writable instanceof WritableStream && write(writable)
    ])
  }

  /** Counts it until it has settled, however it does. */
  private watch(name: string, promise: Promise<unknown>): void {
    const { open } = this
    open.set(name, (open.get(name) ?? 0) + 1)
    const settled = (): void => {
      const left = (open.get(name) as number) - 1
      if (left > 0) open.set(name, left)
      else open.delete(name)
    }
    promise.then(settled, settled)
  }
}

function isStream(value: unknown): value is Duplex {
  // A proxy says of every member that it is there.
  return (
    typeof value === 'object' &&
    value !== null &&
    'destroyed' in value &&
    typeof value.destroyed === 'boolean'
  )
}

/** Without a listener for errors, as `finished` would be. */
async function closed(stream: Duplex): Promise<void> {
  if (!stream.closed) await new Promise<void>((resolve) => stream.once('close', resolve))
}

async function read(readable: ReadableStream): Promise<void> {
  for await (const chunk of readable as unknown as AsyncIterable<unknown>) void chunk
}

async function write(writable: WritableStream): Promise<void> {
  const writer = writable.getWriter()
  writer.closed.catch(ignore)
  for (let count = 0; count < 3; count++) await writer.write({ count })
  await writer.close()
}
