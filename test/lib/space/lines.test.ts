import { expect } from 'chai'
import fc from 'fast-check'
import { Lines } from '../../../lib/space/lines.js'

describe('Lines', () => {
  it('come whole, however the text is cut into chunks', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\n', '\n', '\r') })
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (text, sizes) => {
        const { lines, given } = collect(1000)
        for (const chunk of cut(Buffer.from(text), sizes)) expect(lines.push(chunk, 1000)).to.equal(0)
        lines.close()
        const expected = text.split('\n').map((line) => line.replace(/\r$/, ''))
        if (text === '' || text.endsWith('\n')) expected.pop()
        expect(given).to.deep.equal(expected)
      })
    )
  })

  it('are cut between two characters when they are too long', () => {
    const { lines, given } = collect(10)
    lines.push(Buffer.from('€'.repeat(7) + '\nshort\n'), 100)
    expect(given).to.deep.equal(['€€€', '€€€', '€', 'short'])
  })

  it('are cut without waiting for their end', () => {
    const { lines, given } = collect(4)
    for (const letter of 'abcdefghij') lines.push(Buffer.from(letter), 100)
    expect(given).to.deep.equal(['abcd', 'efgh'])
    lines.close()
    lines.close()
    expect(given).to.deep.equal(['abcd', 'efgh', 'ij'])
  })

  it('are counted instead of handed on beyond the number asked for', () => {
    const { lines, given } = collect(10)
    expect(lines.push(Buffer.from('a\nb\nc\nd\ne'), 2)).to.equal(2)
    expect(lines.push(Buffer.from('f\ng\n'), 0)).to.equal(2)
    expect(lines.push(Buffer.from('h'), 0)).to.equal(0)
    expect(lines.push(Buffer.from('i\nj\n'), 5)).to.equal(0)
    expect(given).to.deep.equal(['a', 'b', 'hi', 'j'])
  })

  it('do not pile up while they are left out', () => {
    const { lines, given } = collect(10)
    for (let count = 0; count < 3; count++) expect(lines.push(Buffer.from('x'.repeat(11)), 0)).to.equal(1)
    lines.push(Buffer.from('y\n'), 1)
    expect(given).to.deep.equal(['y'])
  })
})

function collect(longest: number): { lines: Lines; given: string[] } {
  const given: string[] = []
  return { given, lines: new Lines(longest, (line) => given.push(line)) }
}

function* cut(bytes: Buffer, sizes: readonly number[]): Iterable<Buffer> {
  let start = 0
  for (let turn = 0; start < bytes.length; turn++) {
    const end = start + (sizes[turn % sizes.length] ?? 1)
    yield bytes.subarray(start, end)
    start = end
  }
}
