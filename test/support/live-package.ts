import { Duplex, PassThrough, Readable, Writable } from 'node:stream'
import { handleOf } from '../../lib/wire/chain.js'
import { copyHandle, releaseHandle, streamOfHandle } from '../../lib/wire/remote-proxy.js'
import { at, type Anything } from './live-conversation.js'

/** What stays where it is, on either side. */
export class Tool {
  private count = 0

  add(more: number): number {
    return (this.count += more)
  }

  get self(): this {
    return this
  }

  get kind(): typeof Tool {
    return Tool
  }

  fail(): never {
    throw new RangeError('it failed')
  }

  later(): Promise<unknown> {
    return new Promise(() => {})
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}

/** Something to read that has more to come one day. */
export function openReadable(chunks: readonly unknown[], objectMode = false): Readable {
  const readable = new Readable({ objectMode, read() {} })
  for (const chunk of chunks) readable.push(chunk)
  return readable
}

/** Something to write to that never has enough room. */
export function fullWritable(objectMode = false): Writable {
  return new Writable({ objectMode, highWaterMark: 1, write() {} })
}

export function openWebReadable(chunks: readonly unknown[]): ReadableStream<unknown> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
    }
  })
}

/** Has some items at once, and never another one. */
export async function* stalling(items: readonly unknown[]): AsyncGenerator<unknown> {
  yield* items
  await new Promise(() => {})
}

/** What the space has: of everything that may cross, and that may go on for long. */
export function livePackage(): Record<string, unknown> {
  return {
    Tool,
    make: () => new Tool(),
    parts: () => ({
      tool: new Tool(),
      list: [() => 1, Object.assign(() => 2, { bind: 3 })],
      map: new Map([[1, new Set(['x'])]])
    }),
    error: () => new Tool().fail(),
    never: () => new Promise(() => {}),
    list: () => [1, 'two', { three: [3] }, new Tool(), new Date(0), null, 7n],
    stalling: () => stalling(['a', { b: 1 }, new Tool()]),
    bytes: () => openReadable([Buffer.from('some bytes'), Buffer.from('more')]),
    texts: () => openReadable(['text']).setEncoding('utf8'),
    objects: () => openReadable([{ a: 1 }, 'b'], true),
    ended: () => Readable.from([Buffer.from('all')]),
    sink: () => fullWritable(),
    through: () => new PassThrough(),
    failing: () => new Duplex({ read() {}, write: (chunk, encoding, done) => done(new Error('full')) }),
    webReadable: () => openWebReadable(['web', new Uint8Array(3)]),
    webWritable: () => new WritableStream({ write: () => new Promise(() => {}) }),
    pair: () => new TransformStream(),
    large: () => Buffer.alloc(300_000, 1),
    take: (given: Record<string, Anything>) => void take(given)
  }
}

/** Uses what the host has lent, in every way there is; what does not end is left as it is. */
async function take(given: Record<string, Anything>): Promise<void> {
  const { tool, each, items, readable, writable, webReadable, webWritable } = given
  const ignored: PromiseLike<unknown>[] = [
    at(tool, 'add')(2),
    at(at(tool, 'self'), 'add')(at(tool, 'add')(1)),
    at(tool, 'self', 'self'),
    at(tool, 'fail')(),
    at(tool, 'missing')(),
    at(tool, 'later')(),
    new (at(tool, 'kind'))(),
    copyHandle(handleOf(tool as object) as never),
    streamOfHandle(handleOf(tool as object) as never),
    use(items),
    ...[1, 2, 3].map((count) => (each as Anything)(count, { of: new Tool() })),
    (each as Anything)('later'),
    (each as Anything)('fails')
  ]
  for (const one of ignored) one.then(undefined, () => {})
  void consume(readable as unknown as Readable)
  void consume(webReadable as unknown as ReadableStream)
  ;(writable as unknown as Writable).on('error', () => {}).write('for the host')
  void (webWritable as unknown as WritableStream)
    .getWriter()
    .write('for the web')
    .catch(() => {})
  const made = (await new (at(tool, 'kind'))()) as AsyncDisposable & Anything
  await at(made, 'add')(1)
  await made[Symbol.asyncDispose]()
  releaseHandle(handleOf(tool as object) as never)
}

async function use(items: unknown): Promise<void> {
  for await (const item of items as AsyncIterable<unknown>) if (item === 'last') break
}

async function consume(stream: AsyncIterable<unknown> | ReadableStream): Promise<void> {
  try {
    for await (const chunk of stream as AsyncIterable<unknown>) void chunk
  } catch {
    // The host has ended it, or is gone.
  }
}
