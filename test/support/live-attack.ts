import { hostileMessage, type Dice } from './hostile-frames.js'
import { liveTraffics, together, type LiveTraffic, type Seed } from './live-traffic.js'
import { LiveVictim, settle } from './live-victim.js'

// With what else an attack takes, for those who make it from one file.
export { Dice } from './hostile-frames.js'
export { Neighbour } from './neighbour.js'

/** Messages of one space at most, from the first hostile one on. */
const MOST_FRAMES = 8
const TURNS = 2

/** Spaces that are honest up to some message of their conversation with a host that has something live under way. */
export class LiveAttack {
  frames = 0
  /** Frames that ended their conversation. */
  violations = 0

  private constructor(private readonly traffics: readonly LiveTraffic[]) {}

  static async prepare(): Promise<LiveAttack> {
    return new LiveAttack(await liveTraffics())
  }

  /** One space, which ends after some frames at the latest. Rejects when more comes of it than a violation. */
  async attempt(dice: Dice): Promise<void> {
    const { parts, ofSpace, ofHost } = dice.pick(this.traffics)
    const victim = new LiveVictim(parts)
    const first = dice.roll(ofSpace.length)
    await feedHonest(victim, ofSpace, first)
    let told = ''
    try {
      for (const next of ofSpace.slice(first, first + MOST_FRAMES)) {
        const bytes = hostileMessage(dice, next.bytes, dice.pick(ofSpace).bytes, dice.pick(ofHost).bytes)
        told += ` ${bytes.subarray(0, 200).toString('hex')}`
        this.frames++
        await victim.channel.feed(
          bytes,
          bytes.length < 2000 ? dice.pick([1, 3, Infinity, Infinity]) : Infinity
        )
        await settle(1)
        if (!victim.isOpen) break
      }
      if (victim.violation !== undefined) this.violations++
      await victim.end()
    } catch (error) {
      throw new Error(`${parts.join(', ')}, after ${first} messages:${told}`, { cause: error })
    }
  }
}

/** What an honest space says before the message at this place, at the times when it would. */
export async function feedHonest(
  victim: LiveVictim,
  seeds: readonly Seed[],
  place = seeds.length
): Promise<void> {
  const last = seeds[Math.min(place, seeds.length - 1)]?.stage ?? 0
  for (let stage = 0; stage <= last; stage++) {
    await settle(TURNS)
    await victim.channel.feed(together(seeds.slice(0, place).filter((seed) => seed.stage === stage)))
  }
}
