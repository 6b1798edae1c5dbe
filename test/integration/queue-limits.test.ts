import { expect } from 'chai'
import { removeWrittenFolders } from '../spaces/fixtures.js'
import { Gate } from '../support/gate.js'
import { destroyPools, newPool, newSupervisor } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'

describe('The queue of a set', () => {
  afterEach(destroyPools)
  after(removeWrittenFolders)

  it('holds so many calls; one more is refused at once, the others are answered', async () => {
    const pool = newPool({ concurrency: 1, maxQueue: 3 })
    const set = await pool.add('plain-functions')
    const calls = [0, 1, 2, 3].map((index) => set.call('plain-functions', 'sleep', [5, index]))
    const error = await errorOf('ERR_SPACEPOOL_QUEUE_FULL', set.call('plain-functions', 'add', [1, 2]))
    expect(error).to.include({ key: set.key, limit: 3, unit: 'calls' })
    expect(await Promise.all(calls)).to.deep.equal([0, 1, 2, 3])
    expect(await set.call('plain-functions', 'add', [1, 2])).to.equal(3)
    expect(set.stats()).to.include({ errors: 1, queued: 0 })
  })

  it('may hold none at all', async () => {
    const pool = newPool({ maxQueue: 0, concurrency: 1 })
    const set = await pool.add('plain-functions')
    const call = set.call('plain-functions', 'sleep', [20, 'answer'])
    await errorOf('ERR_SPACEPOOL_QUEUE_FULL', set.call('plain-functions', 'add', [1, 2]))
    expect(await call).to.equal('answer')
  })

  it('has a place free again when a call that waits is aborted or times out', async () => {
    const pool = newPool({ concurrency: 1, maxQueue: 1 })
    const set = await pool.add('plain-functions')
    const gate = new Gate()
    const first = set.call('plain-functions', 'whenThere', [gate.file])
    const late = set.call('plain-functions', 'add', [1, 2], { timeout: 5 })
    await errorOf('ERR_SPACEPOOL_CALL_TIMEOUT', late)
    const waiting = set.call('plain-functions', 'add', [1, 2])
    await errorOf('ERR_SPACEPOOL_QUEUE_FULL', set.call('plain-functions', 'add', [1, 2]))
    gate.open()
    expect(await waiting).to.equal(3)
    await first
  })

  it('counts the calls of packages and sets that are being added', async () => {
    const pool = newPool({ maxQueue: 2 })
    const adding = pool.add('plain-functions')
    const calls = [1, 2].map((value) => pool.call('plain-functions', 'echo', [value]))
    await errorOf('ERR_SPACEPOOL_QUEUE_FULL', pool.call('plain-functions', 'echo', [3]))
    expect(await Promise.all(calls)).to.deep.equal([1, 2])
    const set = await adding
    const growing = set.add('values')
    const early = [1, 2].map((value) => set.call('values', 'echo', [value]))
    await errorOf('ERR_SPACEPOOL_QUEUE_FULL', set.call('values', 'echo', [3]))
    expect(set.stats().queued).to.equal(2)
    expect(await Promise.all(early)).to.deep.equal([1, 2])
    await growing
  })

  it('holds so many bytes of values; what is more is refused, and the bytes are free again afterwards', async () => {
    const { supervisor, call } = newSupervisor({ concurrency: 1 }, { queue: 300_000 })
    const set = await supervisor.add('values', undefined)
    const calls = [1, 2, 3].map(() =>
      call(set, 'values', 'sizeOf', [{ length: 1, bytes: Buffer.alloc(100_000) }])
    )
    const more = call(set, 'values', 'sizeOf', [{ bytes: Buffer.alloc(150_000) }])
    const error = await errorOf('ERR_SPACEPOOL_QUEUE_FULL', more)
    expect(error).to.include({ key: set.key, limit: 300_000, unit: 'bytes' })
    expect(await Promise.all(calls)).to.deep.equal([1, 1, 1])
    const again = [1, 2, 3].map(() => call(set, 'values', 'sizeOf', ['x'.repeat(70_000)]))
    expect(await Promise.all(again)).to.deep.equal([70_000, 70_000, 70_000])
  })

  it('grows while a space does not take what is sent to it, instead of the memory of the host', async () => {
    const { supervisor, call } = newSupervisor({ concurrency: 1000, maxQueue: 50 }, { unsent: 1_000_000 })
    const set = await supervisor.add(['blocks', 'values'], undefined)
    const blocking = call(set, 'blocks', 'spin', [150])
    const text = 'x'.repeat(50_000)
    const calls = [...Array(200).keys()].map(() =>
      call(set, 'values', 'sizeOf', [text]).catch((error: { code: string }) => error.code)
    )
    expect(set.queued).to.equal(50)
    const outcomes = await Promise.all(calls)
    await blocking
    const [answered, refused] = [text.length, 'ERR_SPACEPOOL_QUEUE_FULL'].map(
      (outcome) => outcomes.filter((each) => each === outcome).length
    )
    expect(answered).to.be.within(60, 120)
    expect(refused).to.equal(200 - (answered ?? 0))
  })

  it('of thousands of calls is answered in order', async () => {
    const pool = newPool({ concurrency: 16 })
    const set = await pool.add('plain-functions')
    let last = -1
    const calls = [...Array(4000).keys()].map(async (index) => {
      const value = await set.call<number>('plain-functions', 'echo', [index])
      expect(value).to.equal(index)
      expect(value).to.equal(last + 1)
      last = value
    })
    await Promise.all(calls)
    expect(set.stats()).to.include({ calls: 4000, errors: 0 })
  })
})

describe('A value', () => {
  afterEach(destroyPools)

  it('larger than "maxBytes" is refused, as a parameter or as a result, and the space lives on', async () => {
    const pool = newPool({ maxBytes: 100_000 })
    const set = await pool.add('values')
    const parameter = await errorOf(
      'ERR_SPACEPOOL_TOO_LARGE',
      set.call('values', 'sizeOf', ['x'.repeat(100_001)])
    )
    expect(parameter).to.include({ place: 'parameters', limit: 100_000 })
    expect(parameter.size).to.be.greaterThan(100_000)
    const binary = await errorOf(
      'ERR_SPACEPOOL_TOO_LARGE',
      set.call('values', 'sizeOf', [Buffer.alloc(200_000)])
    )
    expect(binary.limit).to.equal(100_000)
    const result = await errorOf('ERR_SPACEPOOL_TOO_LARGE', set.call('values', 'text', [200_000]))
    expect(result).to.include({ place: 'result', limit: 100_000 })
    expect(await set.call('values', 'sizeOf', ['x'.repeat(90_000)])).to.equal(90_000)
    expect(set.stats().generation).to.equal(1)
  })
})
