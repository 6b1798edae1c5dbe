import { expect } from 'chai'
import { Iterated } from '../../../lib/wire/iterated.js'
import { IteratorSource } from '../../../lib/wire/iterator-source.js'
import { rejectionOf } from '../../support/rejections.js'
import { thrownBy } from '../../support/thrown-by.js'

/** All that is there at once is in one batch, however long that takes here. */
const sourceOf = (value: unknown): IteratorSource => new IteratorSource(value, () => 0)

describe('The source of an iteration', () => {
  it('gives as many items as are asked for, and says when there are no more', async () => {
    const source = sourceOf([1, 2, 3])
    expect(source.pull(2)).to.deep.equal(new Iterated([1, 2], false))
    expect(source.pull(2)).to.deep.equal(new Iterated([3], true))
    async function* later(): AsyncGenerator<number> {
      for (let item = 0; item < 4; item++) yield item
    }
    const items: unknown[] = []
    const asynchronous = sourceOf(later())
    for (let done = false; !done;) {
      const batch = (await asynchronous.pull(3)) as Iterated
      expect(batch.items.length).to.be.at.most(3)
      items.push(...batch.items)
      done = batch.done
    }
    expect(items).to.deep.equal([0, 1, 2, 3])
  })

  it('gives what it has after 2 ms', async () => {
    const perLook = (): (() => number) => {
      let time = 0
      return () => time++
    }
    const many = [...Array(100).keys()]
    const source = new IteratorSource(many, perLook())
    expect(source.pull(100)).to.deep.equal(new Iterated([0, 1, 2], false))
    async function* later(): AsyncGenerator<number> {
      yield* many
    }
    const { items } = (await new IteratorSource(later(), perLook()).pull(100)) as Iterated
    expect(items).to.deep.equal([0, 1, 2])
  })

  it('does not wait for the next item when it has some', async () => {
    let go: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    const source = sourceOf(
      (async function* () {
        yield 'at once'
        await gate
        yield 'later'
      })()
    )
    expect(await source.pull(10)).to.deep.equal(new Iterated(['at once'], false))
    const next = source.pull(10)
    go()
    expect(((await next) as Iterated).items[0]).to.equal('later')
  })

  it('tells what came before a failure first', async () => {
    function* failing(): Generator<number> {
      yield 1
      throw new RangeError('no luck')
    }
    const source = sourceOf(failing())
    expect(source.pull(5)).to.deep.equal(new Iterated([1], false))
    expect(thrownBy(() => source.pull(5))).to.be.instanceOf(RangeError)
    async function* failingLater(): AsyncGenerator<number> {
      yield* failing()
    }
    const later = sourceOf(failingLater())
    expect(((await later.pull(5)) as Iterated).items).to.deep.equal([1])
    expect(await rejectionOf(later.pull(5) as Promise<unknown>)).to.be.instanceOf(RangeError)
  })

  it('makes two batches that are asked for at once one after the other, and one only as far as there is something', async () => {
    let go: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    const source = sourceOf(
      (async function* () {
        for (let item = 0; item < 6; item++) yield item
        await gate
        yield 'later'
      })()
    )
    const items: unknown[] = []
    while (items.length < 6) {
      const batches = (await Promise.all([source.pull(3), source.pull(3)])) as Iterated[]
      for (const batch of batches) items.push(...batch.items)
    }
    expect(items).to.deep.equal([0, 1, 2, 3, 4, 5])
    const waits = source.pull(3) as Promise<Iterated>
    expect(await source.pull(3)).to.deep.equal(new Iterated([], false))
    go()
    expect((await waits).items).to.deep.equal(['later'])
    expect(await source.pull(3)).to.deep.equal(new Iterated([], true))
  })

  it('asks an iterator for nothing more that has ended, failed or been ended', async () => {
    let asked = 0
    const give = (item: () => IteratorResult<unknown>) => ({
      [Symbol.iterator]: () => ({ next: () => (asked++, item()) })
    })
    const over = sourceOf(give(() => ({ done: true, value: undefined })))
    const failed = sourceOf(
      give(() => {
        throw new RangeError('no luck')
      })
    )
    const ended = sourceOf(give(() => ({ done: false, value: 1 })))
    expect(over.pull(2)).to.deep.equal(new Iterated([], true))
    expect(thrownBy(() => failed.pull(2))).to.be.instanceOf(RangeError)
    await ended.end()
    expect(asked).to.equal(2)
    expect(over.pull(2)).to.deep.equal(new Iterated([], true))
    expect(thrownBy(() => failed.pull(2))).to.be.instanceOf(RangeError)
    expect(ended.pull(2)).to.deep.equal(new Iterated([], true))
    expect(asked).to.equal(2)
  })

  it('takes the results of an asynchronous iterator that answers at once', async () => {
    let item = 0
    const atOnce = { next: () => ({ done: item === 3, value: item++ }) }
    const source = sourceOf({ [Symbol.asyncIterator]: () => atOnce })
    expect(await source.pull(9)).to.deep.equal(new Iterated([0, 1, 2], true))
  })

  it('ends the iterator when it is ended before its time', async () => {
    let ended = false
    function* careful(): Generator<number> {
      try {
        for (;;) yield 1
      } finally {
        ended = true
      }
    }
    const source = sourceOf(careful())
    source.pull(1)
    await source.end()
    expect(ended).to.equal(true)
  })

  it('fails, instead of going on for ever, where what it iterates over is no iterator or gives no results', async () => {
    const iterables = ['next', 'later'].map((kind) => {
      const broken = { next: () => (kind === 'next' ? 5 : Promise.resolve(undefined)) }
      return kind === 'next' ? { [Symbol.iterator]: () => broken } : { [Symbol.asyncIterator]: () => broken }
    })
    const [now, later] = iterables.map((iterable) => sourceOf(iterable))
    expect(thrownBy(() => now?.pull(3)))
      .to.be.instanceOf(TypeError)
      .with.property('message', 'Iterator result 5 is not an object')
    expect(await rejectionOf(later?.pull(3) as Promise<unknown>))
      .to.be.instanceOf(TypeError)
      .with.property('message', 'Iterator result undefined is not an object')
    for (const nothing of [{}, undefined]) {
      const made = thrownBy(() => sourceOf({ [Symbol.iterator]: () => nothing }))
      expect(made).to.be.instanceOf(TypeError).with.property('message', 'its iterator has no function "next"')
    }
  })

  it('is there for what can be iterated over only', () => {
    for (const value of [undefined, 7, {}]) {
      expect(thrownBy(() => sourceOf(value))).to.be.instanceOf(TypeError)
    }
    expect(sourceOf('ab').pull(9)).to.deep.equal(new Iterated(['a', 'b'], true))
  })
})
