import { createRequire } from 'node:module'

// Frames as the library itself writes them, and the means to write others. They follow the library as built, so that a
// change of the protocol does not turn an attack into mere garbage.

const require = createRequire(import.meta.url)
const wire = (name) => require(`../../dist/lib/wire/${name}.js`)

const { Encoder } = wire('encoder')
const { BATCH, CHUNK, KIND_SHIFT } = wire('frame-reader')
const { writeMessage } = wire('message-writer')
const { Pending } = wire('pending')
const { TargetTable } = wire('target-table')

export const { messageTypes, PARCEL } = wire('message-tags')
export const { BATCH_LIMIT, CHUNK_SIZE, MESSAGE_LIMIT } = wire('protocol-limits')
export const tags = wire('tags')

/** One message as bytes; a function among its values gets the reference 0. */
export function message(fields) {
  return written((encoder) => writeMessage(encoder, new TargetTable(), fields, true))
}

/** What `write(encoder)` writes: any bytes. */
export function written(write) {
  const encoder = new Encoder(4096)
  encoder.lend = () => 0
  encoder.begin()
  write(encoder)
  return Buffer.from(encoder.bytes.subarray(0, encoder.position))
}

/** A result whose value is written by `write(encoder)`. */
export function resultOf(id, write) {
  return written((encoder) => {
    encoder.byte(messageTypes.result)
    encoder.uint32(id)
    encoder.byte(0)
    write(encoder)
  })
}

/** A script that calls this method of what was lent first. */
export function scriptOf(method, ...parameters) {
  const base = { kind: 'reference', number: 0 }
  const step = { operation: 'call', base, path: [method], parameters, wanted: true }
  return message({ type: 'script', id: 1, steps: [step] })
}

/** A batch of these bytes, with the length they have or another one. */
export function frame(bytes, length = bytes.length) {
  return Buffer.concat([header(BATCH, length), bytes])
}

export function chunk(parcel, bytes, length = bytes.length) {
  const number = Buffer.alloc(4)
  number.writeUInt32LE(parcel)
  return Buffer.concat([header(CHUNK, length), number, bytes])
}

export function header(kind, length) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(kind * 2 ** KIND_SHIFT + length)
  return bytes
}

/** The announcement of a parcel, for a batch. */
export function announcement(parcel, sizes) {
  return written((encoder) => {
    encoder.byte(PARCEL)
    encoder.count(parcel)
    encoder.count(sizes.length)
    for (const size of sizes) encoder.count(size)
  })
}

/** Bytes that look like chance and are the same in every run. */
export function noise(length, seed = 1) {
  const bytes = Buffer.alloc(length)
  let state = seed
  for (let place = 0; place < length; place++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[place] = state >>> 24
  }
  return bytes
}

/**
 * The ids of the requests to a space that holds one package: `add` was the first, `own` is the call that is made next,
 * `beside` one that is in flight with it, and `later` none that exists.
 */
export const ids = idsAfterOneAdd()

function idsAfterOneAdd() {
  const sink = {}
  const pending = new Pending()
  const add = pending.add(sink)
  pending.take(add)
  const own = pending.add(sink)
  const beside = pending.add(sink)
  return { add, own, beside, later: pending.add(sink) }
}
