import { expect } from 'chai'
import { setImmediate as turn } from 'node:timers/promises'
import { inspect, types } from 'node:util'
import { AnswerRows, FIRST_IN_ROW, idAfter } from '../../../lib/wire/answer-rows.js'
import { ROW_LENGTH } from '../../../lib/wire/answer-row.js'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { collectUntil } from '../../support/garbage.js'

describe('Invocations in a row', () => {
  let rows: AnswerRows

  beforeEach(() => (rows = new AnswerRows((refusal) => new Error(refusal.code))))

  const add = (count: number): Promise<unknown>[] => Array.from({ length: count }, () => rows.add())
  const id = (place: number): number => idAfter(FIRST_IN_ROW, place)

  it('have promises like any other', async () => {
    const [promise] = add(1) as [Promise<unknown>]
    expect(types.isPromise(promise)).to.equal(true)
    expect(promise).to.be.instanceOf(Promise)
    expect(promise.constructor).to.equal(Promise)
    expect(Object.keys(promise)).to.deep.equal([])
    expect(promise.then()).to.have.property('constructor', Promise)
    expect(Promise.resolve(promise)).to.equal(promise)
    rows.begun(id(0), 1, false)
    await promise
    // Where promises are watched, by a debugger for one, their symbols follow.
    expect(inspect(promise)).to.match(/^Promise \{\s+undefined[,\s]/)
  })

  it('are answered to whoever waits, in any of the ways to wait, before and after the answer', async () => {
    const waits: ((promise: Promise<unknown>) => Promise<unknown>)[] = [
      async (promise) => await promise,
      async (promise) => promise,
      (promise) => Promise.resolve(promise),
      (promise) => promise.then((value) => value),
      (promise) => promise.finally(() => undefined),
      (promise) => Promise.race([promise]),
      async (promise) => (await Promise.all([promise]))[0],
      (promise) => Reflect.apply(Promise.prototype.then, promise, []) as Promise<unknown>,
      (promise) => new Promise((resolve) => resolve(promise))
    ]
    const early = add(waits.length).map((promise, place) => waits[place]?.(promise))
    for (let place = 0; place < waits.length; place++) rows.take(id(place)).answered({ place })
    const late = add(waits.length)
    for (let place = 0; place < waits.length; place++) rows.take(id(waits.length + place)).answered({ place })
    const expected = waits.map((unused, place) => ({ place }))
    for (const [place, waiting] of early.entries()) expect(await waiting).to.deep.equal(expected[place])
    for (const [place, promise] of late.entries()) {
      expect(await waits[place]?.(promise)).to.deep.equal(expected[place])
    }
  })

  it('are known to wait when the other side may answer them: the next one, and those of which it has said so', () => {
    const waiting = (): number[] => [0, 1, 2, 3].filter((place) => rows.has(id(place)))
    expect(waiting()).to.deep.equal([])
    void add(2)
    expect(waiting()).to.deep.equal([0])
    rows.begun(id(0), 1, true)
    expect(waiting()).to.deep.equal([0, 1])
    rows.take(id(1))
    expect(waiting()).to.deep.equal([0])
    rows.take(id(0))
    expect(waiting()).to.deep.equal([])
  })

  it('settle in their order, and not before the other side has come to them', async () => {
    const settled: number[] = []
    add(3 * ROW_LENGTH).forEach((promise, place) => void promise.then(() => settled.push(place)))
    const count = ROW_LENGTH + 10
    rows.begun(id(0), count, false)
    await turn()
    expect(settled).to.deep.equal(Array.from({ length: count }, (unused, place) => place))
    expect(rows.size).to.equal(3 * ROW_LENGTH - count)
    rows.begun(id(count), rows.size, false)
    await turn()
    expect(settled).to.have.length(3 * ROW_LENGTH)
    expect(rows.size).to.equal(0)
  })

  it('may be answered later, in any order', async () => {
    const promises = add(4)
    rows.begun(id(0), 1, false)
    rows.begun(id(1), 3, true)
    expect(rows.size).to.equal(3)
    rows.take(id(3)).answered('last')
    rows.take(id(1)).answered(undefined)
    const ended = Promise.allSettled(promises)
    rows.take(id(2)).failed('wrong')
    expect(await ended).to.deep.equal([
      { status: 'fulfilled', value: undefined },
      { status: 'fulfilled', value: undefined },
      { status: 'rejected', reason: 'wrong' },
      { status: 'fulfilled', value: 'last' }
    ])
    expect(rows.size).to.equal(0)
  })

  it('may fail although nobody listens, or listens too late', async () => {
    const [ignored, looked, later] = add(3) as [Promise<unknown>, Promise<unknown>, Promise<unknown>]
    expect(looked.constructor).to.equal(Promise)
    rows.take(id(0)).failed(1)
    rows.take(id(1)).failed(2)
    rows.begun(id(2), 1, true)
    rows.take(id(2)).refused('CANCELED', {})
    // A rejection that counts as not handled would be told now.
    await turn()
    const results = await Promise.allSettled([ignored, looked, later])
    expect(results.map((result) => result.status === 'rejected' && String(result.reason))).to.deep.equal([
      '1',
      '2',
      'Error: CANCELED'
    ])
  })

  it('are lost with the connection, whether somebody waits or begins to', async () => {
    const [answered, waits, postponed, unseen] = add(4) as [
      Promise<unknown>,
      Promise<unknown>,
      Promise<unknown>,
      Promise<unknown>
    ]
    const waiting = waits.catch(String)
    rows.take(id(0)).answered('before')
    rows.begun(id(1), 1, true)
    rows.begun(id(2), 1, true)
    rows.loseAll()
    expect(await answered).to.equal('before')
    for (const promise of [waiting, postponed.catch(String), unseen.catch(String)]) {
      expect(await promise).to.equal('Error: REFERENCE_RELEASED')
    }
    expect(rows.size).to.equal(0)
  })

  it('cannot be answered out of their order, twice, or before they were sent', () => {
    void add(3)
    const violations: (() => unknown)[] = [
      () => rows.begun(id(1), 1, false),
      () => rows.begun(id(0), 4, false),
      () => rows.begun(id(0), 0, false),
      () => rows.begun(id(0), 4, true),
      () => rows.take(id(1)),
      () => rows.take(id(3))
    ]
    for (const violation of violations) expect(violation).to.throw(ProtocolViolation, 'not waiting')
    rows.begun(id(0), 2, true)
    expect(() => rows.begun(id(2), 2, false)).to.throw(ProtocolViolation)
    rows.take(id(0)).answered(1)
    expect(() => rows.take(id(0))).to.throw(ProtocolViolation)
    rows.begun(id(2), 1, false)
    expect(() => rows.take(id(2))).to.throw(ProtocolViolation)
    expect(() => rows.take(id(3))).to.throw(ProtocolViolation)
  })

  it('go on from the highest id at the lowest', () => {
    expect(idAfter(-1, 1)).to.equal(FIRST_IN_ROW)
    expect(idAfter(-2, 5)).to.equal(FIRST_IN_ROW + 3)
  })

  it('are held by nobody until somebody waits', async () => {
    let collected = 0
    const registry = new FinalizationRegistry(() => collected++)
    for (let place = 0; place < 10; place++) registry.register(rows.add(), place)
    void rows.add()
    await collectUntil(() => collected === 10)
    rows.begun(id(0), 11, false)
  })
})
