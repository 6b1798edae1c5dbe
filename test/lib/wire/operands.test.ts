import { expect } from 'chai'
import { Operand } from '../../../lib/wire/live-reader.js'
import { operandsIn, replaceOperands } from '../../../lib/wire/operands.js'

const operand = (index: number): Operand => new Operand({ kind: 'step', index }, [])

describe('Operands', () => {
  it('are found at any depth, once for each place', () => {
    const shared = { deep: operand(2) }
    const parameters = [
      operand(0),
      [new Map([[operand(1), shared]])],
      shared,
      new Set([operand(3)]),
      operand(0)
    ]
    const found = operandsIn(parameters).map(({ base }) => (base as { index: number }).index)
    expect(found.sort((one, other) => one - other)).to.deep.equal([0, 0, 1, 2, 3])
  })

  it('are replaced where they are, in maps and sets in their order, in circles as well', () => {
    const structure: Record<string, unknown> = { list: [operand(1)], set: new Set(['a', operand(2), 'b']) }
    structure['self'] = structure
    const map = new Map<unknown, unknown>([
      ['first', 1],
      [operand(3), operand(4)],
      ['last', structure]
    ])
    const error = new Error('with parts', { cause: operand(5) })
    const parameters = [map, error, operand(6)]
    replaceOperands(parameters, ({ base }) => `value ${(base as { index: number }).index}`)
    expect([...map.keys()]).to.deep.equal(['first', 'value 3', 'last'])
    expect(map.get('value 3')).to.equal('value 4')
    expect(structure['list']).to.deep.equal(['value 1'])
    expect([...(structure['set'] as Set<unknown>)]).to.deep.equal(['a', 'value 2', 'b'])
    expect([error.cause, parameters[2]]).to.deep.equal(['value 5', 'value 6'])
  })

  it('are not looked for in what was put in their places, nor in what is no value', () => {
    class Instance {
      part = operand(9)
    }
    const instance = new Instance()
    const lent = new Proxy([operand(8)], {})
    const parameters = [operand(0), instance, lent]
    replaceOperands(parameters, () => [operand(7)])
    expect(parameters[0]).to.deep.equal([operand(7)])
    expect(instance.part).to.be.instanceOf(Operand)
    expect(operandsIn([instance, lent])).to.deep.equal([])
  })
})
