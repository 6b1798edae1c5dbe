import { PassThrough } from 'node:stream'
import { announcement, chunk, frame, ids, message, resultOf, scriptOf, tags } from '../frames.mjs'
import { slack } from '../slack.mjs'
import { oneCall } from './shapes.mjs'

const protocol = { code: 'SPACE_CRASHED', cause: 'protocol', phase: 'written' }
/** ms that a flood lasts where nobody ends it. */
const FLOOD = 700
/** What an honest space may do without end answers how much it brought. */
const allowed = { answered: true }

const flood = (name, bytes, more) =>
  oneCall({
    name: `flood: ${name}`,
    flood: true,
    call: ['flood', bytes, FLOOD],
    gets: protocol,
    within: [0, FLOOD + 1500],
    ...more
  })

const times = (count, bytes) => Buffer.concat(new Array(count).fill(bytes))
const report = message({ type: 'report', memory: 1 })
const trouble = message({ type: 'trouble', code: 'QUEUE_FULL', details: {} })
const invoke = message({ type: 'invoke', id: 1, reference: 0, parameters: [] })
const release = message({ type: 'release', reference: 0, count: 0 })

/** Too much of what is right, and little that claims to be much. */
export const floods = [
  flood('reports, each in a frame', times(4000, frame(report))),
  flood('reports, thousands in a frame', times(4, frame(times(16_000, report)))),
  flood('troubles of callbacks', times(100, frame(times(100, trouble))), {
    run: countTroubles,
    gets: allowed,
    within: [FLOOD, FLOOD + 1500]
  }),
  flood('answers to nobody', times(100, frame(message({ type: 'result', id: ids.later, value: 1 })))),
  flood('noise in the middle of a frame', frame(Buffer.alloc(60_000, 1))),
  {
    name: 'flood: calls of a function that was lent',
    flood: true,
    run: floodCallback,
    // It never reads, so nothing more is read from it: it waits as long as it is let.
    gets: { code: 'CALL_TIMEOUT' },
    within: [2 * FLOOD, 3 * FLOOD],
    // As many bytes may wait for a space as an invocation may find waiting, in memory that doubles.
    growth: 192
  },
  {
    name: 'flood: releases of a function that stays lent',
    flood: true,
    run: floodReleases,
    gets: protocol
  },
  {
    name: 'flood: chunks for a stream that takes no more',
    flood: true,
    run: floodStream,
    gets: protocol,
    growth: 32
  },
  {
    name: 'flood: calls of an object that are not answered',
    flood: true,
    long: true,
    run: floodObject,
    gets: { code: 'CALL_TIMEOUT' },
    within: [4 * FLOOD, 5 * FLOOD],
    // What may wait.
    growth: 224
  },
  {
    name: 'flood: parcels of one byte that never come',
    flood: true,
    run: announceParcels,
    gets: protocol,
    growth: 128
  },
  {
    name: 'flood: a parcel that comes byte by byte',
    flood: true,
    run: dribbleParcel,
    gets: protocol
  },
  {
    name: 'flood: arrays that claim to be long',
    run: claimLongArrays,
    gets: { answers: 'arrays' },
    within: [0, 1500],
    growth: 128
  },
  output('stdout', 1),
  output('stderr', 2)
]

/** An event for each would keep the host from all else. */
async function countTroubles(scene, { call: [name, ...parameters] }) {
  await scene.open()
  let events = 0
  scene.pool.on('error', () => events++)
  const begun = performance.now()
  const outcome = await scene.call(name, parameters)
  const most = performance.now() - begun + 200
  scene.check(events > 0 && events <= most, `${events} events, and ${Math.round(most)} would be right`)
  return { ...outcome, value: outcome.value > 0 }
}

async function floodCallback(scene) {
  await scene.open()
  const answer = 'x'.repeat(1000)
  await scene.call('keep', [() => answer])
  return scene.call('flood', [times(50, frame(times(100, invoke))), Infinity], { timeout: 2 * FLOOD })
}

async function floodReleases(scene) {
  await scene.open()
  await scene.call('keep', [() => 1])
  return scene.call('flood', [times(50, frame(times(1000, release))), FLOOD])
}

async function floodStream(scene) {
  await scene.open()
  const stream = new PassThrough()
  stream.on('error', () => undefined)
  await scene.chain('keep', [stream])
  return scene.call('flood', [frame(scriptOf('write', [Buffer.alloc(50_000)])), FLOOD])
}

async function floodObject(scene) {
  await scene.open()
  const kept = []
  class Store {
    save() {
      return new Promise((resolve) => kept.push(resolve))
    }
  }
  await scene.chain('keep', [new Store()])
  const bytes = times(20, frame(times(200, scriptOf('save'))))
  return scene.call('flood', [bytes, Infinity], { timeout: 4 * FLOOD })
}

async function dribbleParcel(scene) {
  await scene.open()
  const byte = chunk(0, Buffer.of(1))
  const most = 200_000
  const bytes = Buffer.alloc(most * byte.length, byte)
  return scene.call('write', [Buffer.concat([frame(announcement(0, [most])), bytes])])
}

async function announceParcels(scene) {
  let number = 0
  const batches = Array.from({ length: 100 }, () =>
    frame(Buffer.concat(Array.from({ length: 5000 }, () => announcement(number++, [1]))))
  )
  const bytes = Buffer.concat(batches)
  await scene.open()
  return scene.call('write', [bytes])
}

async function claimLongArrays(scene) {
  await scene.open()
  const bytes = resultOf(ids.own, (encoder) => {
    encoder.byte(tags.ARRAY)
    encoder.count(5)
    for (let count = 0; count < 5; count++) {
      encoder.byte(tags.SPARSE_ARRAY)
      encoder.count(2 ** 25 - 1)
      encoder.count(0)
    }
  })
  const { value, ...outcome } = await scene.call('writeOnly', [frame(bytes)])
  // They are what they claim, without their elements, and too long to be looked at.
  return { ...outcome, value: Array.isArray(value) ? 'arrays' : value }
}

/** What part of a core the host may use more than without the flood. It takes longer for the same beside others. */
const SHARE = 0.1 * slack

function output(name, descriptor) {
  return {
    name: `flood: ${name}`,
    alone: true,
    gets: { answers: true },
    within: [FLOOD, FLOOD + 500],
    growth: 32,
    async run(scene) {
      await scene.open({ neighbour: false })
      const idle = await shareDuring(scene.call('wait', [FLOOD]))
      const flooding = scene.call('floodOutput', [descriptor, FLOOD])
      const more = (await shareDuring(flooding)) - idle
      scene.check(more < SHARE, `the host used ${Math.round(more * 100)} % of a core more than before`)
      return flooding
    }
  }
}

/** What part of a core this process used while something went on. */
async function shareDuring(work) {
  const [begun, before] = [performance.now(), process.cpuUsage()]
  await work
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / (performance.now() - begun)
}
