import { loadContestant } from '../contestants/index.mjs'
import { workFile } from '../contestants/paths.mjs'
import { openPool } from './open.mjs'

/**
 * Opens a contestant for bench/work/live.cjs: `{ add, chain, emit, iterate, close }`, as far as it can do that. Of
 * spacepool `add` is a plain call, and everything else goes through live objects.
 */
export async function openLive(details) {
  if (details.contestant.role !== 'own') {
    return (await loadContestant(details.contestant)).open({ values: 'items' })
  }
  const pool = await openPool(details, { concurrency: details.testCase.inFlight })
  const set = await pool.add({ name: workFile('live.cjs'), as: 'live' })
  const live = pool.use('live')
  return {
    pool,
    live,
    add: (a, b) => set.call('live', 'add', [a, b]),
    chain: (n) => live.f(n).g().h().i(),
    emit: (name, count, onItem) => live[name](count, onItem),
    iterate: (name, count) => live[name](count),
    close: () => pool.close()
  }
}
