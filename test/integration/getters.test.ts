import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { newPool } from '../support/pools.js'

/** An object whose second property does something when it is read, which is when it is sent. */
function tricky(onRead: () => void) {
  return {
    first: 1,
    get second() {
      onRead()
      return 2
    },
    third: { fourth: 4 }
  }
}

const plain = { first: 1, second: 2, third: { fourth: 4 } }

describe('A getter that sends something itself while its object is being sent', () => {
  it('may make another call of the same space', async () => {
    const pool = newPool()
    await pool.add('lodash')
    const inner: Promise<unknown>[] = []
    const value = tricky(() => inner.push(pool.call('lodash', 'identity', [[plain, () => 'called']])))
    expect(await pool.call('lodash', 'identity', [value])).to.deep.equal(plain)
    const [[copy, callback] = []] = (await Promise.all(inner)) as [unknown, () => Promise<string>][]
    expect([copy, await callback?.()]).to.deep.equal([plain, 'called'])
    await pool.close()
  })

  it('may do so while both calls have to wait', async () => {
    const pool = newPool({ concurrency: 1 })
    await pool.add(['lodash', 'timers/promises'])
    const before = pool.call('timers/promises', 'setTimeout', [20])
    const inner: Promise<unknown>[] = []
    const outer = pool.call('lodash', 'identity', [
      tricky(() => inner.push(pool.call('lodash', 'identity', [plain])))
    ])
    expect(await Promise.all([before, outer, ...inner])).to.deep.equal([undefined, plain, plain])
    await pool.close()
  })

  it('may make a call that is refused, which harms none', async () => {
    const pool = newPool()
    await pool.add('lodash')
    const inner: Promise<unknown>[] = []
    const value = tricky(() =>
      inner.push(pool.call('lodash', 'identity', [() => 1, Symbol('no')]).catch((error: Error) => error))
    )
    expect(await pool.call('lodash', 'identity', [value])).to.deep.equal(plain)
    expect(await inner[0]).to.have.property('code', 'ERR_SPACEPOOL_NOT_CLONEABLE')
    expect(await pool.call('lodash', 'identity', [plain])).to.deep.equal(plain)
    await pool.close()
  })

  it('may call a callback of the host, within a result', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'spacepool-getters-'))
    const file = join(folder, 'getters.cjs')
    await writeFile(
      file,
      "exports.read = (callback) => ({ first: 1, get second() { callback('read'); return 2 } })\n"
    )
    try {
      const pool = newPool()
      await pool.add({ name: file, as: 'getters' })
      const result = await new Promise((resolve, reject) => {
        const read = pool.call('getters', 'read', [
          (word: string) => resolve(read.then((value) => [word, value]))
        ])
        read.catch(reject)
      })
      expect(result).to.deep.equal(['read', { first: 1, second: 2 }])
      await pool.close()
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
