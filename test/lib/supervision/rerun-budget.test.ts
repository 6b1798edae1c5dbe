import { expect } from 'chai'
import { RerunBudget } from '../../../lib/supervision/rerun-budget.js'

describe('The budget of calls that are run again', () => {
  it('always allows the first one', () => {
    const budget = new RerunBudget()
    budget.calls = 1
    expect([budget.take(), budget.take()]).to.deep.equal([true, false])
  })

  it('allows one in ten of all calls', () => {
    const budget = new RerunBudget()
    budget.calls = 39
    expect([1, 2, 3, 4].map(() => budget.take())).to.deep.equal([true, true, true, false])
    budget.calls = 40
    expect([budget.take(), budget.take()]).to.deep.equal([true, false])
  })
})
