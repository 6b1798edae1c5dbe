import { expect } from 'chai'
import { readFrame, TEXT, textFrame } from '../../../lib/space/web-socket-frames.js'

const LONGEST = 100_000

describe('A frame of a server', () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536, LONGEST]) {
    it(`is read with ${length} bytes, once all of it is there`, () => {
      const frame = serverFrame(Buffer.alloc(length, 'x'))
      const { opcode, payload, size } = readFrame(Buffer.concat([frame, frame]), LONGEST) ?? {}
      expect([opcode, payload?.toString(), size]).to.deep.equal([TEXT, 'x'.repeat(length), frame.length])
      for (const part of [0, 1, 2, 3, 9, frame.length - 1].filter((count) => count < frame.length)) {
        expect(readFrame(frame.subarray(0, part), LONGEST), `${part} bytes`).to.equal(undefined)
      }
    })
  }

  it('is refused by its head when it is too long', () => {
    for (const length of [LONGEST + 1, 2 ** 40]) {
      expect(() => readFrame(serverHead(length), LONGEST)).to.throw(`${length} bytes`)
    }
  })

  it('is refused when it is masked, one of several, or uses an extension', () => {
    for (const head of [
      [0x81, 0x85],
      [0x01, 0x05],
      [0xc1, 0x05]
    ]) {
      expect(() => readFrame(Buffer.from(head), LONGEST)).to.throw('unknown kind')
    }
  })
})

describe('A frame of a client', () => {
  for (const length of [0, 5, 125, 126, 65_535, 65_536]) {
    it(`carries ${length} bytes, masked`, () => {
      const frame = textFrame('é'.repeat(length >> 1) + 'x'.repeat(length & 1))
      expect([frame[0], (frame[1] as number) & 0x80]).to.deep.equal([0x81, 0x80])
      expect(unmasked(frame, length)).to.equal('é'.repeat(length >> 1) + 'x'.repeat(length & 1))
    })
  }

  it('has a mask of its own', () => {
    expect(textFrame('same')).to.not.deep.equal(textFrame('same'))
  })
})

function serverFrame(payload: Buffer): Buffer {
  return Buffer.concat([serverHead(payload.length), payload])
}

function serverHead(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, length])
  const head = Buffer.alloc(length < 65_536 ? 4 : 10)
  head[0] = 0x81
  head[1] = length < 65_536 ? 126 : 127
  if (length < 65_536) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return head
}

function unmasked(frame: Buffer, length: number): string {
  const payload = frame.subarray(frame.length - length)
  const mask = frame.subarray(frame.length - length - 4, frame.length - length)
  return Buffer.from(payload.map((byte, place) => byte ^ (mask[place & 3] as number))).toString()
}
