import { expect } from 'chai'
import { withCallbacks } from '../../lib/compat-callbacks.js'
import { isSpacePoolError } from '../../lib/errors.js'
import { thrownBy } from '../support/thrown-by.js'

const make = () => () => undefined

describe('The parameters of the older API', () => {
  it('have a function of N parameters in the place of each cb:N', () => {
    const [first, second, third] = withCallbacks(['one', 'cb:2', 'cb:0'], make) as [
      string,
      Function,
      Function
    ]
    expect(first).to.equal('one')
    expect(second).to.be.a('function').with.length(2)
    expect(third).to.be.a('function').with.length(0)
    expect(second).to.not.equal(third)
  })

  it('have one at any depth of arrays and plain objects, and are not changed themselves', () => {
    const options = { onData: 'cb:1', inner: { list: [1, 'cb:2'] }, kept: new Date(0) }
    const [copy] = withCallbacks([options], make) as [
      { onData: Function; inner: { list: unknown[] }; kept: Date }
    ]
    expect(copy.onData).to.be.a('function').with.length(1)
    expect(copy.inner.list[0]).to.equal(1)
    expect(copy.inner.list[1]).to.be.a('function').with.length(2)
    expect(copy.kept).to.equal(options.kept)
    expect(options).to.deep.equal({ onData: 'cb:1', inner: { list: [1, 'cb:2'] }, kept: new Date(0) })
  })

  it('stay the same objects where there is none', () => {
    const parameters = [{ text: 'cb' }, [1, 2], new Map([['callback', 'cb:1']]), null, 'cb 2']
    expect(withCallbacks(parameters, make)).to.have.ordered.members(parameters)
  })

  it('may refer to themselves', () => {
    const parameter: Record<string, unknown> = { call: 'cb:1' }
    parameter['self'] = parameter
    const [copy] = withCallbacks([parameter], make) as [Record<string, unknown>]
    expect(copy['self']).to.equal(copy)
    expect(copy['call']).to.be.a('function')
  })

  it('keep holes, and keys such as __proto__ as they are', () => {
    const list = JSON.parse('[{ "__proto__": { "polluted": true }, "call": "cb:1" }]') as object[]
    const [copy] = withCallbacks(list, make) as [object]
    expect(Object.keys(copy)).to.deep.equal(['__proto__', 'call'])
    expect((copy as { polluted?: boolean }).polluted).to.equal(undefined)
    const [sparse] = withCallbacks([Object.assign(new Array<unknown>(3), { 2: 'cb:1' })], make) as [unknown[]]
    expect(sparse).to.have.lengthOf(3)
    expect(Object.keys(sparse)).to.deep.equal(['2'])
  })

  for (const wrong of [
    'cb:',
    'cb:x',
    'cb:-1',
    'cb:1.5',
    'cb:256',
    'cb:1e2',
    'cb: 1',
    'cb:9999999999',
    'cb:1 '
  ]) {
    it(`are refused with a "${wrong}" among them, which is data when it is deeper`, () => {
      const error = thrownBy(() => withCallbacks(['fine', wrong], make))
      expect(isSpacePoolError(error, 'ERR_SPACEPOOL_INVALID_ARGUMENT')).to.equal(true)
      expect(error).to.include({ argument: 'parameters[1]', got: `the string ${JSON.stringify(wrong)}` })
      expect(withCallbacks([{ text: wrong }], make)).to.deep.equal([{ text: wrong }])
    })
  }
})
