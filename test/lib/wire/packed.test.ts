import { expect } from 'chai'
import { pack } from '../../../lib/wire/packed.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import { thrownBy } from '../../support/thrown-by.js'

const MIB = 1024 * 1024

describe('A packed value', () => {
  it('is what the value was at that time, with its functions and large binary values beside it', () => {
    const run = (): void => {}
    const large = Buffer.alloc(300_000)
    const packed = pack([{ run, large, text: 'x'.repeat(100) }, run], 'parameters', MIB)
    expect(packed.functions).to.deep.equal([run, run])
    expect(packed.attachments).to.have.length(1)
    expect(packed.attachments[0]?.buffer).to.equal(large.buffer)
    expect(packed.size).to.be.within(300_100, 300_300)
  })

  it('may have its large binary values copied', () => {
    const large = Buffer.alloc(300_000)
    const own = pack([large], 'parameters', MIB).own()
    large.fill(1)
    expect(own.attachments[0]?.some((byte) => byte !== 0)).to.equal(false)
    const small = pack([1], 'parameters', MIB)
    expect(small.own()).to.equal(small)
  })

  it('does not depend on what was packed before, nor on what failed', () => {
    const first = pack([{ a: 1, b: { c: 2 } }], 'parameters', MIB)
    expect(() => pack([{ a: Symbol('s') }], 'parameters', MIB)).to.throw(Refusal)
    expect(pack([{ a: 1, b: { c: 2 } }], 'parameters', MIB).bytes).to.deep.equal(first.bytes)
  })

  it('may be packed while another one is, by a getter', () => {
    const inner: unknown[] = []
    const value = {
      before: { x: 1 },
      get now(): number {
        inner.push(pack([{ before: { x: 2 } }], 'parameters', MIB))
        return 5
      },
      after: { x: 3 }
    }
    const plain = pack([{ before: { x: 1 }, now: 5, after: { x: 3 } }], 'parameters', MIB)
    expect(pack([value], 'parameters', MIB).bytes).to.deep.equal(plain.bytes)
    expect(inner).to.deep.equal([pack([{ before: { x: 2 } }], 'parameters', MIB)])
  })

  it('is refused beyond the limit, whatever it is made of, before much memory is taken', () => {
    const before = process.memoryUsage().arrayBuffers
    for (const value of [
      'x'.repeat(20 * MIB),
      Buffer.alloc(2 * MIB),
      Array.from({ length: MIB }, () => 0.5)
    ]) {
      for (const each of [value, [value], [1, { value }]]) {
        const refusal = thrownBy(() => pack(each, 'parameters', MIB)) as Refusal
        expect(refusal).to.be.instanceOf(Refusal).and.include({ code: 'TOO_LARGE' })
        expect(refusal.details).to.include({ place: 'parameters', limit: MIB })
        expect(refusal.details['size']).to.be.greaterThan(MIB)
      }
    }
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(40 * MIB)
  })

  it('has no more attachments than a message may have: what is more goes inside', () => {
    const memory = new ArrayBuffer(65_536)
    const views = Array.from({ length: 4100 }, () => new Uint8Array(memory))
    const packed = pack(views, 'parameters', 300 * MIB)
    expect(packed.attachments).to.have.length(4095)
    expect(packed.bytes.length).to.be.within(5 * 65_536, 6 * 65_536)
  })
})
