import { expect } from 'chai'
import { ProtocolViolation } from '../../../lib/wire/byte-reader.js'
import { Departure, Moved, type Mover } from '../../../lib/wire/moved.js'
import { NotCloneable } from '../../../lib/wire/not-cloneable.js'
import { pack, packLive } from '../../../lib/wire/packed.js'
import { Refusal } from '../../../lib/wire/refusal.js'
import { CodecPair } from '../../support/codec-pair.js'
import { thrownBy } from '../../support/thrown-by.js'

/** As a socket. */
class Movable {
  constructor(readonly isClosed = false) {}
}

function moves(value: object): boolean {
  if (!(value instanceof Movable)) return false
  if (value.isClosed) throw new NotCloneable('it is closed', value)
  return true
}

function movesInto(sent: [number, object][]): Mover {
  let next = 0
  return { moves, take: () => next++, send: (number, thing) => sent.push([number, thing]) }
}

describe('What moves with a message', () => {
  it('leaves when the message was written, once each', () => {
    const sent: [number, object][] = []
    const departure = new Departure(movesInto(sent))
    const [first, second] = [new Movable(), new Movable()]
    const numbers = [first, second, first].map((thing) => departure.take(thing))
    expect(numbers).to.deep.equal([0, 1, 0])
    expect(sent).to.deep.equal([])
    departure.leave()
    expect(sent).to.deep.equal([
      [0, first],
      [1, second]
    ])
    departure.leave()
    expect(sent).to.have.length(2)
  })

  it('stays when the message is not sent', () => {
    const sent: [number, object][] = []
    const departure = new Departure(movesInto(sent))
    departure.take(new Movable())
    departure.cancel()
    departure.leave()
    expect(sent).to.deep.equal([])
  })

  it('crosses as its number, the same object in all its places', () => {
    const pair = new CodecPair()
    pair.decoder.takesMoved = true
    pair.encoder.moving = new Departure(movesInto([]))
    const thing = new Movable()
    const got = pair.cross([thing, new Map([['key', thing]]), new Movable()]) as [
      Moved,
      Map<string, Moved>,
      Moved
    ]
    expect(got[0]).to.be.an.instanceOf(Moved).with.property('number', 0)
    expect(got[1].get('key')).to.equal(got[0])
    expect(got[2].number).to.equal(1)
    expect(pair.decoder.moved).to.deep.equal([got[0], got[2]])
  })

  it('is left out of errors, whose properties never move', () => {
    const pair = new CodecPair()
    const departure = new Departure(movesInto([]))
    pair.encoder.moving = departure
    pair.cross(Object.assign(new Error('broken'), { socket: new Movable() }))
    expect(departure.isEmpty).to.equal(true)
  })

  it('is no valid value for a side that takes none', () => {
    const pair = new CodecPair()
    pair.encoder.moving = new Departure(movesInto([]))
    expect(thrownBy(() => pair.cross([new Movable()]))).to.be.an.instanceOf(ProtocolViolation)
  })

  it('is listed with its place beside a packed value', () => {
    const thing = new Movable()
    for (const packed of [
      pack([{ thing }], 'parameters', 1000, moves),
      packLive([{ thing }], 'parameters', 1000, moves)
    ]) {
      expect(packed.moving).to.deep.equal([{ thing, place: 'parameters[0].thing' }])
      expect(packed.own().moving).to.equal(packed.moving)
    }
  })

  it('is refused with its place when it cannot move', () => {
    const refused = thrownBy(() => pack([[new Movable(true)]], 'parameters', 1000, moves))
    expect(refused).to.be.an.instanceOf(Refusal)
    expect((refused as Refusal).details).to.include({ place: 'parameters[0][0]', reason: 'it is closed' })
  })
})
