import { handleOf, type Handle } from './chain.js'
import { classOf, isNamesake, lengthOf, nameOf } from './class-of.js'
import { endOf, type PairOfEnds } from './lent-streams.js'
import { NotCloneable } from './not-cloneable.js'
import { Refusal } from './refusal.js'
import { StreamEnd } from './stream-end.js'
import { flavours } from './stream-kinds.js'
import type { Scope } from './scope.js'
import * as tag from './tags.js'
import type { LiveWriter, ValueWriter } from './value-writer.js'

/** Writes what stays where it is into the messages of one connection. */
export class ReferenceWriter implements LiveWriter {
  constructor(
    private readonly lend: (thing: object, scope?: Scope) => number,
    /** Whether a place that a proxy stands for is one of the other side, at this end of it. */
    private readonly isThere: (handle: Handle) => boolean,
    /** Under which the other side lent what this function stands for. */
    private readonly numberOf: (stand: object) => number | undefined = () => undefined
  ) {}

  /** Unsettled chains and packages mean something in the parameters of steps only. */
  mayBeOperands = false
  /** Of streams only those cross as streams that have no class of a package. */
  plainStreamsOnly = true
  /** Something was written that the other side lent, since this was set to false. */
  hasSentHome = false

  write(encoder: ValueWriter, thing: object): void {
    encoder.byte(tag.REFERENCE)
    this.describe(encoder, thing)
  }

  /** The same without the first byte; `scope`: where it was given, by default here. */
  describe(encoder: ValueWriter, thing: object, scope?: Scope): void {
    const handle = handleOf(thing)
    if (handle !== undefined) {
      if (!this.mayBeOperands) checkSettled(handle, thing)
      return this.place(encoder, handle)
    }
    if (typeof thing === 'function') {
      const number = this.numberOf(thing)
      if (number !== undefined) return this.home(encoder, number, [])
      encoder.byte(isNamesake(thing) ? tag.referenceKinds.namesake : tag.referenceKinds.function)
      encoder.count(this.lend(thing, scope))
      encoder.count(lengthOf(thing))
      return encoder.string(nameOf(thing))
    }
    const end = endOf(thing, this.plainStreamsOnly)
    if (end !== undefined) return this.stream(encoder, end)
    encoder.byte(tag.referenceKinds.object)
    encoder.count(this.lend(thing, scope))
    encoder.string(classOf(thing))
  }

  private stream(encoder: ValueWriter, end: StreamEnd | PairOfEnds): void {
    if (end instanceof StreamEnd) {
      encoder.byte(tag.referenceKinds.stream)
      return this.describeStream(encoder, end)
    }
    encoder.byte(tag.referenceKinds.pair)
    this.describeStream(encoder, end.readable)
    this.describeStream(encoder, end.writable)
  }

  private describeStream(encoder: ValueWriter, end: StreamEnd): void {
    const { flavour, readsObjects, writesObjects, isHalfOpen, encoding, label } = StreamEnd.kindOf(end)
    encoder.count(this.lend(end))
    encoder.byte(flavours.indexOf(flavour))
    encoder.byte(
      (readsObjects ? tag.streamFlags.readsObjects : 0) +
        (writesObjects ? tag.streamFlags.writesObjects : 0) +
        (isHalfOpen ? tag.streamFlags.isHalfOpen : 0)
    )
    encoder.string(encoding)
    encoder.string(label)
  }

  private place(encoder: ValueWriter, handle: Handle): void {
    if (!this.isThere(handle)) throw new Refusal('REFERENCE_ELSEWHERE', {})
    const { base } = handle
    if (base.kind === 'root') {
      encoder.byte(tag.referenceKinds.root)
      encoder.string(base.name)
    } else if (base.kind === 'reference') {
      return this.home(encoder, base.number, handle.path)
    } else {
      encoder.byte(tag.referenceKinds.step)
      encoder.count(base.index)
    }
    writePath(encoder, handle.path)
  }

  private home(encoder: ValueWriter, number: number, path: readonly string[]): void {
    this.hasSentHome = true
    encoder.byte(tag.referenceKinds.home)
    encoder.count(number)
    writePath(encoder, path)
  }
}

function writePath(encoder: ValueWriter, path: readonly string[]): void {
  encoder.count(path.length)
  for (const segment of path) encoder.string(segment)
}

/** Steps are noted before a release that follows them; anything else is written as it is now. */
function checkSettled({ base, path }: Handle, thing: object): void {
  if (base.kind !== 'reference' || path.length > 0) throw new NotCloneable(ONLY_OPERANDS, thing)
  const { released, label, destination } = base
  if (released) throw new Refusal('REFERENCE_RELEASED', { label, generation: destination.generation })
}

const ONLY_OPERANDS = 'a package, or a chain that is not awaited, can only be a parameter of a chain'
