import { expect } from 'chai'
import { Moved } from '../../lib/wire/moved.js'
import type { Arrivals } from '../../spaces/arrivals.js'
import { HeldRequests } from '../../spaces/held-requests.js'

/** Requests that wait, what became of each, and what has to arrive for them. */
function waiting(within = 10_000) {
  const told: string[] = []
  let arrive: Parameters<Arrivals['listen']>[0] = () => undefined
  let end = (): void => undefined
  const arrivals: Arrivals = {
    listen(arrived, ended) {
      arrive = arrived
      end = ended
    }
  }
  const held = new HeldRequests(arrivals, (id, reason) => told.push(`${id}: ${reason}`), within)
  const add = (id: number, ...numbers: number[]): unknown[] => {
    const moved = numbers.map((number) => new Moved(number))
    const parameters: unknown[] = [{ moved }]
    held.add(id, moved, [parameters], () => told.push(`${id} ran`))
    return parameters
  }
  return {
    ...{ held, told, add },
    arrive: (number: number, thing?: object) => arrive(number, thing),
    end: () => end()
  }
}

/** As a server is closed. */
class Closable {
  isClosed = false

  close(): void {
    this.isClosed = true
  }
}

describe('Requests that wait for what moves', () => {
  it('run when all of it is there, with it in its places', () => {
    const { told, add, arrive } = waiting()
    const parameters = add(1, 7, 8)
    const [first, second] = [new Closable(), new Closable()]
    arrive(8, second)
    expect(told).to.deep.equal([])
    arrive(7, first)
    expect(told).to.deep.equal(['1 ran'])
    expect(parameters).to.deep.equal([{ moved: [first, second] }])
    expect((parameters[0] as { moved: unknown[] }).moved[0]).to.equal(first)
  })

  it('run at once when it came before them', () => {
    const { told, add, arrive } = waiting()
    add(1, 0)
    arrive(1, new Closable())
    arrive(0, new Closable())
    add(2, 1)
    expect(told).to.deep.equal(['1 ran', '2 ran'])
  })

  it('run in their order, with those that wait for nothing behind them', () => {
    const { held, told, add, arrive } = waiting()
    add(1, 0)
    add(2)
    add(3, 1)
    add(4)
    expect(held.size).to.equal(4)
    arrive(1, new Closable())
    expect(told).to.deep.equal([])
    arrive(0, new Closable())
    expect(told).to.deep.equal(['1 ran', '2 ran', '3 ran', '4 ran'])
    expect(held.size).to.equal(0)
  })

  it('are refused when something could not be sent, and what came for them is closed', () => {
    const { told, add, arrive } = waiting()
    add(1, 0, 1)
    add(2)
    const there = new Closable()
    arrive(0, there)
    arrive(1)
    expect(told).to.deep.equal(['1: a socket or server was closed on its way', '2 ran'])
    expect(there.isClosed).to.equal(true)
  })

  it('are refused when nothing more can come, but run with what is there', () => {
    const { told, add, arrive, end } = waiting()
    add(1, 0)
    add(2, 1)
    arrive(1, new Closable())
    end()
    expect(told).to.deep.equal(['1: the IPC channel of the space is closed', '2 ran'])
  })

  it('are refused when it does not come in time, and it is closed when it comes later', async () => {
    const { told, add, arrive } = waiting(5)
    add(1, 0)
    while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(told[0]).to.match(/^1: a socket or server did not arrive/)
    const late = new Closable()
    arrive(0, late)
    expect(late.isClosed).to.equal(true)
  })

  it('can be dropped, and then those behind them run', () => {
    const { held, told, add, arrive } = waiting()
    add(1, 0, 1)
    add(2)
    const [there, late] = [new Closable(), new Closable()]
    arrive(0, there)
    expect(held.drop(3)).to.equal(false)
    expect(held.drop(1)).to.equal(true)
    arrive(1, late)
    expect(told).to.deep.equal(['2 ran'])
    expect([there.isClosed, late.isClosed]).to.deep.equal([true, true])
  })
})
