import { expect } from 'chai'
import { operations } from '../../../lib/wire/chain.js'
import { outcomeStates } from '../../../lib/wire/message-tags.js'
import { feedHonest } from '../../support/live-attack.js'
import { liveTraffics, type LiveTraffic, type Seed } from '../../support/live-traffic.js'
import { LiveVictim, settle } from '../../support/live-victim.js'
import { messageKinds } from '../../support/message-cutter.js'

describe('The conversations that hostile ones are made of', () => {
  let traffics: LiveTraffic[]
  before(async () => void (traffics = await liveTraffics()))

  const kindsOf = (seeds: readonly Seed[]): Set<string> => new Set(seeds.flatMap(({ kinds }) => kinds))

  /** What a host says to the first message of this kind when that comes from a space. */
  async function reasonAgainst(kind: string): Promise<string | undefined> {
    const seed = traffics.flatMap(({ ofHost }) => ofHost).find(({ kinds }) => kinds[0] === kind) as Seed
    const victim = new LiveVictim([])
    await victim.channel.feed(seed.bytes)
    const { violation } = victim
    await victim.end()
    return violation?.reason
  }

  it('have everything in them that a host may say, or a space', () => {
    const said = kindsOf(traffics.flatMap(({ ofHost, ofSpace }) => [...ofHost, ...ofSpace]))
    expect([...said]).to.have.members(messageKinds)
  })

  it('have everything in them that a space may send: the host takes nothing else from one', async () => {
    const ofSpace = kindsOf(traffics.flatMap((traffic) => traffic.ofSpace))
    for (const kind of messageKinds) {
      if (!ofSpace.has(kind)) {
        expect(await reasonAgainst(kind), kind).to.match(/^a message of type|^contexts of/)
      }
    }
  })

  it('have in them every operation that a space may ask for, and every outcome of those of the host', () => {
    const { ofSpace } = traffics.at(-1) as LiveTraffic
    const details = new Set(ofSpace.flatMap((seed) => seed.details))
    expect([...details]).to.include.members([...operations, ...outcomeStates])
  })

  it('can be held again and again with the same words, and something is under way at their end', async () => {
    for (const { parts, ofSpace } of traffics) {
      const victim = new LiveVictim(parts)
      await feedHonest(victim, ofSpace)
      await settle()
      expect([parts, victim.violation]).to.deep.equal([parts, undefined])
      const { inFlight, lent } = victim.host.connection
      expect(inFlight + lent.size, parts.join()).to.be.greaterThan(0)
      await victim.end()
    }
  })
})
