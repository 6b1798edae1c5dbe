import type { SpacePool } from '../../lib/space-pool.js'

/** A function of a package that takes and gives anything. */
export type AnyFunction = (...parameters: unknown[]) => PromiseLike<unknown>

type Name =
  | (
      | 'numbers'
      | 'bytes'
      | 'text'
      | 'made'
      | 'fate'
      | 'failing'
      | 'quiet'
      | 'failsAtOnce'
      | 'crashing'
      | 'objects'
    )
  | ('collector' | 'sluggish' | 'sum' | 'total' | 'rejecting' | 'upper' | 'dying')
  | ('read' | 'count' | 'list' | 'firstOf' | 'breakOff' | 'classes' | 'write' | 'fill' | 'filled' | 'pipe')
  | ('writeAndWait' | 'endless' | 'keep' | 'same' | 'give' | 'isLast' | 'begin' | 'crash' | 'exchange')
  | ('readable' | 'web' | 'canceled' | 'webSink' | 'webTaken' | 'gzip' | 'through' | 'isWeb')

/** The package `streams` of the tests. */
export type Streaming = Readonly<Record<Name, AnyFunction>> & {
  readonly Loud: new (mark: string) => PromiseLike<unknown>
}

/** A document of pdfkit, and what its chains lead to. */
export interface Document extends PromiseLike<unknown> {
  text(words: string): Document
  pipe(target: object): Document
  end(): Document
}

export function streaming(pool: SpacePool): Streaming {
  return pool.use('streams')
}
