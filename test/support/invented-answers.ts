import { Encoder } from '../../lib/wire/encoder.js'
import { messageTypes, WANTED } from '../../lib/wire/message-tags.js'
import { refusalCodes } from '../../lib/wire/refusal.js'
import * as tag from '../../lib/wire/tags.js'
import type { Dice } from './hostile-frames.js'

const names = ['chunks', 'done', 'then', 'a', '__proto__', 'code', 'details', 'stack', 'message', 'cause']
const paths = [[], ['pull'], ['write'], ['end'], ['destroy'], ['over'], ['run'], ['then'], ['a', 'b']]
const odd: unknown[] = [-0, 5n, new Date(NaN), /a/, new Set([1]), { toString: 1 }, { a: { valueOf: 2 } }]
const details = [
  {},
  { limit: {}, size: 'x', generation: {} },
  { reason: { toString: 1 }, package: 5, available: [1, {}] }
]

export function bytesOf(write: (encoder: Encoder) => void): Buffer {
  const encoder = new Encoder(1024)
  encoder.lend = () => 0
  encoder.begin()
  write(encoder)
  return Buffer.from(encoder.bytes.subarray(0, encoder.position))
}

/** One message that follows the grammar and makes little sense: to one of these requests, or on what was lent. */
export function inventedAnswer(dice: Dice, ids: readonly number[]): Buffer {
  return bytesOf((encoder) => new Inventor(dice, encoder, ids).message())
}

class Inventor {
  constructor(
    private readonly dice: Dice,
    private readonly encoder: Encoder,
    private readonly ids: readonly number[]
  ) {}

  message(): void {
    const { dice, encoder } = this
    switch (dice.roll(16)) {
      case 0:
        return this.answer(messageTypes.result, () => this.body())
      case 1:
        return this.answer(messageTypes.failure, () => this.body())
      case 2:
        return this.answer(messageTypes.refused, () => this.reason())
      case 3:
        encoder.raw(Buffer.of(messageTypes.begun))
        encoder.int32(-(2 ** 31) + dice.roll(4))
        return encoder.raw(Buffer.of(1 + dice.roll(3), dice.roll(2)))
      case 4:
        encoder.byte(messageTypes.invoke)
        encoder.int32(dice.pick([1, 2, -(2 ** 31), -(2 ** 31) + 1]))
        encoder.count(dice.roll(6))
        return this.list(dice.roll(2) === 0)
      case 5:
        return encoder.raw(Buffer.of(messageTypes.release, dice.roll(6), 1))
      case 6:
        encoder.byte(messageTypes.trouble)
        return this.reason()
      case 7:
      case 8:
      case 9:
        return this.script()
      default:
        return this.outcome()
    }
  }

  private get id(): number {
    return this.dice.roll(12) === 0 ? this.dice.roll(100) : this.dice.pick([...this.ids, 0].slice(0, -1))
  }

  private answer(type: number, more: () => void): void {
    this.encoder.byte(type)
    this.encoder.int32(this.dice.roll(3) > 0 ? this.id : -(2 ** 31) + this.dice.roll(4))
    more()
  }

  private reason(): void {
    this.encoder.string(this.dice.pick(refusalCodes))
    this.encoder.byte(0)
    this.encoder.value(this.dice.pick(details))
  }

  private outcome(): void {
    const { dice, encoder } = this
    encoder.byte(messageTypes.outcome)
    encoder.uint32(this.id)
    encoder.count(dice.pick([0, 0, 0, 0, 1, 2]))
    encoder.byte(dice.pick([1, 1, 1, 1, 0]))
    const state = dice.pick([0, 0, 0, 1, 2])
    encoder.byte(state)
    if (state > 0) encoder.count(dice.pick([0, 0, 1]))
    if (state < 2) return this.body()
    encoder.byte(0)
    encoder.value({ code: dice.pick(refusalCodes), details: dice.pick(details) })
  }

  private script(): void {
    const { dice, encoder } = this
    const count = 1 + dice.roll(3)
    encoder.byte(messageTypes.script)
    encoder.uint32(dice.roll(100))
    encoder.count(count)
    for (let place = 0; place < count; place++) {
      encoder.byte(dice.roll(7) + (dice.roll(4) > 0 ? WANTED : 0))
      const onStep = place > 0 && dice.roll(2) === 0
      encoder.byte(onStep ? 2 : 1)
      encoder.count(onStep ? dice.roll(place) : dice.roll(6))
      this.path()
      this.list(true)
    }
  }

  private path(): void {
    const path = this.dice.pick(paths)
    this.encoder.count(path.length)
    for (const segment of path) this.encoder.string(segment)
  }

  private body(): void {
    const live = this.dice.roll(10) < 7
    this.encoder.byte(live ? 3 : 0)
    this.value(live, 0)
  }

  private list(live: boolean): void {
    this.encoder.byte(live ? 3 : 0)
    this.values(tag.ARRAY, this.dice.roll(3), live, 1)
  }

  private values(kind: number, count: number, live: boolean, depth: number): void {
    this.encoder.byte(kind)
    this.encoder.count(count)
    for (let left = count; left > 0; left--) this.value(live, depth)
  }

  private value(live: boolean, depth: number): void {
    const { dice, encoder } = this
    switch (depth > 3 ? 0 : dice.roll(live ? 12 : 7)) {
      case 1:
        return this.values(tag.ARRAY, dice.roll(4), live, depth + 1)
      case 2:
        return this.object([dice.pick(names), dice.pick(names)], live, depth)
      case 3:
        return this.error(live, depth)
      case 4:
        return this.function(dice.roll(5))
      case 5:
        encoder.raw(Buffer.of(tag.ABORT_SIGNAL, 1))
        return this.function(dice.roll(5))
      case 6:
        return encoder.value(dice.pick(odd))
      case 7:
        // What comes of a stream.
        return this.object(['chunks', 'done'], live, depth)
      case 8:
        encoder.raw(Buffer.of(tag.REFERENCE, tag.referenceKinds.object, dice.roll(8)))
        return encoder.string(dice.pick(['X', 'Promise', '']))
      case 9:
        encoder.raw(Buffer.of(tag.REFERENCE, tag.referenceKinds.home, dice.roll(5)))
        return this.path()
      case 10:
        encoder.raw(
          Buffer.of(tag.REFERENCE, tag.referenceKinds.stream, dice.roll(12), dice.roll(5), dice.roll(8))
        )
        encoder.string(dice.pick(['', '', 'utf8', 'hex']))
        return encoder.string('S')
      case 11:
        if (depth > 0) return encoder.value(1)
        encoder.raw(Buffer.of(tag.ITEMS, dice.roll(2), 1))
        return this.value(live, 1)
      default:
        return encoder.value(dice.pick([7, 'text', null, undefined, true, Buffer.from('bytes')]))
    }
  }

  private object(keys: readonly string[], live: boolean, depth: number): void {
    this.encoder.raw(Buffer.of(tag.OBJECT, keys.length))
    for (const key of keys) {
      this.encoder.string(key)
      if (key === 'done') this.encoder.value(this.dice.pick([true, false]))
      else if (key === 'chunks') this.values(tag.ARRAY, this.dice.roll(3), live, depth + 1)
      else this.value(live, depth + 1)
    }
  }

  private error(live: boolean, depth: number): void {
    const { dice, encoder } = this
    encoder.raw(Buffer.of(tag.ERROR, dice.roll(8)))
    for (const text of ['a message', 's\n    at x (y:1:1)', dice.pick([undefined, 'AbortError'])]) {
      encoder.value(text)
    }
    for (let left = dice.roll(3); left > 0; left--) {
      encoder.byte(1 + dice.roll(2))
      encoder.string(dice.pick(names))
      this.value(live, depth + 1)
    }
    encoder.byte(0)
  }

  private function(reference: number): void {
    this.encoder.raw(Buffer.of(tag.FUNCTION, reference, 1))
    this.encoder.string('f')
  }
}
