import { announcement, frame, ids, message, resultOf, tags } from '../frames.mjs'
import { slack } from '../slack.mjs'
import { oneCall } from './shapes.mjs'

const protocol = { code: 'SPACE_CRASHED', cause: 'protocol', phase: 'written' }
/** ms that a flood lasts where nobody ends it. */
const FLOOD = 700
/** A flood that is allowed answers how much it brought. */
const either = [protocol, { answered: true }]

const flood = (name, bytes, more) =>
  oneCall({
    name: `flood: ${name}`,
    call: ['flood', bytes, FLOOD],
    gets: either,
    within: [0, FLOOD + 1500],
    ...more
  })

const times = (count, bytes) => Buffer.concat(new Array(count).fill(bytes))
const report = message({ type: 'report', memory: 1 })
const trouble = message({ type: 'trouble', code: 'QUEUE_FULL', details: {} })

/** Too much of what is right, and little that claims to be much. */
export const floods = [
  flood('reports, each in a frame', times(4000, frame(report))),
  flood('reports, thousands in a frame', times(4, frame(times(16_000, report)))),
  // Each is an event and a log record in the host, which takes its time over them.
  flood('troubles of callbacks', times(100, frame(times(100, trouble))), { within: [0, FLOOD + 2500] }),
  flood('answers to nobody', times(100, frame(message({ type: 'result', id: ids.later, value: 1 }))), {
    gets: protocol
  }),
  flood('noise in the middle of a frame', frame(Buffer.alloc(60_000, 1)), { gets: protocol }),
  {
    name: 'flood: calls of a function that was lent',
    run: floodCallback,
    // It never reads, so nothing more is read from it: it waits as long as it is let. Answers to calls that it never
    // made end it, as soon as it reads.
    gets: [...either, { code: 'CALL_TIMEOUT' }, { code: 'SPACE_CRASHED', cause: 'exit', phase: 'written' }],
    nextGets: 'anything',
    within: [0, 3 * FLOOD],
    // As many bytes may wait for a space as an invocation may find waiting, in memory that doubles.
    growth: 192
  },
  {
    name: 'flood: parcels of one byte that never come',
    run: announceParcels,
    gets: either,
    within: [0, FLOOD + 3000],
    growth: 128
  },
  {
    name: 'flood: arrays that claim to be long',
    run: claimLongArrays,
    gets: 'anything',
    within: [0, 1500],
    growth: 128
  },
  output('stdout', 1),
  output('stderr', 2)
]

async function floodCallback(scene) {
  await scene.open()
  const answer = 'x'.repeat(1000)
  await scene.call('keep', [() => answer])
  const invoke = message({ type: 'invoke', id: 1, reference: 0, parameters: [] })
  return scene.call('flood', [times(50, frame(times(100, invoke))), 2 * FLOOD], { timeout: 2.5 * FLOOD })
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
