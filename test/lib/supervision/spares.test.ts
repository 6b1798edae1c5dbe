import { expect } from 'chai'
import { createLogger } from '../../../lib/logger.js'
import type { SpaceEnd } from '../../../lib/space/space-end.js'
import type { Space } from '../../../lib/space/space.js'
import { Capacity } from '../../../lib/supervision/capacity.js'
import { Spares } from '../../../lib/supervision/spares.js'
import { FakeTime } from '../../support/fake-time.js'
import { processSettings } from '../../support/process-settings.js'

const settings = processSettings()

/** So many spares of spaces that have no processes are to be filled up, on a clock that stands. */
function begin(wanted: number) {
  const time = new FakeTime()
  const started: FakeSpace[] = []
  const source = { makeRoom: () => false, holders: () => [] }
  const bounds = { maxSpaces: 16, warnAfter: 5000, giveUpAfter: 60_000 }
  const capacity = new Capacity(bounds, source, time.schedule, createLogger(undefined))
  const start = (process: unknown, owner: unknown): Space => {
    const space = new FakeSpace(owner)
    started.push(space)
    return space as unknown as Space
  }
  const spares = new Spares(wanted, settings, () => capacity, start, time.schedule)
  spares.fill()
  return { time, spares, started, capacity }
}

/** The same when they are there. */
async function sparesOf(wanted: number) {
  const all = begin(wanted)
  await turns()
  return all
}

class FakeSpace {
  readonly state = 'ready'
  readonly ended: Promise<Partial<SpaceEnd>>
  end!: (end: Partial<SpaceEnd>) => void

  constructor(readonly owner: unknown) {
    this.ended = new Promise((resolve) => (this.end = resolve))
  }
}

/** Places are lent in turns of the event loop. */
async function turns(): Promise<void> {
  for (let count = 0; count < 10; count++) await new Promise((resolve) => setImmediate(resolve))
}

describe('Spares', () => {
  it('are as many as are wanted', async () => {
    const { spares, started } = await sparesOf(3)
    expect(spares.all.map(({ space }) => space)).to.deep.equal(started)
    expect(started).to.have.lengthOf(3)
  })

  it('are taken the oldest first, by whom their process suits', async () => {
    const { spares, started } = await sparesOf(2)
    expect(spares.take(processSettings({ cwd: '/' }))).to.equal(undefined)
    expect(spares.take(processSettings())?.space).to.equal(started[0])
  })

  const losses: [title: string, wait: number, lose: (spares: Spares, spare?: FakeSpace) => void][] = [
    ['when whoever took one has had the processor to load packages', 20, (spares) => spares.take(settings)],
    ['a second after they have crashed', 1000, (spares, spare) => spare?.end({ cause: 'exit' })]
  ]
  for (const [title, wait, lose] of losses) {
    it(`are replaced ${title}`, async () => {
      const { time, spares, started } = await sparesOf(1)
      lose(spares, started[0])
      await turns()
      expect(spares.all).to.deep.equal([])
      time.advance(wait - 1)
      await turns()
      expect(started).to.have.lengthOf(1)
      time.advance(1)
      await turns()
      expect(started).to.have.lengthOf(2)
    })
  }

  it('are not started any more when they are closed before they have a place, which goes back', async () => {
    const { spares, started, capacity } = begin(1)
    spares.close()
    await turns()
    expect(started).to.deep.equal([])
    expect(capacity.free).to.equal(16)
  })

  it('are not replaced any more when they are closed', async () => {
    const { time, spares, started } = await sparesOf(1)
    spares.take(settings)
    spares.close()
    time.advance(60_000)
    await turns()
    expect(started).to.have.lengthOf(1)
  })
})
