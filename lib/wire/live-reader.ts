import { ProtocolViolation } from './byte-reader.js'
import { MOST_SEGMENTS } from './find-function.js'
import type { BaseMessage } from './chain.js'
import { streamAt } from './lent-streams.js'
import { flavours, type StreamKind } from './stream-kinds.js'
import * as tag from './tags.js'
import type { ValueReader } from './value-reader.js'

/** A parameter of a step that is only known when the script runs. */
export class Operand {
  constructor(
    readonly base: BaseMessage,
    readonly path: readonly string[]
  ) {}
}

/** What stands here for what the other side lent, and what this side lent itself. */
export interface ReferenceTable {
  borrowObject(reference: number, label: string): unknown
  borrowFunction(reference: number, length: number, name: string, isNamesake: boolean): unknown
  borrowStream(reference: number, kind: StreamKind): unknown
  lentThing(reference: number): unknown
}

/** Reads what stays where it is from the messages of one connection. */
export class ReferenceReader {
  /** Operands that were read since it was set to 0. */
  operands = 0
  /** They have a meaning in the parameters of steps only. */
  mayBeOperands = false

  constructor(private readonly table: ReferenceTable) {}

  read(decoder: ValueReader): unknown {
    switch (decoder.byte()) {
      case tag.referenceKinds.object:
        return this.table.borrowObject(decoder.count(), labelOf(decoder))
      case tag.referenceKinds.function:
        return this.borrowFunction(decoder, false)
      case tag.referenceKinds.namesake:
        return this.borrowFunction(decoder, true)
      case tag.referenceKinds.home: {
        const number = decoder.count()
        const path = readPath(decoder)
        if (path.length === 0) return streamAt(this.table.lentThing(number))
        return this.operand({ kind: 'reference', number }, path)
      }
      case tag.referenceKinds.step:
        return this.operand({ kind: 'step', index: decoder.count() }, readPath(decoder))
      case tag.referenceKinds.root:
        return this.operand({ kind: 'root', name: decoder.string() }, readPath(decoder))
      case tag.referenceKinds.stream:
        return this.stream(decoder)
      case tag.referenceKinds.pair:
        return { readable: this.stream(decoder), writable: this.stream(decoder) }
      default:
        throw new ProtocolViolation('an unknown kind of reference')
    }
  }

  private stream(decoder: ValueReader): unknown {
    decoder.weigh(tag.STREAM_WEIGHT)
    const reference = decoder.count()
    const flavour = flavours[decoder.byte()]
    const flags = decoder.byte()
    const encoding = decoder.string()
    const label = labelOf(decoder)
    if (flavour === undefined || (encoding !== '' && !Buffer.isEncoding(encoding))) {
      throw new ProtocolViolation('an unknown kind of stream')
    }
    return this.table.borrowStream(reference, {
      flavour,
      readsObjects: (flags & tag.streamFlags.readsObjects) > 0,
      writesObjects: (flags & tag.streamFlags.writesObjects) > 0,
      isHalfOpen: (flags & tag.streamFlags.isHalfOpen) > 0,
      encoding,
      label
    })
  }

  private borrowFunction(decoder: ValueReader, isNamesake: boolean): unknown {
    const reference = decoder.count()
    const length = decoder.count()
    if (length > tag.FUNCTION_LENGTH_LIMIT) throw new ProtocolViolation('a function with too many parameters')
    return this.table.borrowFunction(reference, length, labelOf(decoder), isNamesake)
  }

  private operand(base: BaseMessage, path: readonly string[]): Operand {
    if (!this.mayBeOperands) throw new ProtocolViolation('an operand where none may be')
    this.operands++
    return new Operand(base, path)
  }
}

export function readPath(decoder: ValueReader): string[] {
  const length = decoder.count()
  if (length > MOST_SEGMENTS) throw new ProtocolViolation('a path is too long')
  const path: string[] = []
  while (path.length < length) path.push(decoder.string())
  return path
}

function labelOf(decoder: ValueReader): string {
  const label = decoder.string()
  if (label.length > tag.FUNCTION_NAME_LIMIT) throw new ProtocolViolation('too long a name')
  return label
}
