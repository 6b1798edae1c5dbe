import { ProtocolViolation } from './byte-reader.js'
import type { Pulled, StreamRequest } from './stream-end.js'

/** A stream that the other side lent, as what stands for it here sees it. */
export interface FarStream {
  /** Rejects with what the stream failed with, or with why the other side cannot be asked. */
  ask(request: StreamRequest, parameters: unknown[]): Promise<unknown>
  /** It is not needed any more. */
  release(): void
  /** It failed, and nobody listens for that here. */
  unobserved(error: unknown): void
}

/** What came of it next. */
export async function pull(far: FarStream): Promise<Pulled> {
  const { chunks, done } = Object(await far.ask('pull', [])) as Partial<Pulled>
  if (!Array.isArray(chunks) || typeof done !== 'boolean') {
    throw new ProtocolViolation('no chunks of a stream')
  }
  return { chunks, done }
}

/** How each of those that stand for a stream is told that the other side is gone. */
const losses = new WeakMap<object, (loss: unknown) => void>()

export function whenLost(standIn: object, lose: (loss: unknown) => void): void {
  losses.set(standIn, lose)
}

/** The other side is gone; what is no stand-in is let pass. */
export function loseStandIn(standIn: object, loss: unknown): void {
  losses.get(standIn)?.(loss)
}
