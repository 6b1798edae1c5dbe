import { expect } from 'chai'
import { ANNOUNCED_LIMIT, CHUNK_SIZE, PARCELS_LIMIT } from '../../../lib/wire/protocol-limits.js'
import { OutgoingParcels, type Chunk } from '../../../lib/wire/outgoing-parcels.js'

const MIB = 1024 * 1024

function all(parcels: OutgoingParcels): Chunk[] {
  const chunks: Chunk[] = []
  for (let chunk = parcels.chunk(); chunk !== undefined; chunk = parcels.chunk()) chunks.push(chunk)
  return chunks
}

function bytes(length: number, fill = 1): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(fill)
}

describe('Parcels on their way out', () => {
  it('take turns, chunk by chunk, each announced with its first', () => {
    const parcels = new OutgoingParcels(() => 100 * MIB)
    parcels.add([bytes(10), bytes(2 * CHUNK_SIZE + 5)], false)
    parcels.add([bytes(CHUNK_SIZE)], false)
    parcels.add([bytes(CHUNK_SIZE + 1)], false)
    expect(parcels.waitingBytes).to.equal(4 * CHUNK_SIZE + 16)
    const chunks = all(parcels).map(({ parcel, bytes, sizes }) => [parcel, bytes.length, sizes?.length])
    expect(chunks).to.deep.equal([
      [0, CHUNK_SIZE, 2],
      [1, CHUNK_SIZE, 1],
      [2, CHUNK_SIZE, 1],
      [0, CHUNK_SIZE, undefined],
      [2, 1, undefined],
      [0, 5, undefined]
    ])
    expect([parcels.waitingBytes, parcels.empty]).to.deep.equal([0, true])
  })

  it('have their message with the announcement when it is small and something is attached', () => {
    const parcels = new OutgoingParcels(() => 100 * MIB)
    const [small, large] = [bytes(ANNOUNCED_LIMIT), bytes(ANNOUNCED_LIMIT + 1)]
    for (const message of [small, large]) parcels.add([message, bytes(70_000)], false)
    parcels.add([small], false)
    expect(
      all(parcels).map(({ parcel, message, bytes }) => [parcel, message?.length, bytes.length])
    ).to.deep.equal([
      [0, ANNOUNCED_LIMIT, 70_000],
      [1, undefined, ANNOUNCED_LIMIT + 1],
      [2, undefined, ANNOUNCED_LIMIT],
      [1, undefined, 70_000]
    ])
    expect(parcels.waitingBytes).to.equal(0)
  })

  it('go one after the other where their order counts, and do not hold up the others', () => {
    const parcels = new OutgoingParcels(() => 100 * MIB)
    parcels.add([bytes(CHUNK_SIZE + 1)], true)
    parcels.add([bytes(5)], true)
    parcels.add([bytes(CHUNK_SIZE + 2)], false)
    parcels.add([bytes(6)], true)
    expect([parcels.orderedBusy, parcels.orderedBytes]).to.deep.equal([true, CHUNK_SIZE + 12])
    expect(all(parcels).map(({ parcel }) => parcel)).to.deep.equal([0, 2, 0, 2, 1, 3])
    expect([parcels.orderedBusy, parcels.orderedBytes]).to.deep.equal([false, 0])
  })

  it('are under way only as many as fit in the window, unless one alone is larger', () => {
    const parcels = new OutgoingParcels(() => MIB)
    for (const size of [MIB / 2, MIB / 2, MIB / 2, 3 * MIB, 10]) parcels.add([bytes(size)], false)
    let under = 0
    const open = new Set<number>()
    const left = new Map<number, number>()
    for (const { parcel, bytes, sizes } of all(parcels)) {
      if (sizes !== undefined) {
        open.add(parcel)
        left.set(parcel, sizes[0] as number)
        under += sizes[0] as number
        expect(open.size === 1 || under <= MIB).to.equal(true)
      }
      left.set(parcel, (left.get(parcel) as number) - bytes.length)
      if (left.get(parcel) !== 0) continue
      open.delete(parcel)
      under -= [MIB / 2, MIB / 2, MIB / 2, 3 * MIB, 10][parcel] as number
    }
    expect([open.size, under]).to.deep.equal([0, 0])
  })

  it('are under way only as many as may be announced', () => {
    const parcels = new OutgoingParcels(() => 1000 * MIB)
    const parts = [bytes(CHUNK_SIZE), bytes(70_000)]
    for (let place = 0; place < PARCELS_LIMIT + 10; place++) parcels.add(parts, false)
    const announced = Array.from({ length: PARCELS_LIMIT + 10 }, () => parcels.chunk()?.sizes !== undefined)
    expect(announced.filter((first) => first)).to.have.length(PARCELS_LIMIT)
    parcels.clear()
    expect([parcels.empty, parcels.waitingBytes, parcels.chunk()]).to.deep.equal([true, 0, undefined])
  })

  it('keep to the sizes they announced when their memory is taken away', () => {
    const parcels = new OutgoingParcels(() => 10 * MIB)
    const attached = bytes(CHUNK_SIZE + 100)
    parcels.add([bytes(10), attached], false)
    structuredClone(attached, { transfer: [attached.buffer] })
    const chunks = all(parcels)
    expect(chunks[0]?.sizes).to.deep.equal([10, CHUNK_SIZE + 100])
    expect(chunks.map((chunk) => chunk.bytes.length)).to.deep.equal([CHUNK_SIZE, 100])
    expect(chunks[0]?.bytes.some((byte) => byte !== 0)).to.equal(false)
  })
})
