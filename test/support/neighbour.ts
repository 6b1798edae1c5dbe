import { at, liveConversation, wait, type LiveConversation } from './live-conversation.js'

/** Another space of the same host: whatever becomes of the first one, this one answers. */
export class Neighbour {
  private readonly talk: LiveConversation = liveConversation({
    package: { sum: (...terms: number[]) => total(terms) }
  })
  private asked = 0

  /** A call and a chain, as they would be without the other space. Throws when they are not. */
  async check(): Promise<void> {
    const { host } = this.talk
    const asked = this.asked++
    const [called, summed] = [host.call(asked), wait(at(host.use('package'), 'sum')(asked, 1))]
    if ((await called) !== asked || (await summed) !== asked + 1) {
      throw new Error('the neighbour answers wrongly')
    }
  }
}

function total(terms: readonly number[]): number {
  return terms.reduce((sum, term) => sum + term, 0)
}
