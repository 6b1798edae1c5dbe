import { PassThrough, Readable, Stream, type Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { messageTypes } from '../../lib/wire/message-tags.js'
import { Dice } from '../support/hostile-frames.js'
import { bytesOf, inventedAnswer } from '../support/invented-answers.js'
import { at, wait } from '../support/live-conversation.js'
import { SpacePool, TakeOver, type TakenOver } from '../support/taken-over.js'

const ROUNDS = 250
const ignore = (): void => undefined

/** A pool whose one space has been taken over, and what waits for that. */
class Round {
  private readonly pool = new SpacePool({ restart: { startsPerSecond: Infinity } })
  private readonly waiting = new Map<string, number>()

  constructor(
    private readonly dice: Dice,
    private readonly takeOver: TakeOver
  ) {
    this.pool.on('error', ignore)
  }

  async run(): Promise<void> {
    const { dice, pool, takeOver } = this
    takeOver.ids.length = 0
    const adding = pool.add({ name: 'path', as: 'package' })
    while (takeOver.ids.length === 0) await turn()
    const space = takeOver.spaces.at(-1) as TakenOver
    space.say(
      bytesOf((encoder) => {
        encoder.byte(messageTypes.result)
        encoder.int32(takeOver.ids[0] as number)
        encoder.byte(0)
        encoder.value(undefined)
      })
    )
    await adding
    for (let left = 3; left > 0; left--) this.use()
    for (let left = 2 + dice.roll(8); left > 0; left--) {
      await turn()
      space.say(inventedAnswer(dice, takeOver.ids))
      if (dice.roll(8) === 0) this.use()
    }
    for (let turns = 0; turns < 4; turns++) await turn()
    space.kill()
    await pool.destroy()
    for (let turns = 0; turns < 20 && this.waiting.size > 0; turns++) await turn()
    if (this.waiting.size > 0) throw new Error(`never settled: ${[...this.waiting.keys()].join(', ')}`)
  }

  /** Does something with the package. */
  private use(): void {
    const live: unknown = this.pool.use('package')
    const never = (): Promise<void> => new Promise(ignore)
    switch (this.dice.roll(6)) {
      case 0:
        return this.watch('a call', this.pool.call('package', 'any', [never, new AbortController().signal]))
      case 1:
        return this.watch('a chain', wait(at(at(live, 'make')(never), 'go')(2)))
      case 2:
        return this.watch(
          'streams',
          wait(at(live, 'take')(new PassThrough().on('error', ignore), Readable.from(['a'])))
        )
      case 3:
        return this.watch('a web stream', wait(at(live, 'take')(new ReadableStream())))
      case 4:
        return this.watch('an iteration', this.iterate(at(live, 'items')()))
      default:
        return void at(live, 'unawaited')()
    }
  }

  private async iterate(items: unknown): Promise<void> {
    let left = 5
    for await (const item of items as AsyncIterable<unknown>) {
      this.take(item, 'an item')
      if (left-- === 0) break
    }
  }

  /** Until it has settled; what comes of it is used as well, for a while. */
  private watch(name: string, promise: Promise<unknown>): void {
    const { waiting } = this
    waiting.set(name, (waiting.get(name) ?? 0) + 1)
    const over = (): void => {
      const left = (waiting.get(name) as number) - 1
      if (left > 0) waiting.set(name, left)
      else waiting.delete(name)
    }
    promise.then((value) => this.take(value, `${name}, then`), ignore).finally(over)
  }

  private take(value: unknown, name: string): void {
    if (name.length > 60) return
    if (value instanceof Stream) return this.takeStream(value as Duplex)
    if (value instanceof ReadableStream) {
      const reader = value.getReader()
      reader.closed.catch(ignore)
      this.watch(`${name} read`, reader.read())
    } else if (value instanceof WritableStream) {
      const writer = value.getWriter()
      writer.closed.catch(ignore)
      this.watch(`${name} written`, writer.write('x'))
    } else if (typeof value === 'function') {
      this.watch(`${name} called`, wait(Reflect.apply(value, undefined, [1]) as PromiseLike<unknown>))
    } else if (Array.isArray(value)) {
      for (const one of value.slice(0, 3)) this.take(one, `${name} in it`)
    }
  }

  /** Nobody listens for its errors. */
  private takeStream(stream: Duplex): void {
    const { dice } = this
    if ('push' in stream && dice.roll(2) === 0) stream.on('data', () => void stream.read())
    if ('write' in stream && dice.roll(2) === 0) stream.end('x')
    if (dice.roll(4) === 0) stream.destroy()
  }
}

describe('A pool whose spaces have been taken over', () => {
  it('settles all that waits, and comes to no harm, whatever they answer', async () => {
    const takeOver = new TakeOver()
    let seed = 1
    try {
      for (; seed <= ROUNDS; seed++) await new Round(new Dice(seed), takeOver).run()
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    } finally {
      takeOver.giveBack()
    }
  })
})
