import { peers } from '../contestants/index.mjs'
import { runLanes, warmUp } from '../harness/lanes.mjs'
import { openContestant } from './open.mjs'

const KIB = 1024
const MIB = 1024 * KIB
/**
 * ms to compile: a buffer takes as long as a hundred small calls, so that half a second of them is too few for a compiler.
 */
const WARM = 1500

export const question = {
  name: 'buffers',
  title: 'A Buffer there and back, bytes of both ways',
  cases: [
    { name: '64 KiB, 8 in flight', size: 64 * KIB, inFlight: 8, warm: WARM, onlyFull: true },
    { name: '1 MiB', size: MIB, inFlight: 1, warm: WARM },
    { name: '16 MiB', size: 16 * MIB, inFlight: 1, onlyFull: true }
  ],
  metrics: [{ name: 'bytes', unit: 'MB/s', better: 'more' }],
  contestants: ['spacepool', 'raw limit', 'raw limit, reused memory', 'fork and send', ...peers],
  references: ['raw limit', 'fastest process peer'],
  marks: [
    { metric: 'bytes', of: 'raw limit', atLeast: 0.8 },
    { metric: 'bytes', of: 'fastest process peer', atLeast: 2 }
  ]
}

export async function prepare(details) {
  const { size, inFlight } = details.testCase
  const { call, close } = await openContestant(details, 'buffers')
  const sent = Array.from({ length: inFlight }, (_, lane) => randomBuffer(size, lane))
  const work = {
    inFlight,
    begin: (n, lane) => call('echo', [stamp(sent[lane], n)]),
    isRight: (result, n, lane) => carriesStamp(result, sent[lane], n)
  }
  const isRightToTheLastByte = (result, n, lane) => sent[lane].equals(result)
  await runLanes({ ...work, isRight: isRightToTheLastByte }, inFlight * 3)
  const count = await warmUp(work, details.settings)
  const round = async () => {
    const milliseconds = await runLanes(work, count)
    await runLanes({ ...work, isRight: isRightToTheLastByte }, inFlight)
    return { bytes: (2 * size * count) / milliseconds / 1000 }
  }
  return { round, close }
}

function randomBuffer(size, seed) {
  const bytes = Buffer.allocUnsafeSlow(size)
  for (let at = 0; at < size; at += 4) bytes.writeUInt32LE((at * 2654435761 + seed) >>> 0, at)
  return bytes
}

/** Each call sends other bytes at both ends, so that no answer can pass for another. */
function stamp(bytes, n) {
  bytes.writeUInt32LE(n, 0)
  bytes.writeUInt32LE(n, bytes.length - 4)
  return bytes
}

/**
 * Comparing every byte would cost as much as a good part of the way, so within a timed round the stamps and one
 * byte a page are compared; before and after it the whole.
 */
function carriesStamp(result, bytes, n) {
  if (!(result instanceof Uint8Array) || result.length !== bytes.length) return false
  const view = Buffer.from(result.buffer, result.byteOffset, result.length)
  if (view.readUInt32LE(0) !== n || view.readUInt32LE(view.length - 4) !== n) return false
  for (let at = 100; at < view.length; at += 4096) if (view[at] !== bytes[at]) return false
  return true
}
