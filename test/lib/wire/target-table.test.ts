import { expect } from 'chai'
import { TARGET_LIMIT } from '../../../lib/wire/protocol-limits.js'
import { TargetTable } from '../../../lib/wire/target-table.js'

describe('The table of targets', () => {
  it('has one target for all steps with the same package and path', () => {
    const table = new TargetTable()
    const first = table.ofStep('tools', ['a', 'b'])
    expect(first).to.deep.include({ package: 'tools', path: 'a.b', segments: ['a', 'b'] })
    expect(table.ofStep('tools', ['a', 'b'])).to.equal(first)
    expect(table.ofStep('', ['a', 'b'])).to.not.equal(first)
  })

  it('has none for a path that is not to be told from another in one text', () => {
    const table = new TargetTable()
    for (const path of [['a.b'], [''], ['x'.repeat(1000)]]) {
      expect(table.ofStep('tools', path)).to.equal(undefined)
    }
    table.ofStep('tools', ['a', 'b'])
    expect(table.ofStep('tools', ['a.b'])).to.equal(undefined)
  })

  it('forgets the place of what is taken back', () => {
    const table = new TargetTable()
    const [kept, gone] = [table.ofStep('tools', ['kept']), table.ofStep('tools', ['gone'])]
    if (kept === undefined || gone === undefined) return expect.fail('no target')
    for (const target of [kept, gone]) {
      table.add(target)
      target.place = table.find(target)
    }
    table.truncate(1)
    expect([kept.place, gone.place, table.find(gone)]).to.deep.equal([0, -1, -1])
  })

  it('takes a bounded number of targets', () => {
    const table = new TargetTable()
    for (let n = 0; n < TARGET_LIMIT; n++) expect(table.add({ package: 'p', path: String(n) })).to.equal(true)
    expect(table.add({ package: 'p', path: 'more' })).to.equal(false)
    expect(table.targets).to.have.length(TARGET_LIMIT)
  })
})
