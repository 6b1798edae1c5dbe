import { expect } from 'chai'
import type { ErrorEvent } from '../../lib/events.js'
import { copy, release } from '../../lib/live.js'
import type { PackageSet } from '../../lib/package-set.js'
import type { Remote } from '../../lib/remote.js'
import { living, newLivingPool, type Living, type Tool } from '../support/living.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { nextEvent } from '../support/waiting.js'

describe('Chains', () => {
  let set: PackageSet
  let remote: Remote<Living>

  before(async () => {
    ;({ set, remote } = await newLivingPool())
  })
  beforeEach(async () => {
    await remote.done()
  })
  after(destroyPools)

  const requestsDuring = async (act: () => Promise<unknown>): Promise<number> => {
    const before = set.stats().calls
    await act()
    return set.stats().calls - before
  }

  it('of any length are one request, each of whose calls runs exactly once, in order', async () => {
    const requests = await requestsDuring(async () => {
      expect(await remote.tool('a').use('1').useLater('2').use('3').self().count()).to.equal(3)
    })
    expect(requests).to.equal(1)
    expect(await remote.done()).to.deep.equal(['new a', 'a 1', 'a 2', 'a 3'])
  })

  it('that alternate run their calls in the order in which they were written, as one request', async () => {
    const requests = await requestsDuring(async () => {
      const [left, right] = [remote.tool('left'), remote.tool('right')]
      left.use('1')
      right.use('2')
      const third = left.use('3')
      expect(await Promise.all([right.use('4').count(), third.count()])).to.deep.equal([2, 2])
    })
    expect(requests).to.equal(1)
    expect(await remote.done()).to.deep.equal([
      'new left',
      'new right',
      'left 1',
      'right 2',
      'left 3',
      'right 4'
    ])
  })

  it('that alternate with those of references do so too', async () => {
    const [left, right] = await Promise.all([remote.tool('left'), remote.tool('right')])
    await remote.done()
    for (let round = 0; round < 3; round++) {
      left.use(`${round}`)
      remote.note(`${round}`)
      right.use(`${round}`)
    }
    const expected = ['0', '1', '2'].flatMap((round) => [`left ${round}`, round, `right ${round}`])
    expect(await remote.done()).to.deep.equal(expected)
  })

  it('of one tick begin in the order in which they were written, those of the next after them', async () => {
    for (let count = 0; count < 50; count++) remote.note(`first ${count}`)
    await Promise.resolve()
    for (let count = 0; count < 50; count++) remote.note(`second ${count}`)
    await new Promise(setImmediate)
    remote.note('third')
    const expected = ['first', 'second'].flatMap((tick) =>
      [...Array(50).keys()].map((count) => `${tick} ${count}`)
    )
    expect(await remote.done()).to.deep.equal([...expected, 'third'])
  })

  it('do not wait for promises of others', async () => {
    const late = remote.sleep(60_000, 'late')
    expect(await remote.greet('early')).to.equal('hello early')
    void late
  })

  it('are carried out though nobody awaits them', async () => {
    remote.tool('unawaited').use('1').use('2')
    expect(await remote.done()).to.deep.equal(['new unawaited', 'unawaited 1', 'unawaited 2'])
  })

  it('can be awaited later, and more than once, and none of it runs again', async () => {
    const chain = remote.tool('once').use()
    await remote.greet('meanwhile')
    const tool = await chain
    expect(await chain).to.equal(tool)
    expect(await Promise.all([chain, chain])).to.deep.equal([tool, tool])
    expect(await tool.count()).to.equal(1)
    expect(await remote.done()).to.deep.equal(['new once', 'once '])
  })

  it('give what is in the middle of them as well, when it is awaited in the tick that built it', async () => {
    const made = remote.tool('middle')
    const [tool, count] = await Promise.all([made, made.use().count()])
    expect(count).to.equal(1)
    expect(await tool.name).to.equal('middle')
    expect(await remote.done()).to.deep.equal(['new middle', 'middle '])
  })

  it('cannot go on from what was in the middle of them in a later tick, and say to await it first', async () => {
    const made = remote.tool('middle')
    const used = made.use()
    await used
    for (const later of [wait(made), wait(made.count()), wait(remote.isTool(made)), copy(made)]) {
      const error = await errorOf('ERR_SPACEPOOL_REFERENCE_RELEASED', later)
      expect(error.message).to.match(/living\.tool\(…\).*Await it first/)
      expect(error.chain).to.equal('living.tool(…)')
    }
    await errorOf('ERR_SPACEPOOL_REFERENCE_RELEASED', wait(used.count()))
    expect(await remote.done()).to.deep.equal(['new middle', 'middle '])
  })

  it('read their parameters at the call, at whatever depth', async () => {
    const list = [1]
    const parameter = { list, map: new Map([['a', list]]) }
    const chain = remote.note(parameter)
    list.push(2)
    parameter.map.clear()
    expect(await chain).to.deep.equal({ list: [1], map: new Map([['a', [1]]]) })
    expect(await remote.done()).to.have.length(1)
  })

  it('take chains and references of their space as arguments, which need not be awaited', async () => {
    const tool = await remote.tool('settled')
    const requests = await requestsDuring(async () => {
      expect(await tool.with(remote.tool('unawaited').use())).to.equal('settled with unawaited')
    })
    expect(requests).to.equal(1)
    expect(await remote.tool('chain').with(tool)).to.equal('chain with settled')
    expect(await remote.isTool(remote.toolLater('later'))).to.equal(true)
    expect(await tool.with(remote.holder.tool)).to.equal('settled with held')
    expect(await tool.with(remote.greet('x'))).to.equal('settled with string')
    expect(await tool.with(remote)).to.equal('settled with object')
  })

  it('take them at any depth: in objects, arrays, maps, sets and circles', async () => {
    const settled = await remote.tool('settled')
    for (const make of [() => settled, () => remote.tool('unawaited')]) {
      const tool = make()
      const structure = {
        inObject: { tool },
        inList: [[tool]],
        inMap: new Map([['tool', tool]]),
        inSet: new Set([tool]),
        self: {}
      }
      structure.self = structure
      expect(await remote.holdsOnly(tool, structure)).to.deep.equal([true, true, true, true, true])
    }
    const error = Object.assign(new Error('with a part', { cause: remote.holder.tool }), { tool: settled })
    const back = (await remote.note(error)) as Error & { tool: unknown }
    expect([back.tool, back.cause]).to.deep.equal([settled, await remote.holder.tool])
  })

  it('keep an argument that two of their calls share one object', async () => {
    const tool = remote.tool('shared')
    const answers = [remote.sameOf(tool, tool), remote.sameOf(tool.self(), tool)]
    expect(await Promise.all(answers)).to.deep.equal([true, true])
    expect(await remote.done()).to.deep.equal(['new shared'])
  })

  it('that fail make fail what needs them, and nothing else', async () => {
    const failing = remote.fail('no luck')
    const needing = remote.isTool(failing)
    const other = remote.tool('other').count()
    const errors = await Promise.all([rejectionOf(wait(failing)), rejectionOf(wait(needing))])
    for (const error of errors) {
      expect(error).to.be.instanceOf(RangeError).and.have.property('message', 'no luck')
    }
    expect(await other).to.equal(0)
    expect(await remote.done()).to.deep.equal(['new other'])
  })

  it('stop at the first call that fails', async () => {
    const error = await rejectionOf(wait(remote.tool('stops').use('1').fail('here').use('2')))
    expect(error).to.have.property('message', 'here')
    expect(await remote.done()).to.deep.equal(['new stops', 'stops 1', 'stops fails'])
  })

  it('reach the space before the release of what they use', async () => {
    const tool = await remote.tool('released')
    tool.use('last')
    const count = tool.count()
    release(tool)
    expect(await count).to.equal(1)
    const chain = remote.tool('short')
    release(chain)
    expect(await chain.count()).to.equal(0)
    expect(await remote.done()).to.deep.equal(['new released', 'released last', 'new short'])
  })

  it('of more than 1000 calls that depend on each other are refused from there on', async () => {
    let chain = remote.tool('long')
    for (let count = 1; count < 1000; count++) chain = chain.use()
    expect(await (await chain).count()).to.equal(999)
    await remote.done()
    let longer = remote.tool('longer')
    for (let count = 1; count <= 1000; count++) longer = longer.use()
    const error = await errorOf('ERR_SPACEPOOL_TOO_LARGE', wait(longer))
    expect(error).to.include({ place: 'a chain', limit: 1000 })
    expect(await remote.done()).to.have.length(1000)
  })

  it('are sent together, however many there are in a tick', async () => {
    const tools = await Promise.all(
      Array.from({ length: 2000 }, (unused, count) => remote.tool(`${count}`).use().count())
    )
    expect(tools.every((count) => count === 1)).to.equal(true)
  })
})

describe('A chain that fails and that nobody awaits', () => {
  afterEach(destroyPools)

  it('is an event and a log record, once', async () => {
    const pool = newPool()
    const events: ErrorEvent[] = []
    pool.on('error', (event) => events.push(event))
    const remote = living(pool)
    await remote.greet('you')
    const told = nextEvent(pool, 'error')
    remote.tool('a').fail('nobody hears').use().use()
    expect((await told).error)
      .to.be.instanceOf(RangeError)
      .and.have.property('message', 'nobody hears')
    await remote.greet('you')
    expect(events).to.have.length(1)
  })

  it('is one also when a part of it could not be sent', async () => {
    const pool = newPool()
    const events: ErrorEvent[] = []
    pool.on('error', (event) => events.push(event))
    const remote = living(pool)
    await remote.greet('you')
    remote
      .tool(Symbol('a') as never)
      .use()
      .use()
    await errorOf(
      'ERR_SPACEPOOL_NOT_CLONEABLE',
      wait(
        remote
          .tool(Symbol('b') as never)
          .use()
          .use()
      )
    )
    await remote.greet('you')
    await new Promise(setImmediate)
    expect(events.map(({ error }) => (error as { code: string }).code)).to.deep.equal([
      'ERR_SPACEPOOL_NOT_CLONEABLE'
    ])
  })

  it('is none when it is awaited, be it later in the same turn', async () => {
    const pool = newPool()
    const events: ErrorEvent[] = []
    pool.on('error', (event) => events.push(event))
    const remote = living(pool)
    await remote.greet('you')
    const chain = remote.fail('heard')
    expect(await rejectionOf(wait(chain))).to.have.property('message', 'heard')
    expect(await rejectionOf(wait(chain))).to.have.property('message', 'heard')
    await new Promise(setImmediate)
    expect(events).to.deep.equal([])
  })
})

describe('Chains of several replicas', () => {
  afterEach(destroyPools)

  it('go on in the space that their reference belongs to', async () => {
    const pool = newPool()
    const set = await pool.add('living', { replicas: 2 })
    const remote = living(pool)
    // With one call in flight the other replica gets the next.
    const [first, second] = await Promise.all([remote.tool('one'), remote.tool('two')])
    const pids = new Set(await Promise.all([1, 2].map(() => remote.sleep(5, 0).then(() => remote.pid()))))
    expect(pids.size).to.be.within(1, 2)
    const owners = await Promise.all(
      [...Array(20).keys()].map(async (turn) => (turn % 2 ? first : second).use().count())
    )
    expect(owners).to.have.length(20)
    expect(await Promise.all([first.count(), second.count()])).to.deep.equal([10, 10])
    expect(set.stats().references).to.equal(2)
    // A call of the package with a reference goes where that is.
    for (const tool of [first, second]) {
      expect(await Promise.all([1, 2, 3].map(() => remote.isTool(tool)))).to.deep.equal([true, true, true])
    }
  })

  it('that need references of two spaces are refused before they are sent', async () => {
    const pool = newPool()
    const set = await pool.add('living', { replicas: 2 })
    const other = newPool()
    const remote = living(pool)
    const [first, second] = await inTwoSpaces(remote)
    const before = set.stats().calls
    await errorOf('ERR_SPACEPOOL_REFERENCE_ELSEWHERE', wait(first.with(second)))
    await errorOf('ERR_SPACEPOOL_REFERENCE_ELSEWHERE', wait(remote.sameOf(first, [{ deep: second }])))
    await errorOf('ERR_SPACEPOOL_REFERENCE_ELSEWHERE', wait(living(other).isTool(first)))
    expect(set.stats().calls).to.equal(before)
    expect(other.stats().sets).to.deep.equal([])
    await errorOf('ERR_SPACEPOOL_REFERENCE_ELSEWHERE', wait(first.with(living(other).tool('elsewhere'))))
    expect(await first.with(remote.tool('of its space'))).to.equal('one with of its space')
  })
})

/** A tool of each of two replicas. */
async function inTwoSpaces(remote: Remote<Living>): Promise<[Remote<Tool>, Remote<Tool>]> {
  const first = await remote.tool('one')
  const [mine, other] = [first.useLater(), remote.tool('two')]
  await mine
  return [first, await other] as unknown as [Remote<Tool>, Remote<Tool>]
}

/** A promise of what a chain settles to. */
async function wait(chain: PromiseLike<unknown>): Promise<unknown> {
  return await chain
}
