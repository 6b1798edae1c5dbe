import type { OwnerMessage } from '../../lib/wire/connection-owner.js'
import { Refusal } from '../../lib/wire/refusal.js'
import { framesOf } from './frames.js'
import { HandFedChannel } from './hand-fed-channel.js'
import { frame } from './hostile-frames.js'
import { LiveSpace } from './live-conversation.js'
import { livePackage } from './live-package.js'
import { allParts, type Part } from './live-use.js'
import { LIVE_LIMITS, LiveVictim, settle } from './live-victim.js'
import { MessageCutter, type CutMessage } from './message-cutter.js'

/** A message, or a chunk of one, as a frame of its own. */
export interface Seed extends CutMessage {
  /** The host has said by itself all that it says before a message of this stage comes. */
  readonly stage: number
}

export interface LiveTraffic {
  readonly parts: readonly Part[]
  /** What an honest space says to a LiveVictim. */
  readonly ofSpace: readonly Seed[]
  /** And what that says to it. */
  readonly ofHost: readonly Seed[]
}

/** A space that answers everything a LiveVictim asks of it, and says by itself all that a space may say. */
class TalkativeSpace extends LiveSpace {
  override handle = (what: string, ...given: ((value: unknown) => unknown)[]): unknown => {
    if (what === 'row') {
      for (const callback of given) for (const value of [1, { two: [2] }, 'three']) void callback(value)
    }
    if (what === 'refused') throw new Refusal('FUNCTION_NOT_FOUND', { path: 'a.b' })
    return what === 'function' ? answerer : new Promise(() => {})
  }

  override message(message: OwnerMessage, functions: number): void {
    const { connection } = this
    if (message.type === 'hello') {
      connection.send({ type: 'ready', version: message.version })
      connection.send({ type: 'report', memory: 2 ** 27 })
      connection.send({ type: 'trouble', code: 'TOO_LARGE', details: { place: 'result', size: 2, limit: 1 } })
    }
    if (message.type === 'add' || message.type === 'ping') connection.answer(message.id, undefined)
    super.message(message, functions)
  }
}

function answerer(what: string): unknown {
  if (what === 'fails') throw new TypeError('it fails')
  if (what === 'later') return Promise.resolve([what])
  if (what === 'never') return new Promise(() => {})
  return what === 'value' ? { what } : undefined
}

/** Each side hears the other one only when it has nothing more to say, so that any victim hears the same again. */
async function liveTraffic(parts: readonly Part[]): Promise<LiveTraffic> {
  const victim = new LiveVictim(parts)
  const channel = new HandFedChannel()
  const space = new TalkativeSpace(channel, LIVE_LIMITS)
  space.packages.set('package', livePackage())
  const [ofHost, ofSpace]: [Seed[], Seed[]] = [[], []]
  const cutters = { host: new MessageCutter(), space: new MessageCutter() }
  for (let stage = 0; ; stage++) {
    await settle()
    const said = Buffer.concat(victim.channel.written.splice(0))
    ofHost.push(...seedsOf(said, cutters.host, stage))
    await channel.feed(said)
    await settle()
    const answers = seedsOf(Buffer.concat(channel.written.splice(0)), cutters.space, stage)
    if (answers.length === 0) break
    ofSpace.push(...answers)
    await victim.channel.feed(together(answers))
  }
  if (victim.violation !== undefined || space.endings.length > 0) throw new Error('it was not honest')
  await victim.end()
  space.connection.close()
  return { parts, ofHost, ofSpace }
}

/** Of each part alone, which takes less time than all, and of all of them. Their errors are short. */
export async function liveTraffics(): Promise<LiveTraffic[]> {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return await Promise.all([...allParts.map((part) => [part]), allParts].map(liveTraffic))
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** In one batch, since what the host does next, and in which order, depends on what it hears at once. */
export function together(seeds: readonly Seed[]): Buffer {
  const messages = seeds.filter(({ kinds }) => kinds.length > 0).map(({ bytes }) => bytes.subarray(4))
  const chunks = seeds.filter(({ kinds }) => kinds.length === 0).map(({ bytes }) => bytes)
  return Buffer.concat([...(messages.length > 0 ? [frame(Buffer.concat(messages))] : []), ...chunks])
}

function seedsOf(bytes: Buffer, cutter: MessageCutter, stage: number): Seed[] {
  return framesOf(bytes).flatMap(({ kind, parcel, bytes }): Seed[] => {
    if (kind === 0) return cutter.cut(bytes).map((cut) => ({ ...cut, bytes: frame(cut.bytes), stage }))
    const number = Buffer.alloc(4)
    number.writeUInt32LE(parcel as number)
    return [
      { kinds: [], details: [], bytes: frame(Buffer.concat([number, bytes]), kind, bytes.length), stage }
    ]
  })
}
