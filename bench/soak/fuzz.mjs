import { createRequire } from 'node:module'
import { Chance } from './chance.mjs'
import { whole } from './figures.mjs'
import { liveAttack } from './live.mjs'
import { honestFrames, mutate } from './mutations.mjs'

const require = createRequire(import.meta.url)
const { Connection } = require('../../dist/lib/wire/connection.js')
const { ProtocolViolation } = require('../../dist/lib/wire/byte-reader.js')
const { memoryChannelPair } = require('../../dist/lib/wire/memory-channel.js')

const FRAMES = 1_000_000
/** Connections at the same time. */
const AT_ONCE = 64
/** Of them, those with live objects under way, which take longer to begin. They come one after the other. */
const LIVE_AT_ONCE = 12
const MIB = 1024 * 1024
const limits = { maxBytes: MIB, maxCallbacks: 100 }

/** Frames as they come from a space that is broken or hostile: the worst they do is to end their connection. */
export async function fuzz({ milliseconds, progress, seed = Date.now() % 2 ** 31 }) {
  const live = await liveAttack()
  const before = { inherited: inherited(), memory: process.memoryUsage.rss() }
  const totals = { frames: 0, live: 0, connections: 0, violations: 0, slowest: 0, memory: 0 }
  const strange = new Set()
  const uncaught = (error) => strange.add(`uncaught: ${error?.stack ?? error}`)
  process.on('uncaughtException', uncaught)
  const end = performance.now() + milliseconds
  for (let round = 0; totals.frames < FRAMES && performance.now() < end; round++) {
    const first = seed + round * AT_ONCE
    const work = async (own) => {
      await attempt(new Chance(own), totals).catch((error) => strange.add(`seed ${own}: ${error.message}`))
    }
    const seeds = numbersFrom(first)
    const all = () =>
      Promise.all([
        ...seeds.slice(LIVE_AT_ONCE).map(work),
        attemptLive(live, seeds.slice(0, LIVE_AT_ONCE), totals, strange)
      ])
    await watchTurns(all, totals, `seeds from ${first}`)
    totals.memory = Math.max(totals.memory, process.memoryUsage.rss() - before.memory)
    progress(`${whole(totals.frames)} frames, ${whole(totals.connections)} connections`)
    if (strange.size > 5) break
  }
  process.off('uncaughtException', uncaught)
  if (inherited() !== before.inherited) strange.add('a built-in prototype was changed')
  if (totals.slowest > 250) strange.add(`a turn took ${Math.round(totals.slowest)} ms (${totals.slowestOf})`)
  if (totals.memory > 512 * MIB) strange.add(`memory grew by ${Math.round(totals.memory / MIB)} MiB`)
  return {
    reached: { frames: [totals.frames, FRAMES] },
    figures: {
      frames: totals.frames,
      'with live objects': totals.live,
      connections: totals.connections,
      'ended as violations': totals.violations,
      'longest turn, ms': totals.slowest.toFixed(0),
      'memory, MiB': (totals.memory / MIB).toFixed(0),
      seed
    },
    violations: [...strange]
  }
}

/** One connection, from its first frame to its end: every request on it settles exactly once. */
async function attempt(chance, totals) {
  const [near, far] = memoryChannelPair({ pieces: chance.oneOf([Infinity, Infinity, Infinity, 4096, 7]) })
  const settled = [0, 0, 0]
  let connection
  const cause = await new Promise((resolve) => {
    connection = new Connection(near, ownerThat(resolve), limits)
    const ids = settled.map((_, index) => request(connection, () => settled[index]++))
    const honest = honestFrames(ids, chance)
    for (let count = 1 + chance.below(6); count > 0; count--) {
      totals.frames++
      far.write(mutate(chance.oneOf(honest), honest, chance))
    }
    far.close()
  })
  totals.connections++
  if (cause instanceof ProtocolViolation) totals.violations++
  connection.close()
  await new Promise((resolve) => setImmediate(resolve))
  if (settled.some((times) => times !== 1)) throw new Error(`requests were settled ${settled} times`)
  if (connection.inFlight !== 0 || connection.lent.size !== 0) {
    throw new Error('something is left in a closed connection')
  }
}

/** Those with live objects, and another space of the same host, which must not notice. */
async function attemptLive(live, seeds, totals, strange) {
  for (const seed of seeds) {
    try {
      const { frames, violations } = await live.attempt(seed)
      totals.frames += frames
      totals.live += frames
      totals.violations += violations
      totals.connections++
    } catch (error) {
      strange.add(`live seed ${seed}: ${error.message}: ${error.cause?.stack ?? error.cause}`)
    }
  }
  await live.checkNeighbour().catch((error) => strange.add(error.message))
}

function request(connection, settle) {
  const call = { type: 'call', id: 0, target: { package: 'a', path: 'b' }, parameters: [() => 'called'] }
  return connection.request(call, { answered: settle, failed: settle, refused: settle, lost: settle })
}

/** Takes what a host takes from a space. */
function ownerThat(ends) {
  return {
    message({ type }) {
      if (!['ready', 'report', 'trouble'].includes(type)) {
        throw new ProtocolViolation(`a message of type ${type}`)
      }
    },
    connectionEnded: ends,
    ...{ invoked() {}, callbackFailed() {}, trouble() {}, crowded() {}, relieved() {}, released() {} }
  }
}

const numbersFrom = (first) => Array.from({ length: AT_ONCE }, (_, index) => first + index)

/** A hostile frame must not keep the host from its other work; what others use of the machine does not count. */
async function watchTurns(begin, totals, name) {
  let working = true
  let [at, cpu] = [performance.now(), process.cpuUsage()]
  void begin().then(() => (working = false))
  while (working) {
    await new Promise((resolve) => setImmediate(resolve))
    const { user, system } = process.cpuUsage(cpu)
    const took = Math.min(performance.now() - at, (user + system) / 1000)
    if (took > totals.slowest) [totals.slowest, totals.slowestOf] = [took, name]
    ;[at, cpu] = [performance.now(), process.cpuUsage()]
  }
}

function inherited() {
  const prototypes = [Object, Array, Function, Map, Set, Promise, Error].map(({ prototype }) => prototype)
  return prototypes.map((prototype) => Reflect.ownKeys(prototype).length).join()
}
