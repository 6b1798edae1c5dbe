// The tour that `npm start` runs: real packages in spaces, and what happens to them.

import { SpacePool } from 'spacepool'
import { singleSpace } from 'spacepool/compat'

const pool = new SpacePool()

title('Packages of every kind are called alike, each in a Node process of its own')
const [, , dice] = await Promise.all([
  pool.add('semver'), // CommonJS
  pool.add('nanoid'), // ESM only
  pool.add({ name: 'chance', parameters: [42] }) // a class: new Chance(42)
])
show("semver  inc('1.4.2', 'minor')", await pool.call('semver', 'inc', ['1.4.2', 'minor']))
show('nanoid  nanoid(8)', await pool.call('nanoid', 'nanoid', [8]))
show('chance  city()', await pool.call('chance', 'city'))
show('chance  city()', await pool.call('chance', 'city'))

title('A callback crosses, and is called as often as the package likes')
await pool.add({ name: 'mitt', parameters: [] })
await pool.call('mitt', 'on', ['price', (price) => show("mitt    on 'price'", price)])
for (const price of [101.5, 101.75, 102]) await pool.call('mitt', 'emit', ['price', price])

title('Several packages share a space')
const set = await pool.add(['lodash', 'ms', 'timers/promises'])
show("lodash  chunk('abcd', 2)", await set.call('lodash', 'chunk', [['a', 'b', 'c', 'd'], 2]))
show("ms      ms('2 days')", await set.call('ms', '', ['2 days']))

title('A space is killed: the call in it fails, the next one is answered by a new space')
const doomed = set.call('timers/promises', 'setTimeout', [60_000])
process.kill(pool.stats().spaces.find(({ key }) => key === set.key).pid, 'SIGKILL')
const crash = await doomed.catch((error) => error)
show(`generation ${crash.generation}`, `${crash.code}, ${crash.signal}`)
const answer = await set.call('lodash', 'add', [1, 2])
show(`generation ${set.stats().generation}`, `lodash add(1, 2) is ${answer}`)

title('A space is evicted: the next call brings it back, and its packages begin anew')
await dice.evict()
show('chance  city(), the first again', await dice.call('chance', 'city'))

title('The older API, one space with callbacks')
await new Promise((resolve) => {
  const space = singleSpace({})
  space.add('path', [], (request, added, sentence) => {
    show(`add     ${added}`, sentence)
    space.call('path', 'basename', ['/tmp/report.pdf'], false, (request, status, result) => {
      show(`call    ${status}`, result)
      space.destroy()
      resolve()
    })
  })
})

title('Where things stand')
const sets = pool.stats().sets.map(({ key, calls, errors, restarts, evictions, generation }) => {
  return [key.replace(/#\w+/, ''), { calls, errors, restarts, evictions, generation }]
})
console.table(Object.fromEntries(sets))

await pool.close()

function title(text) {
  console.log(`\n${text}`)
}

function show(what, value) {
  console.log(`  ${what.padEnd(34)} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
}
