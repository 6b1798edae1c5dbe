import { endOfAny } from '../../lib/wire/lent-streams.js'
import type { FarStream } from '../../lib/wire/far-stream.js'
import { StreamEnd } from '../../lib/wire/stream-end.js'
import { standInFor } from '../../lib/wire/stand-ins.js'

/** A stream as the other side has it, without anything between them. */
export class NearStream implements FarStream {
  /** What was asked, in order. */
  readonly asked: string[] = []
  readonly unheard: unknown[] = []
  released = 0

  constructor(readonly end: StreamEnd) {}

  async ask(request: 'pull' | 'write' | 'end' | 'destroy' | 'over', parameters: unknown[]): Promise<unknown> {
    this.asked.push(request)
    const method = this.end[request] as (...given: unknown[]) => unknown
    return await Reflect.apply(method, this.end, parameters)
  }

  release(): void {
    this.released++
  }

  unobserved(error: unknown): void {
    this.unheard.push(error)
  }
}

/** What stands for a stream on the other side. */
export function across<T extends object>(stream: T): { standIn: T; far: NearStream } {
  const end = endOfAny(stream)
  if (!(end instanceof StreamEnd)) throw new TypeError('it is a pair of streams')
  const far = new NearStream(end)
  return { standIn: standInFor(StreamEnd.kindOf(end), far) as T, far }
}
