import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { bundle } from '../../support/bundle.js'
import { CodecPair } from '../../support/codec-pair.js'

/** So many that functions are made for their shapes. */
const MANY = 1100

function crossMany(object: object): unknown[] {
  const pair = new CodecPair()
  return Array.from({ length: MANY }, () => pair.cross(object))
}

describe('The objects of a shape', () => {
  it('are the same from the first to the last of many, whatever their keys are', () => {
    const keys = [
      ['a', 'b', 'c'],
      ['"', "'", '`', '\\', '\n', '\u2028', '${a}', '*/', '']
    ]
    const others = [
      ['\ud800', '\udc00', '\ud83d\ude00', '\u0000', '\u00e4'],
      ['constructor', 'toString', 'hasOwnProperty', 'then', 'get', 'object', 'members', 'undefined'],
      ['zero', '1', '0', '-1', '01', '4294967295', '4294967296'],
      ['"]: (() => { globalThis.polluted = true })(), ["', '}; globalThis.polluted = true; ({'],
      ['__proto__', 'constructor', 'prototype']
    ]
    for (const names of [...keys, ...others]) {
      const object = {}
      names.forEach((value, place) => {
        const writable = { writable: true, enumerable: true, configurable: true }
        Object.defineProperty(object, value, { value: [value, place, place / 3], ...writable })
      })
      for (const arrived of crossMany(object)) {
        expect(arrived).to.deep.equal(object)
        expect(Object.keys(arrived as object)).to.deep.equal(Object.keys(object))
        expect(Object.getPrototypeOf(arrived)).to.equal(Object.prototype)
      }
    }
    expect(globalThis).not.to.have.property('polluted')
  })

  it('may hold themselves and each other', () => {
    interface Ring {
      readonly name: string
      self?: Ring
      readonly list: Ring[]
    }
    const ring: Ring = { name: 'ring', self: undefined, list: [] } as unknown as Ring
    ring.self = ring
    ring.list.push(ring, { name: 'other', self: ring, list: [] })
    for (const arrived of crossMany(ring) as Ring[]) {
      expect(arrived.self).to.equal(arrived)
      expect(arrived.list[0]).to.equal(arrived)
      expect(arrived.list[1]?.self).to.equal(arrived)
    }
  })

  it('may have a key twice where the sender is no honest one', () => {
    const pair = new CodecPair()
    const key = [0x81, 0x61]
    expect(pair.read(Buffer.from([0xac, 2, ...key, ...key, 1, 2]))).to.deep.equal({ a: 2 })
    for (let n = 0; n < MANY; n++) {
      expect(pair.read(Buffer.from([0xab, 0, n % 100, 7]))).to.deep.equal({ a: 7 })
    }
  })

  it('may be read where no code may be made of texts', async () => {
    const program = await bundle(join(__dirname, '../../fixtures/programs/shapes-without-code.ts'))
    const output = execFileSync(process.execPath, ['--disallow-code-generation-from-strings', program], {
      encoding: 'utf8'
    })
    expect(output).to.equal(String(MANY))
  })
})
