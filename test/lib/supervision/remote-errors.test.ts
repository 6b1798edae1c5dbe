import { expect } from 'chai'
import {
  joinChainStack,
  joinStacks,
  joinWaiting,
  markRemote
} from '../../../lib/supervision/remote-errors.js'
import { Step, type Root } from '../../../lib/wire/chain.js'

describe('An error of a space', () => {
  const base = { kind: 'root', name: 'semver' } as unknown as Root

  it('gets the frames of its caller below its own', () => {
    const error = Object.assign(new Error('x'), { stack: 'Error: x\n    at there' })
    expect((joinStacks(markRemote(error)) as Error).stack).to.match(
      /^Error: x\n {4}at there\n {4}at <in a space>\n {4}at .*remote-errors\.test/
    )
  })

  it('may have anything in the place of a stack, a name and a message', () => {
    const odd = { toString: 1 }
    for (const [properties, head] of [
      [{ stack: 5 }, 'Error: x'],
      [{ stack: odd }, 'Error: x'],
      [{ stack: undefined, name: odd }, 'x'],
      [{ stack: undefined, message: odd }, 'an error without a message'],
      [{ stack: Symbol('odd'), message: Symbol('odd') }, 'an error without a message']
    ] as [object, string][]) {
      const make = (): Error => Object.assign(new Error('x'), properties)
      const joined = joinStacks(markRemote(make())) as Error
      expect(joined.stack?.split('\n').slice(0, 2)).to.deep.equal([head, '    at <in a space>'])
      const step = new Step('call', base, ['inc'], [], undefined)
      const ofChain = joinChainStack(make(), step, false) as Error
      expect(ofChain.stack?.split('\n')[0]).to.equal(head)
      const awaited = make()
      joinWaiting(awaited, {})
      expect(awaited.stack).to.equal(head)
    }
  })
})
