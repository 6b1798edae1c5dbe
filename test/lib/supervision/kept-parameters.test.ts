import { expect } from 'chai'
import { parseCallOptions } from '../../../lib/options.js'
import { ContextOfCalls } from '../../../lib/supervision/caller.js'
import { keepParameters } from '../../../lib/supervision/kept-parameters.js'
import { PendingCall, type CallOwner } from '../../../lib/supervision/pending-call.js'
import { Packed } from '../../../lib/wire/packed.js'

const caller = new ContextOfCalls(undefined)

function callWith(parameters: unknown[]): PendingCall {
  const ignore = (): void => undefined
  const target = { package: 'a', path: 'b' }
  return new PendingCall(
    {} as CallOwner,
    target,
    parameters,
    parseCallOptions(undefined),
    Infinity,
    ignore,
    ignore
  )
}

describe('The parameters of a call that waits', () => {
  it('are copied where none of them can change', () => {
    const given = ['text', 1, null, undefined, true, 2n]
    const call = callWith(given)
    keepParameters(call, caller, 1000)
    given[0] = 'changed'
    expect(call.parameters).to.deep.equal(['text', 1, null, undefined, true, 2n])
    expect(call.size).to.be.within(8, 1000)
  })

  it('are packed as they are now where one can', () => {
    const call = callWith([{ list: [1, 2, 3] }])
    keepParameters(call, caller, 1000)
    expect(call.parameters).to.be.an.instanceof(Packed)
    expect(call.size).to.equal((call.parameters as Packed).size)
    const before = call.parameters
    keepParameters(call, caller, 1000)
    expect(call.parameters).to.equal(before)
  })

  it('remember where they were written when functions are among them', () => {
    const call = callWith([() => undefined])
    keepParameters(call, caller, 1000)
    expect((call.parameters as Packed).scope).to.not.equal(undefined)
  })

  it('are refused when they cannot cross or are too large', () => {
    expect(() => keepParameters(callWith([Symbol('s')]), caller, 1000)).to.throw()
    expect(() => keepParameters(callWith([{ text: 'x'.repeat(2000) }]), caller, 1000)).to.throw()
  })
})
