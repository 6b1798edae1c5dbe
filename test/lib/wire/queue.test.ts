import { expect } from 'chai'
import fc from 'fast-check'
import { Queue } from '../../../lib/wire/queue.js'

describe('A queue', () => {
  it('gives out what was put in, in order, as an array would', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(), { freq: 3 }), { maxLength: 200 }), (steps) => {
        const queue = new Queue<number>()
        const array: number[] = []
        for (const step of steps) {
          if (step === null) {
            expect(queue.shift()).to.equal(array.shift())
          } else {
            queue.push(step)
            array.push(step)
          }
          expect([queue.length, queue.first]).to.deep.equal([array.length, array[0]])
        }
      })
    )
  })

  it('stays fast when it is long', () => {
    const queue = new Queue<number>()
    for (let place = 0; place < 300_000; place++) queue.push(place)
    const started = process.cpuUsage()
    for (let place = 0; place < 300_000; place++) {
      if (queue.shift() !== place) expect.fail(`not ${place}`)
      if (place % 3 === 0) queue.push(300_000 + place / 3)
    }
    expect(queue.length).to.equal(100_000)
    expect(process.cpuUsage(started).user / 1000).to.be.lessThan(1000)
  })
})
