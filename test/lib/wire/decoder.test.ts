import { expect } from 'chai'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { ELEMENTS_LIMIT, ENTRIES_LIMIT, PROPERTIES_LIMIT } from '../../../lib/wire/element-limits.js'
import * as tag from '../../../lib/wire/tags.js'
import { CodecPair } from '../../support/codec-pair.js'

function read(...bytes: number[]): unknown {
  return new CodecPair().read(Buffer.from(bytes))
}

const a = [0x81, 0x61]
/** One without a message, a stack and a name, and before its properties. */
const error = [tag.ERROR, 0, 0xa0, 0xa0, 0xa0]

/** As many bytes as it takes, 7 bits in each, the lowest first. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
}

describe('A value that is read', () => {
  it('is a violation where it cannot have been written', () => {
    const wrong: Record<string, number[]> = {
      'an unknown tag': [0xff],
      'an object that was not there': [tag.SEEN, 0],
      'an object that is only to come': [tag.ARRAY, 2, tag.SEEN, 1, tag.ARRAY, 0],
      'an unknown shape': [tag.SHAPED_OBJECT, 0],
      'a shape with too many keys': [tag.NEW_SHAPE, 65, ...Array<number>(200).fill(0x80)],
      'a key that is no text': [tag.OBJECT, 1, 5, 5],
      'the length of an array as a property': [tag.SPARSE_ARRAY, 1, 1, 0x86, ...Buffer.from('length'), 5],
      'an array that is too long': [tag.SPARSE_ARRAY, 0x80, 0x80, 0x80, 0x80, 0x10, 0],
      'a bigint without digits': [tag.BIGINT, 0x80],
      'a bigint with other digits': [tag.BIGINT, 0x82, 0x30, 0x67],
      'a bigint in another base': [tag.BIGINT, 0x83, 0x30, 0x78, 0x31],
      'an object in a wrapper': [tag.BOXED, tag.ARRAY, 0],
      'nothing in a wrapper': [tag.BOXED, tag.NULL],
      'a wrapper in a wrapper': [tag.BOXED, tag.BOXED, 1],
      'a broken regular expression': [tag.REGEXP, 0x81, 0x28, 0x80],
      'unknown flags': [tag.REGEXP, 0x81, 0x28, ...a],
      'an error of no class': [tag.ERROR, 8],
      'an error whose message is no text': [tag.ERROR, 0, 5, 5, 5, 0],
      'an error whose stack is a property': [...error, 1, 0x85, ...Buffer.from('stack'), 5, 0],
      'an error whose name is a property': [...error, 1, 0x84, ...Buffer.from('name'), ...a, 0],
      'a cause whose stack is a property': [
        ...[...error, 1, 0x85, ...Buffer.from('cause')],
        ...[...error, 2, 0x85, ...Buffer.from('stack'), tag.OBJECT, 0, 0, 0]
      ],
      'an error that does not end': [tag.ERROR, 0, 0xa0, 0xa0, 0xa0, 1, ...a, 5],
      'a view of no kind': [tag.VIEW, 14, 0],
      'a view of half an element': [tag.VIEW, 7, 3, 1, 2, 3],
      'an attachment that did not come': [tag.ATTACHMENT, 0, 0],
      'a resizable buffer beyond its size': [tag.RESIZABLE_BUFFER, 1, 2, 1, 2],
      'a function where none may be': [tag.FUNCTION, 0, 0, 0x80],
      'a signal that tells nobody': [tag.ABORT_SIGNAL, 0, 5],
      'a signal within itself': [tag.ABORT_SIGNAL, 1, tag.SEEN, 0]
    }
    for (const [name, bytes] of Object.entries(wrong)) {
      expect(() => read(...bytes), name).to.throw(ProtocolViolation)
    }
    for (let kind = 0xbc; kind < 0x100; kind++) expect(() => read(kind, 0, 0)).to.throw(ProtocolViolation)
  })

  it('is harmless where it is only strange', () => {
    expect(read(tag.NEW_SHAPE, 0)).to.deep.equal({})
    expect(read(tag.NEW_SHAPE, 2, ...a, ...a, 1, 2)).to.deep.equal({ a: 2 })
    expect(read(tag.OBJECT, 2, ...a, 1, ...a, 2)).to.deep.equal({ a: 2 })
    expect(read(tag.MAP, 2, 1, 1, 1, 2)).to.deep.equal(new Map([[1, 2]]))
    expect(read(tag.BIGINT, 0x82, 0x2d, 0x30)).to.equal(0n)
    expect(read(tag.DATE, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f)).to.satisfy((date: Date) =>
      Number.isNaN(date.getTime())
    )
    const pair = new CodecPair()
    pair.read(Buffer.from([tag.NEW_SHAPE, 2, 0x81, 0x30, 0x80, 1, 2]))
    expect(pair.read(Buffer.from([tag.SHAPED_OBJECT, 0, 3, 4]))).to.deep.equal({ 0: 3, '': 4 })
  })

  it('is a violation where one thing has more elements than V8 may hold', () => {
    const bytes = Buffer.alloc(ELEMENTS_LIMIT + 64)
    const heads: Record<string, [number, number[]]> = {
      'an array': [ELEMENTS_LIMIT, [tag.ARRAY]],
      'a Map': [ENTRIES_LIMIT, [tag.MAP]],
      'a Set': [ENTRIES_LIMIT, [tag.SET]],
      'an object': [PROPERTIES_LIMIT, [tag.OBJECT]],
      'an array with holes': [PROPERTIES_LIMIT, [tag.SPARSE_ARRAY, 0]]
    }
    for (const [name, [limit, head]] of Object.entries(heads)) {
      bytes.set([...head, ...varint(limit + 1)])
      expect(() => new CodecPair().read(bytes), name).to.throw(ProtocolViolation, 'too many elements')
    }
  })

  it('never reaches a prototype by its keys', () => {
    const proto = [0x89, ...Buffer.from('__proto__')]
    const polluted = [tag.OBJECT, 1, 0x88, ...Buffer.from('polluted'), tag.TRUE]
    for (const bytes of [
      [tag.OBJECT, 1, ...proto, ...polluted],
      [tag.NEW_SHAPE, 1, ...proto, ...polluted],
      [tag.SPARSE_ARRAY, 0, 1, ...proto, ...polluted],
      [tag.ERROR, 0, 0xa0, 0xa0, 0xa0, 2, ...proto, ...polluted, 0]
    ]) {
      const value = read(...bytes) as object
      expect(Object.keys(value)).to.deep.equal(['__proto__'])
      expect((value as { polluted?: unknown }).polluted).to.equal(undefined)
      expect(Object.getPrototypeOf(value)).to.be.oneOf([Object.prototype, Array.prototype, Error.prototype])
    }
    expect(({} as { polluted?: unknown }).polluted).to.equal(undefined)
  })

  it('keeps nothing of its message when that was forgotten', () => {
    const pair = new CodecPair()
    pair.read(Buffer.from([tag.ARRAY, 1, tag.ARRAY, 0]))
    pair.decoder.forget()
    expect(() => pair.decoder.value()).to.throw(ProtocolViolation)
  })

  it('may be an error though the class of errors is frozen', () => {
    const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit') as PropertyDescriptor
    Object.defineProperty(Error, 'stackTraceLimit', { ...limit, writable: false })
    try {
      expect(read(tag.ERROR, 5, ...a, 0xa0, 0xa0, 0))
        .to.be.instanceOf(TypeError)
        .and.include({ message: 'a' })
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', limit)
    }
  })
})
