import { expect } from 'chai'
import {
  Cancellation,
  type CancellationWatcher,
  type CancellingSpace
} from '../../../lib/space/cancellation.js'
import type { BeginInterrupt } from '../../../lib/space/hang.js'
import { FakeTime } from '../../support/fake-time.js'

/** A space that never answers; `breaks`: what becomes of an attempt to interrupt it. */
class Blocked implements CancellingSpace {
  readonly time = new FakeTime()
  readonly schedule = this.time.schedule
  readonly steps: string[] = []
  private busy = false

  constructor(
    private readonly breaks: (begin: BeginInterrupt) => Promise<boolean>,
    private readonly stacks = ['    at spin']
  ) {}

  lookInto(): Promise<string | undefined> {
    return Promise.resolve(this.stacks[0])
  }

  breakOff(timeout: number, begin: BeginInterrupt): Promise<boolean> {
    return this.breaks(begin)
  }

  tellStep(step: string, silence: number, stack: string | undefined): void {
    this.steps.push(`${step} ${silence}${stack}`)
  }

  beginUnblocking(): boolean {
    const free = !this.busy
    this.busy = true
    return free
  }

  endUnblocking(): void {
    this.busy = false
  }

  condemn(wait: number, killing: () => void): void {
    this.schedule(wait, killing)
  }

  /** Lets so many ms go by, and what follows from them. */
  async pass(milliseconds: number): Promise<void> {
    for (let each = 0; each < milliseconds; each += 10) {
      this.time.advance(10)
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

const watcher: CancellationWatcher = { told: () => undefined, done: () => undefined, mayLiveOn: () => true }

describe('What is done about a space that does not answer', () => {
  it('is told in order, each step when it is taken', async () => {
    const space = new Blocked((begin) => Promise.resolve(begin('    at later')))
    new Cancellation(space, watcher)
    expect(space.steps).to.deep.equal([])
    await space.pass(10)
    expect(space.steps).to.deep.equal(['abort 5    at spin'])
    await space.pass(230)
    expect(space.steps.slice(1)).to.deep.equal([])
    await space.pass(20)
    expect(space.steps.slice(1)).to.deep.equal(['interrupt 250    at spin'])
    await space.pass(250)
    expect(space.steps.slice(2)).to.deep.equal(['terminate 250    at spin'])
    await space.pass(500)
    expect(space.steps.slice(3)).to.deep.equal(['kill 750    at spin'])
  })

  it('is told with the stack of what is broken off, where none was found before', async () => {
    const space = new Blocked((begin) => Promise.resolve(begin('    at later')), [])
    new Cancellation(space, watcher)
    await space.pass(240)
    expect(space.steps).to.deep.equal([])
    await space.pass(20)
    expect(space.steps).to.deep.equal(['abort 250undefined', 'interrupt 250    at later'])
  })

  it('is nothing where it answers before it is known to be blocked', async () => {
    const space = new Blocked(() => Promise.resolve(true), [])
    const cancellation = new Cancellation(space, watcher)
    await space.pass(200)
    cancellation.finish()
    await space.pass(800)
    expect(space.steps).to.deep.equal([])
  })

  it('is told to who waits within 50 ms, with what blocks it or without, if that is not to be had', async () => {
    for (const stacks of [['    at spin'], []]) {
      const space = new Blocked(() => Promise.resolve(false), stacks)
      const told: unknown[] = []
      new Cancellation(space, { ...watcher, told: (stack) => void told.push(stack) })
      await space.pass(50)
      expect(told).to.deep.equal([stacks[0]])
      await space.pass(800)
      expect(told).to.have.length(1)
    }
  })

  it('ends where it answers', async () => {
    const space = new Blocked(() => Promise.resolve(true))
    const cancellation = new Cancellation(space, watcher)
    await space.pass(200)
    cancellation.finish()
    await space.pass(800)
    expect(space.steps).to.deep.equal(['abort 5    at spin'])
    new Cancellation(space, watcher)
    await space.pass(10)
    expect(space.steps.slice(1)).to.deep.equal(['abort 5    at spin'])
  })

  it('is done for one of several requests, and for the next when that one is over and it still does not answer', async () => {
    const space = new Blocked((begin) => Promise.resolve(begin('    at spin')))
    const first = new Cancellation(space, watcher)
    const second = new Cancellation(space, watcher)
    await space.pass(10)
    expect(space.steps).to.deep.equal(['abort 5    at spin'])
    await space.pass(250)
    expect(space.steps.slice(1)).to.deep.equal(['interrupt 250    at spin'])
    first.finish()
    await space.pass(250)
    expect(space.steps.slice(2)).to.deep.equal(['abort 250    at spin', 'interrupt 250    at spin'])
    second.finish()
    await space.pass(800)
    expect(space.steps.slice(4)).to.deep.equal([])
  })

  it('is nothing yet where this process stood still, and the other one may have as well', async () => {
    const space = new Blocked(() => Promise.resolve(false), [])
    const cancellation = new Cancellation(space, watcher)
    await space.pass(60)
    space.time.stall(5000)
    await space.pass(100)
    expect(space.steps).to.deep.equal([])
    cancellation.finish()
    await space.pass(400)
    expect(space.steps).to.deep.equal([])
  })

  it('is not told of an interrupt that could not be', async () => {
    const space = new Blocked(() => Promise.resolve(false))
    new Cancellation(space, watcher)
    await space.pass(800)
    expect(space.steps).to.deep.equal([
      'abort 5    at spin',
      'terminate 250    at spin',
      'kill 750    at spin'
    ])
  })

  it('is no interrupt any more when it has answered meanwhile, or is being ended', async () => {
    const begins: BeginInterrupt[] = []
    let settle: (broken: boolean) => void = () => undefined
    const breaks = (begin: BeginInterrupt): Promise<boolean> => {
      begins.push(begin)
      return new Promise((resolve) => (settle = resolve))
    }
    const answering = new Blocked(breaks)
    const cancellation = new Cancellation(answering, watcher)
    await answering.pass(260)
    cancellation.finish()
    expect(begins.pop()?.('    at spin')).to.equal(false)
    settle(false)
    await answering.pass(400)
    expect(answering.steps).to.deep.equal(['abort 5    at spin'])

    const silent = new Blocked(breaks)
    new Cancellation(silent, watcher)
    await silent.pass(260)
    settle(false)
    await silent.pass(10)
    expect(begins.pop()?.('    at spin')).to.equal(false)
    expect(silent.steps).to.deep.equal(['abort 5    at spin', 'terminate 250    at spin'])
  })
})
