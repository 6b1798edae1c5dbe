import * as fc from 'fast-check'

/** Any value that can cross; `like` narrows it to what `structuredClone` copies in the same way. */
export function crossingValue({ like = 'spacepool' }: { like?: 'spacepool' | 'structuredClone' } = {}) {
  const further = like === 'spacepool' ? [buffer, partOfMemory, error] : []
  const node = fc.oneof(
    { weight: 6, arbitrary: fc.oneof(plainObject, array) },
    { weight: 3, arbitrary: fc.oneof(collection, instance) },
    { weight: 3, arbitrary: fc.oneof(leaf, ...further) }
  )
  return fc
    .tuple(fc.array(node, { minLength: 1, maxLength: 12 }), fc.array(slot, { maxLength: 1 }))
    .map(([nodes, primitive]) => buildGraph(nodes, primitive[0]))
}

/** What a container holds in one place: a primitive value, or one of the objects of the graph, by its number. */
type Slot = { primitive: unknown } | { object: number }
type Fill = (resolve: (slot: Slot) => unknown) => void
/** Makes an object, and says how to fill it once all objects of the graph are there. */
type Node = () => { object: object; fill?: Fill }

function buildGraph(nodes: readonly Node[], first: Slot | undefined): unknown {
  const made = nodes.map((node) => node())
  const resolve = (slot: Slot): unknown =>
    'object' in slot ? made[slot.object % made.length]?.object : slot.primitive
  for (const { fill } of made) fill?.(resolve)
  return first === undefined ? made[0]?.object : resolve(first)
}

const codeUnits = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
const latin1Units = fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code))

/** Short and long, ASCII, Latin-1, any UTF-16, lone surrogates too. */
export const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: latin1Units, maxLength: 80 }),
  fc.string({ unit: codeUnits, maxLength: 80 }),
  fc.constantFrom(
    '',
    'a'.repeat(31),
    'a'.repeat(32),
    'é'.repeat(33),
    '\ud800',
    '\udc00x',
    'x'.repeat(40) + '\udfff'
  ),
  fc
    .tuple(fc.string({ unit: codeUnits, maxLength: 3 }), fc.integer({ min: 1, max: 5000 }))
    .map(([unit, times]) => unit.repeat(times))
)

export const primitive = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, false, 0, -0, NaN, Infinity, -Infinity, 127, 128, -1),
  fc.constantFrom(2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, 5e-324),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
  text
)

/** Few of them, so that shapes come again, and the ones that objects inherit or that look like places. */
const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c', 'id', 'name', 'value') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'length', 'then', '', '0', '1', '42')
  },
  { weight: 1, arbitrary: text }
)

const slot: fc.Arbitrary<Slot> = fc.oneof(
  primitive.map((value) => ({ primitive: value })),
  fc.nat({ max: 1000 }).map((object) => ({ object }))
)

const entries = fc.array(fc.tuple(key, slot), { maxLength: 8 })

function define(object: object, entries: readonly (readonly [string, Slot])[]): Fill {
  return (resolve) => {
    for (const [name, content] of entries) {
      Object.defineProperty(object, name, {
        value: resolve(content),
        enumerable: true,
        writable: true,
        configurable: true
      })
    }
  }
}

const plainObject: fc.Arbitrary<Node> = fc.tuple(entries, fc.boolean()).map(([content, prototype]) => () => {
  const object = prototype ? {} : (Object.create(null) as object)
  return { object, fill: define(object, content) }
})

class Point {
  readonly own = 'own'
  #hidden = 1

  get inherited(): number {
    return this.#hidden
  }
  method(): void {}
}

class Special extends Point {
  get [Symbol.toStringTag](): string {
    return 'Map'
  }
}

const instance: fc.Arbitrary<Node> = fc
  .tuple(entries, fc.constantFrom(Point, Special))
  .map(([content, Class]) => () => {
    const object = new Class()
    return { object, fill: define(object, content) }
  })

const array: fc.Arbitrary<Node> = fc
  .tuple(fc.array(fc.option(slot), { maxLength: 12 }), fc.boolean(), entries, fc.nat({ max: 3 }))
  .map(([members, holes, extra, rare]) => () => {
    const object: unknown[] = []
    const further = define(
      object,
      extra.filter(([name]) => name !== 'length')
    )
    const fill: Fill = (resolve) => {
      for (const [place, member] of members.entries()) {
        if (member !== null) object[place] = resolve(member)
        else if (!holes) object[place] = place
      }
      if (holes) object.length = members.length
      if (rare === 0) further(resolve)
    }
    return { object, fill }
  })

const collection: fc.Arbitrary<Node> = fc
  .tuple(fc.array(fc.tuple(slot, slot), { maxLength: 8 }), fc.boolean())
  .map(([content, isMap]) => () => {
    const object = isMap ? new Map<unknown, unknown>() : new Set<unknown>()
    const fill: Fill = (resolve) => {
      for (const [left, right] of content) {
        if (object instanceof Map) object.set(resolve(left), resolve(right))
        else object.add(resolve(left)).add(resolve(right))
      }
    }
    return { object, fill }
  })

const bytes = fc.uint8Array({ maxLength: 64 })

/** A buffer that is whole: `structuredClone` would copy the memory around it. */
const wholeMemory = bytes.map((content) => new Uint8Array(content).buffer)

const viewClasses = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView
] as readonly (new (memory: ArrayBuffer, offset?: number, length?: number) => ArrayBufferView)[]

const leaf: fc.Arbitrary<Node> = fc
  .oneof(
    fc.date({ noInvalidDate: false }),
    fc
      .constantFrom(/a/, /b+/gi, /\//, /[\]/]/u, /(?<name>x)./sy, new RegExp(''), new RegExp('a/b'))
      .map((expression) => new RegExp(expression)),
    fc.oneof(fc.double(), fc.boolean(), fc.bigInt(), text).map((value) => Object(value) as object),
    wholeMemory,
    fc.tuple(bytes, fc.nat({ max: 100 })).map(([content, more]) => {
      const memory = new ArrayBuffer(content.length, { maxByteLength: content.length + more })
      new Uint8Array(memory).set(content)
      return memory
    }),
    fc.tuple(fc.constantFrom(...viewClasses), bytes).map(([View, content]) => {
      const length = content.length - (content.length % 8)
      return new View(new Uint8Array(content.subarray(0, length)).buffer)
    })
  )
  .map((object) => () => ({ object: object instanceof Date ? new Date(object) : object }))

const buffer: fc.Arbitrary<Node> = bytes.map((content) => () => ({ object: Buffer.from(content) }))

/** A view of a part of some memory, at any place: only that part crosses. */
const partOfMemory: fc.Arbitrary<Node> = fc
  .tuple(fc.constantFrom(...viewClasses), fc.nat({ max: 7 }), fc.nat({ max: 7 }))
  .map(([View, start, length]) => () => {
    const memory = Uint8Array.from({ length: 128 }, (unused, place) => place).buffer
    return { object: new View(memory, start * 8, length) }
  })

class Failure extends RangeError {
  override name = 'Failure'
  readonly code = 'ERR_FAILURE'
}

class Unnamed extends TypeError {}

const errorClasses = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  Failure,
  Unnamed
]

const error: fc.Arbitrary<Node> = fc
  .tuple(fc.constantFrom(...errorClasses), text, fc.option(slot), entries, fc.boolean())
  .map(([Class, message, cause, extra, aggregate]) => () => {
    const object = aggregate && Class === Error ? new AggregateError([], message) : new Class(message)
    const further = define(
      object,
      extra.filter(([name]) => !['name', 'message', 'stack'].includes(name))
    )
    const fill: Fill = (resolve) => {
      if (cause !== null) {
        Object.defineProperty(object, 'cause', { value: resolve(cause), configurable: true })
      }
      if (object instanceof AggregateError && cause !== null) object.errors.push(resolve(cause))
      further(resolve)
    }
    return { object, fill }
  })
