import { announcement, BATCH_LIMIT, chunk, CHUNK_SIZE, frame, header, ids, message } from '../frames.mjs'
import { MESSAGE_LIMIT, messageTypes, noise, resultOf, scriptOf, tags, written } from '../frames.mjs'
import { oneCall } from './shapes.mjs'

const protocol = { code: 'SPACE_CRASHED', cause: 'protocol', phase: 'written' }
const result = (id, value) => message({ type: 'result', id, value })

/** Bytes that no space sends: the call fails, and soon. */
const violation = (name, bytes, more) =>
  oneCall({ name, call: ['writeOnly', bytes], gets: protocol, within: [0, 500], ...more })

/** The same where a chain waits. */
const ofChain = (name, bytes, more) => violation(name, frame(bytes), { run: chainOnce, ...more })

const nested = (depth, kind) =>
  resultOf(ids.own, (encoder) => {
    for (let level = 0; level < depth; level++) encoder.raw(kind)
    encoder.value(null)
  })

const MANY = 2 ** 31

const outcome = (more) => {
  const fields = { id: ids.own, step: 0, at: 0, last: true, state: 'value', value: 1, copied: true, ...more }
  return message({ type: 'outcome', ...fields })
}

const collect = message({ type: 'collect' })
const twice = Buffer.concat([result(ids.own, 1), result(ids.own, 2)])
const overfull = Buffer.concat([frame(announcement(1, [8])), chunk(1, noise(64))])

const violations = [
  violation('noise', noise(4096)),
  violation('a line of text', 'not a frame\n'.repeat(30), { peers: 'processes' }),
  violation('the largest length', header(0, 2 ** 30 - 1)),
  violation('a length just too long', header(0, BATCH_LIMIT + MESSAGE_LIMIT + 2048)),
  violation('an unknown kind', header(2, 16)),
  violation('a length that is too short', frame(result(ids.own, 'x'.repeat(100)), 20)),
  violation('an unknown type', frame(Buffer.of(99))),
  violation('a message that only hosts send', frame(collect)),
  violation('an answer to nobody', frame(result(ids.later, 1))),
  violation('an answer to a call that is settled', frame(result(ids.add, 1))),
  violation('two answers to the same call', frame(twice), { gets: { answers: 1 } }),
  violation('a call of a function that was not lent', invoke(7)),
  violation('nesting of 50 000 levels', frame(nested(50_000, Buffer.of(tags.ARRAY, 1)))),
  violation('a string longer than its message', lyingValue(tags.LATIN1, MANY)),
  violation('a parcel of 4 GiB', frame(announcement(1, [2 ** 32]))),
  violation('a parcel of 60 000 parts', frame(announcement(1, new Array(60_000).fill(1)))),
  violation('a chunk that nobody announced', chunk(9, noise(64))),
  violation('an answer that is a promise in disguise', frame(thenable())),
  violation('keys that would change prototypes', frame(prototypeKeys()), { gets: { answers: undefined } }),
  violation('the outcome of a chain for a call', frame(outcome())),
  violation('a chain on what was not lent', frame(scriptOf('any'))),
  violation('an answer to many calls that were not made', frame(begun(3))),
  ofChain('the result of a call for a chain', result(ids.own, 1)),
  ofChain('the outcome of a step that there is not', outcome({ step: 1 }))
]

const more = [
  violation('length 0', header(0, 0)),
  violation('all bits set', header(3, 2 ** 30 - 1)),
  violation('ready for the second time', frame(message({ type: 'ready', version: 1 }))),
  violation('a release of a function that was not lent', release(7)),
  violation('nesting of 20 000 maps', frame(nested(20_000, Buffer.of(tags.MAP, 1, 0)))),
  violation('an array longer than its message', lyingValue(tags.ARRAY, MANY)),
  violation('a view longer than its message', lyingValue(tags.VIEW, MANY)),
  violation('an unknown kind of value', lyingValue(0xff, 1)),
  violation('a number of 80 bits', frame(Buffer.of(messageTypes.report, ...new Array(11).fill(0xff)))),
  violation('a parcel of no bytes', frame(announcement(1, [0]))),
  violation('a chunk longer than its parcel', overfull),
  violation('a failed outcome of a chain for a call', frame(outcome({ state: 'failed' }))),
  violation('an outcome for a call that is not the last', frame(outcome({ last: false }))),
  ofChain('an error for a chain', message({ type: 'failure', id: ids.own, error: new Error('no') })),
  ofChain('an outcome that is not the last, though it is', outcome({ last: false })),
  ofChain('a reason to refuse that there is not', outcome({ state: 'refused', value: { code: 'NONE' } })),
  ofChain('two outcomes', Buffer.concat([outcome(), outcome()]), { gets: { answers: 1 } }),
  violation('a chunk that is too long', chunk(1, Buffer.alloc(0), CHUNK_SIZE + 1))
].map((row) => ({ ...row, long: true }))

const silence = { timeout: 300, gets: { code: 'CALL_TIMEOUT' }, within: [300, 360] }

const slow = [
  {
    name: 'half a frame, then the end',
    call: ['writeAndExit', frame(noise(64), 4096)],
    gets: { code: 'SPACE_CRASHED', cause: ['exit', 'protocol'] }
  },
  { name: 'half a frame, then silence', call: ['writeOnly', frame(noise(64), 4096)], ...silence },
  { name: 'half a frame, then an honest one', call: ['write', frame(noise(5), 12)], gets: protocol },
  {
    name: 'half a parcel, then silence',
    call: [
      'writeOnly',
      Buffer.concat([frame(announcement(1, [2 ** 20])), chunk(1, noise(1024), CHUNK_SIZE)])
    ],
    ...silence
  },
  {
    name: 'an honest frame, one byte at a time',
    call: ['dribble', frame(message({ type: 'report', memory: 1 }))],
    gets: { answers: 'written' }
  },
  { name: 'noise, one byte at a time', call: ['dribble', noise(200)], gets: protocol }
].map(oneCall)

const forged = {
  name: 'an answer to the call of somebody else',
  run: forgeAnswer,
  gets: { answers: 'forged' }
}

/** What a package can write on the pipe of its space. */
export const frames = [...violations, ...more, ...slow, forged].map((row) => ({
  ...row,
  name: `frames: ${row.name}`
}))

/** In the same space there is no telling who answers; but the honest answer comes second, and ends the space. */
async function forgeAnswer(scene) {
  await scene.open()
  const first = scene.call('never')
  const other = scene.call('wait', [50, 'honest'])
  await scene.call('write', [frame(result(ids.beside, 'forged'))])
  const [outcome, never] = [await other, await first]
  scene.check(never.cause === 'protocol', 'the second answer did not end the space')
  return outcome
}

async function chainOnce(scene, { call: [name, ...parameters] }) {
  await scene.open()
  return scene.chain(name, parameters)
}

function begun(count) {
  return message({ type: 'begun', id: -(2 ** 31), count, areLater: false })
}

function invoke(reference) {
  return frame(message({ type: 'invoke', id: 1, reference, parameters: [] }))
}

function release(reference) {
  return frame(message({ type: 'release', reference, count: 1 }))
}

function lyingValue(tag, length) {
  return frame(
    resultOf(ids.own, (encoder) => {
      encoder.byte(tag)
      if (tag === tags.VIEW) encoder.byte(0)
      encoder.count(length)
    })
  )
}

/** What is resolved with an object that has a function `then` asks that function. */
function thenable() {
  return resultOf(ids.own, (encoder) => encoder.value({ then: () => undefined }))
}

function prototypeKeys() {
  const report = message({ type: 'report', memory: 1 })
  const body = JSON.parse(
    '{ "__proto__": { "polluted": true }, "constructor": { "prototype": { "polluted": true } } }'
  )
  const trouble = message({ type: 'trouble', code: 'QUEUE_FULL', details: body })
  return Buffer.concat([written((encoder) => encoder.raw(report)), trouble, result(ids.own, undefined)])
}
