import { expect } from 'chai'
import type { ErrorEvent } from '../../lib/events.js'
import type { Remote } from '../../lib/remote.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { removeWrittenFolders } from '../spaces/fixtures.js'
import { Gate } from '../support/gate.js'
import { living, newLivingPool, type Living } from '../support/living.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { nextEvent } from '../support/waiting.js'

const restart = { intensity: Infinity, minBackoff: 0, maxBackoff: 0 }

describe('An error of a chain', () => {
  let pool: SpacePool
  let remote: Remote<Living>

  before(async () => {
    ;({ pool, remote } = await newLivingPool())
  })
  after(destroyPools)

  const stackOf = async (chain: PromiseLike<unknown>): Promise<string[]> => {
    const error = (await rejectionOf(wait(chain))) as Error
    return (error.stack ?? '').split('\n').map((line) => line.trim())
  }

  it('is the one that the package threw, with both stacks and the step between them', async () => {
    const error = (await rejectionOf(wait(remote.tool('a').use('b').fail('no luck')))) as Error
    expect(error).to.be.instanceOf(RangeError).and.have.property('message', 'no luck')
    const lines = (error.stack ?? '').split('\n')
    expect(lines[0]).to.equal('RangeError: no luck')
    expect(lines[1]).to.match(/^ {4}at Tool\.fail \(.*living.index\.js:/)
    const step = lines.indexOf('    at living.tool(…).use(…) → fail (in a space)')
    expect(step).to.be.above(1)
    expect(lines[step + 1]).to.match(/live-errors\.test\.ts:\d+:\d+/)
    expect(error.stack).not.to.match(/dist.spaces|lib.wire|lib.supervision/)
  })

  it('names the step that failed, be it in the middle, an argument, a promise, a read or a `new`', async () => {
    const tool = await remote.tool('a')
    const named: [PromiseLike<unknown>, string][] = [
      [remote.tool('a').fail('').use().count(), 'living.tool(…) → fail'],
      [remote.isTool(remote.tool('a').use().fail('')), 'living.tool(…).use(…) → fail'],
      [remote.failLater('').then(), 'living → failLater'],
      [remote.failLater('').use(), 'living → failLater'],
      [tool.use().fail(''), 'Tool.use(…) → fail'],
      [tool.fail(''), 'Tool → fail'],
      [remote.holder.missing.deeper(), 'living.holder.missing → deeper'],
      [
        new (remote.holder as unknown as { Maker: new () => PromiseLike<unknown> }).Maker(),
        'new living.holder → Maker'
      ]
    ]
    for (const [chain, name] of named) {
      expect(await stackOf(chain)).to.include(`at ${name} (in a space)`)
    }
  })

  it('has the frames of the line that built the chain, not of the one that awaits it', async () => {
    function builds(): PromiseLike<unknown> {
      return remote.tool('a').fail('built elsewhere')
    }
    const chain = builds()
    await remote.greet('meanwhile')
    const stack = await stackOf(chain)
    expect(stack[stack.indexOf('at living.tool(…) → fail (in a space)') + 1]).to.match(/^at builds /)
  })

  it('of a read has the frames of who awaits it, since nothing was sent before', async () => {
    async function reads(): Promise<unknown> {
      const tool = await remote.tool('part')
      return await tool.broken
    }
    const stack = await stackOf(reads())
    expect(stack.slice(0, 1)).to.deep.equal(['RangeError: no part'])
    expect(stack[stack.indexOf('at Tool → broken (in a space)') + 1]).to.match(/^at async reads /)
  })

  it('says what was not found, and what there is', async () => {
    const unknown = remote.tool('a') as unknown as { nosuch(): PromiseLike<unknown> }
    const error = await errorOf('ERR_SPACEPOOL_FUNCTION_NOT_FOUND', wait(unknown.nosuch()))
    expect(error).to.deep.include({ package: 'living.tool(…)', path: 'nosuch', segment: 'nosuch' })
    expect(error.available).to.include.members(['use', 'count'])
    expect((error.stack ?? '').split('\n')[1]).to.equal('    at living.tool(…) → nosuch (in a space)')
    const deep = await errorOf('ERR_SPACEPOOL_FUNCTION_NOT_FOUND', wait(remote.holder.missing.deeper()))
    expect(deep).to.include({ package: 'living', path: 'holder.missing.deeper', segment: 'missing' })
  })

  it('says which argument cannot cross, when it is given, and which result', async () => {
    const error = await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', wait(remote.note({ deep: [Symbol('mine')] })))
    expect(error.place).to.equal('parameters[0].deep[0]')
    const promised = await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', wait(remote.note([Promise.resolve(1)])))
    expect(promised.place).to.equal('parameters[0][0]')
    const result = await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', wait(remote.symbol()))
    expect(result.place).to.equal('result')
    expect(result.stack).to.match(/at living → symbol \(in a space\)/)
  })

  it('is whatever was thrown, when that is no error', async () => {
    expect(await rejectionOf(wait(remote.throwText('just a text')))).to.equal('just a text')
  })

  it('of a callback of the host is told to the package, and is an event', async () => {
    const events: ErrorEvent[] = []
    pool.on('error', (event) => events.push(event))
    const failing = (): never => {
      throw new RangeError('from the host')
    }
    const error = await rejectionOf(wait(remote.callbackWith(failing)))
    expect(error).to.be.instanceOf(RangeError).and.have.property('message', 'from the host')
    expect((error as Error).stack).not.to.match(/lib.wire/)
    expect(events.map(({ error }) => (error as Error).message)).to.deep.equal(['from the host'])
    pool.removeAllListeners('error')
  })

  it('of a method of a host object is told to the package', async () => {
    class Failing {
      use(): never {
        throw new RangeError('from a method')
      }
    }
    const error = await rejectionOf(wait(remote.useFrom(new Failing())))
    expect(error).to.be.instanceOf(RangeError).and.have.property('message', 'from a method')
  })
})

describe('A chain that takes too long', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('rejects with its step, and the late outcome is dropped', async () => {
    const pool = newPool({ callTimeout: 60 })
    const remote = living(pool)
    const set = await pool.add('living')
    const error = await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', wait(remote.sleep(500, 'late')))
    expect(error).to.include({ timeout: 60, phase: 'written', key: 'living' })
    expect(error.stack).to.match(/at living → sleep \(in a space\)\n.*live-errors\.test\.ts/)
    expect(await set.call('living', 'greet', ['you'], { timeout: 5000 })).to.equal('hello you')
    expect(pool.stats().sets[0]).to.include({ generation: 1, inFlight: 0, errors: 1 })
  })

  it('leaves a space alive that is blocked for a while, whose late outcomes are dropped', async () => {
    const pool = newPool({ callTimeout: 60 })
    const remote = living(pool)
    const set = await pool.add('living')
    const gate = new Gate()
    const tool = remote.tool('several outcomes')
    // Those before the one that blocks are settled there, and told when nobody waits for them any more.
    const chains = [tool.count(), tool.use(), remote.spinUntilThere(tool, gate.file), tool.count()]
    await Promise.all(chains.map((chain) => errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', wait(chain))))
    gate.open()
    expect(await set.call('living', 'greet', ['you'], { timeout: 5000 })).to.equal('hello you')
    expect(pool.stats().sets[0]).to.include({ generation: 1, restarts: 0 })
  })

  it('has the stack of what blocks the space', async () => {
    const pool = newPool({ callTimeout: 300, restart })
    await pool.add('living')
    const step = nextEvent(pool, 'spaceUnresponsive')
    const spinning = wait(living(pool).spinWith('nothing', 60_000))
    const error = await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', spinning)
    const stack = (await step).remoteStack
    expect(stack).to.match(/spin \(.*living.index\.js:\d+:\d+\)/)
    // Who waits for the chain is told after 40 ms, in which a busy machine may not have found it.
    if (error.remoteStack !== undefined) expect(error.remoteStack).to.equal(stack)
  })
})

describe('Chains at the end of their space or pool', () => {
  afterEach(destroyPools)

  it('reject when it crashes, with what is known and with their step', async () => {
    const pool = newPool({ restart })
    const remote = living(pool)
    await pool.add('living')
    const chains = [remote.never(), remote.exit(3)]
    const names = ['living → never', 'living → exit']
    const errors = await Promise.all(
      chains.map((chain) => errorOf('ERR_SPACEPOOL_SPACE_CRASHED', wait(chain)))
    )
    for (const [place, error] of errors.entries()) {
      expect(error).to.include({ exitCode: 3, phase: 'written', generation: 1 })
      const lines = (error.stack ?? '').split('\n')
      expect(lines[1]).to.equal(`    at ${names[place]} (in a space)`)
      expect(lines[2]).to.match(/live-errors\.test\.ts/)
    }
    expect(await remote.greet('again')).to.equal('hello again')
  })

  it('reject when the set is stopped, those that wait for a space as well', async () => {
    const pool = newPool()
    const set = await pool.add('living', { concurrency: 1 })
    const remote = set.use<Living>('living')
    const [running, waiting] = [wait(remote.never()), wait(remote.greet('you'))]
    const ends = Promise.all([errorOf('ERR_SPACEPOOL_SPACE_STOPPED', running), rejectionOf(waiting)])
    await new Promise(setImmediate)
    await set.remove()
    expect((await ends)[1])
      .to.have.property('code')
      .that.matches(/SPACE_STOPPED/)
    await errorOf('ERR_SPACEPOOL_PACKAGE_NOT_ADDED', wait(remote.greet('you')))
  })

  it('are waited for when the pool is closed; later ones are refused', async () => {
    const pool = newPool()
    const remote = living(pool)
    await remote.greet('you')
    const [tool, pending] = [await remote.tool('a'), remote.sleep(100, 'in time')]
    await Promise.resolve().then(() => undefined)
    await new Promise(setImmediate)
    const closing = pool.close()
    await errorOf('ERR_SPACEPOOL_POOL_CLOSED', wait(remote.greet('late')))
    expect(await pending).to.equal('in time')
    await closing
    await errorOf('ERR_SPACEPOOL_POOL_CLOSED', wait(remote.greet('later')))
    expect(await rejectionOf(wait(tool.use())))
      .to.have.property('code')
      .that.matches(/REFERENCE_RELEASED|POOL_CLOSED/)
  })

  it('reject at once when the pool is destroyed', async () => {
    const pool = newPool()
    const remote = living(pool)
    await remote.greet('you')
    const pending = errorOf('ERR_SPACEPOOL_POOL_CLOSED', wait(remote.never()))
    await new Promise(setImmediate)
    const unsent = errorOf('ERR_SPACEPOOL_POOL_CLOSED', wait(remote.greet('not sent yet')))
    await pool.destroy()
    await Promise.all([pending, unsent])
  })

  it('reject when their package is in several sets, or was not let in', async () => {
    const pool = newPool({ allow: ['living', 'values'] })
    await Promise.all([pool.add('living'), pool.add(['living', 'values'])])
    await errorOf('ERR_SPACEPOOL_INVALID_NAME', wait(pool.use<Living>('plain-functions').greet('you')))
    expect(await living(pool).greet('you')).to.equal('hello you')
    await (await pool.add('living')).remove()
    await pool.add([{ name: 'living', as: 'living' }, 'plain-functions']).catch(() => undefined)
    expect(await living(pool).greet('you')).to.equal('hello you')
  })

  it('reject when they are too large', async () => {
    const pool = newPool({ maxBytes: 100_000 })
    const remote = living(pool)
    await remote.greet('you')
    await errorOf('ERR_SPACEPOOL_TOO_LARGE', wait(remote.note(Buffer.alloc(200_000))))
    await errorOf('ERR_SPACEPOOL_TOO_LARGE', wait(remote.note('x'.repeat(200_000))))
    expect(await remote.note(Buffer.alloc(50_000))).to.have.length(50_000)
  })
})

/** A promise of what a chain settles to. */
async function wait(chain: PromiseLike<unknown>): Promise<unknown> {
  return await chain
}
