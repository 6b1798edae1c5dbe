import { expect } from 'chai'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { ErrorEvent } from '../../lib/events.js'
import type { PackageSet } from '../../lib/package-set.js'
import type { Remote } from '../../lib/remote.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { packages } from '../spaces/fixtures.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { until } from '../support/waiting.js'

interface Oddities {
  throws(kind: string): string
  rejects(kind: string): Promise<string>
  items(kind: string): Iterable<string>
  throwingGetter(): { secret: string }
  unreadable(): { secret: string }
  echo(value: unknown): unknown
  failure(callback: () => unknown): Promise<boolean>
  keep(value: unknown): void
  isKept(): boolean
  sendHome(callback: (value: unknown) => unknown): Promise<unknown>
}

const { kinds, make } = createRequire(__filename)(join(packages, 'oddities')) as {
  kinds: string[]
  make(kind: string): unknown
}

const wait = async <T>(chain: PromiseLike<T>): Promise<T> => await chain

describe('Values that hardly anybody makes:', () => {
  let pool: SpacePool
  let set: PackageSet
  let remote: Remote<Oddities>
  let events: ErrorEvent[]

  beforeEach(async () => {
    pool = newPool()
    set = await pool.add('oddities')
    remote = set.use<Oddities>('oddities')
    events = []
    pool.on('error', (event) => events.push(event))
  })
  afterEach(destroyPools)

  const expectUnharmed = async (): Promise<void> => {
    expect(await set.call('oddities', 'echo', ['still there'])).to.equal('still there')
    // An iteration that is over for its loop is over for the pool when the space has said so, too.
    await until(() => set.stats().inFlight === 0)
    expect(set.stats()).to.include({ generation: 1, restarts: 0 })
  }

  it('what a package throws, be it a proxy or a thenable, rejects its call and nothing else', async () => {
    for (const kind of kinds) {
      await rejectionOf(set.call('oddities', 'throws', [kind]))
      await rejectionOf(set.call('oddities', 'rejects', [kind]))
    }
    await expectUnharmed()
  })

  it('what a package throws rejects its chain, and its iterator, and nothing else', async () => {
    for (const kind of kinds) {
      await rejectionOf(wait(remote.throws(kind)))
      await rejectionOf(wait(remote.rejects(kind)))
      const seen: string[] = []
      const iteration = async (): Promise<void> => {
        for await (const item of remote.items(kind)) seen.push(item)
      }
      await rejectionOf(iteration())
      expect(seen).to.deep.equal(['first'])
    }
    await expectUnharmed()
  })

  it('what a callback throws rejects the promise of the package, and is an event', async () => {
    const thrown: unknown[] = []
    for (const kind of kinds) {
      const throws = (): never => {
        thrown.push(make(kind))
        throw thrown.at(-1)
      }
      expect(await set.call('oddities', 'failure', [throws])).to.equal(true)
      expect(await set.call('oddities', 'failure', [async () => throws()])).to.equal(true)
      expect(await remote.failure(throws)).to.equal(true)
      expect(await remote.failure(async () => throws())).to.equal(true)
    }
    expect(events.map(({ error }) => error === thrown.shift())).to.deep.equal(
      kinds.flatMap(() => [true, true, true, true])
    )
    await expectUnharmed()
  })

  it('a proxy that is given to a chain is left alone, also when it is released and when its space ends', async () => {
    const given = [make('trapped'), make('revoked'), make('trapped function')]
    await remote.keep(given)
    expect(await remote.isKept()).to.equal(true)
    const [first] = (await remote.echo([given[0]])) as unknown[]
    expect(first === given[0]).to.equal(true)
    void remote.echo([given[0]])
    await remote.keep(undefined)
    await expectUnharmed()
    await remote.keep(given)
    await set.evict()
    await set.call('oddities', 'echo', [1])
    expect(events).to.deep.equal([])
  })

  it('a thenable of the program comes home as what it is, so that `await` asks it', async () => {
    class Query {
      then(resolve: (value: string) => void): void {
        resolve('asked here')
      }
    }
    const query = new Query()
    expect(await remote.echo(query)).to.equal('asked here')
    expect(((await remote.echo([query])) as unknown[])[0]).to.equal(query)
    await expectUnharmed()
  })

  it('a thenable of a package comes home as what it is', async () => {
    expect(await remote.sendHome((value) => value)).to.equal('asked at home')
    await expectUnharmed()
  })

  it('what a getter threw is the cause, in words where it cannot cross, in calls and in chains', async () => {
    for (const ask of [
      (path: string) => set.call('oddities', path),
      (path: string) => wait((remote as unknown as Record<string, () => PromiseLike<unknown>>)[path]!())
    ]) {
      const error = await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', ask('throwingGetter'))
      expect(error.place).to.equal('result.secret')
      expect(error.cause).to.be.instanceOf(RangeError).and.have.property('message', 'do not read')
      expect(await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', ask('unreadable'))).to.have.property(
        'cause',
        'Symbol(unreadable)'
      )
    }
  })

  it('a symbol that is thrown is told as an error, in calls and in chains', async () => {
    for (const call of [set.call('oddities', 'throws', ['symbol']), wait(remote.throws('symbol'))]) {
      expect(await rejectionOf(call))
        .to.be.instanceOf(Error)
        .and.have.property('message', 'Symbol(odd)')
    }
  })

  it('why a chain failed is told, however little a value may take', async () => {
    const small = newPool({ maxBytes: 64 })
    const { throwingGetter, echo } = small.use<Oddities>('oddities')
    await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', wait(throwingGetter()))
    const { place } = await errorOf(
      'ERR_SPACEPOOL_TOO_LARGE',
      wait(echo(echo(echo(echo(echo(echo('x'.repeat(50))))))))
    )
    expect(place).to.equal('a chain')
    expect(small.stats().sets[0]).to.include({ generation: 1, restarts: 0 })
  })
})
