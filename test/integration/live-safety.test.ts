import { expect } from 'chai'
import { copy } from '../../lib/live.js'
import type { Remote } from '../../lib/remote.js'
import { living, newLivingPool, type Living } from '../support/living.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'

/** Anything may be written down. */
type Anything = PromiseLike<unknown> &
  ((...parameters: unknown[]) => Anything) &
  (new (...parameters: unknown[]) => Anything)

const forbidden = [
  '__proto__',
  'prototype',
  'constructor',
  'hasOwnProperty',
  'toLocaleString',
  '__defineGetter__'
]
const forbiddenOfFunctions = [...forbidden, 'call', 'apply', 'bind']

class Secretive {
  readonly inner = { open: 'open' }

  use(value: unknown): unknown {
    return value
  }
}

describe('What a chain reaches', () => {
  let remote: Remote<Living>
  let anything: Anything

  before(async () => {
    ;({ remote } = await newLivingPool())
    anything = remote as unknown as Anything
  })
  after(destroyPools)

  const refused = async (chain: PromiseLike<unknown>): Promise<void> => {
    await errorOf('ERR_SPACEPOOL_FUNCTION_NOT_FOUND', wait(chain))
  }

  it('never leaves the package, from whichever step it begins', async () => {
    const [tool, add] = [await remote.tool('a'), await remote.adder(1)]
    const begins: [() => Anything, readonly string[]][] = [
      [() => anything, forbidden],
      [() => at(anything, 'holder'), forbidden],
      [() => at(anything, 'greet'), forbiddenOfFunctions],
      [() => at(anything, 'tool')('a'), forbidden],
      [() => tool as unknown as Anything, forbidden],
      // It has `call`, `apply` and `bind` here, which do nothing but call it.
      [() => add as unknown as Anything, forbidden]
    ]
    for (const [begin, names] of begins) {
      for (const name of names) await refused(at(begin(), name)('return process'))
    }
  })

  it('is bounded for reads, `new`, copies, iterations and arguments as well', async () => {
    for (const name of ['__proto__', 'prototype', 'constructor']) {
      const there = at(at(anything, 'Tool'), name)
      await refused(there)
      await refused(new there())
      await refused(copy(there))
      await refused(iterate(there))
      await refused(at(anything, 'note')(there))
      await refused(at(anything, 'note')({ deep: [there] }))
    }
    expect(await at(at(anything, 'holder'), 'hasOwnProperty')).to.equal(undefined)
  })

  it('is at most 16 names away', async () => {
    let far = anything
    for (let count = 0; count < 17; count++) far = at(far, 'deeper')
    await refused(far())
    await refused(far)
    await refused(copy(far))
    await refused(at(anything, 'note')({ deep: far }))
  })

  it('goes on from values as well, by the members of their class', async () => {
    const text = (): Anything => at(anything, 'greet')('you')
    expect(await at(text(), 'toUpperCase')()).to.equal('HELLO YOU')
    expect(await at(at(anything, 'plain')(), 'a')).to.equal(1)
    await refused(at(text(), 'constructor')())
  })
})

describe('What a space reaches of the host', () => {
  let remote: Remote<Living>

  before(async () => {
    ;({ remote } = await newLivingPool())
  })
  after(destroyPools)

  it('is what it was given, and the same rules hold for the way there', async () => {
    const given = new Secretive()
    expect(await remote.readFrom(given, 'inner')).to.deep.equal({ open: 'open' })
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      await errorOf('ERR_SPACEPOOL_FUNCTION_NOT_FOUND', wait(remote.readFrom(given, name)))
    }
    expect(await remote.readFrom(given, 'hasOwnProperty')).to.equal(undefined)
    expect(await remote.readFrom(given, 'missing')).to.equal(undefined)
  })

  it('cannot be changed by setting properties', async () => {
    const given = new Secretive()
    const error = await wait(remote.writeTo(given, 'inner', 'changed')).catch((error: unknown) => error)
    expect(error).to.be.instanceOf(TypeError)
    expect(given.inner).to.deep.equal({ open: 'open' })
  })
})

describe('A chain with more large binary values than one message carries', () => {
  afterEach(destroyPools)

  it('is refused here, and its space notices nothing', async () => {
    const pool = newPool({ maxBytes: 2 ** 31 - 1 })
    const remote = living(pool)
    const pid = await remote.pid()
    const large = Array.from({ length: 5 }, () => Buffer.alloc(300 * 1024))
    let chain = remote.tool('loaded')
    for (let step = 0; step < 900; step++) chain = chain.with(large) as never as typeof chain
    const error = await errorOf('ERR_SPACEPOOL_TOO_LARGE', wait(chain))
    expect(error).to.include({ limit: 4095, unit: 'attachments' })
    expect(error.message).to.match(/more than 4095 binary values of 64 KiB/)
    expect(error.stack).to.match(/at living\.tool\(…\)\.with\(…\).* … .*\.with\(…\) → with \(in a space\)/)
    expect(error.stack).to.have.length.below(3000)
    expect(await remote.pid()).to.equal(pid)
    expect(pool.stats().sets[0]).to.include({ generation: 1, restarts: 0 })
  })
})

async function iterate(remote: Anything): Promise<void> {
  for await (const item of remote as unknown as AsyncIterable<unknown>) expect.fail(String(item))
}

function at(from: Anything, name: string): Anything {
  return Reflect.get(from, name) as Anything
}

/** A promise of what a chain settles to. */
async function wait(chain: PromiseLike<unknown>): Promise<unknown> {
  return await chain
}
