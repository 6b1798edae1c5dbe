import { oneCall } from './shapes.mjs'

const notCloneable = { code: 'NOT_CLONEABLE' }
const circle = { name: 'circle' }
circle.self = circle

/** Values that other pools lose, or lose their worker to. */
export const values = [
  oneCall({
    name: 'a function as an argument',
    call: ['callBack', 21, (value) => value * 2],
    gets: { answers: 42 },
    peers: true
  }),
  oneCall({ name: 'a BigInt as an argument', call: ['timesTwo', 21n], gets: { answers: 42n }, peers: true }),
  oneCall({
    name: 'a circle as an argument',
    call: ['nameOf', circle],
    gets: { answers: 'circle' },
    peers: true
  }),
  oneCall({ name: 'a circle as a result', call: ['circular'], gets: { answers: circle }, peers: true }),
  oneCall({ name: 'a BigInt as a result', call: ['bigint'], gets: { answers: 2n ** 70n }, peers: true }),
  oneCall({
    name: 'a symbol as an argument',
    call: ['fine', Symbol('stays')],
    gets: notCloneable,
    peers: true
  }),
  oneCall({ name: 'a symbol as a result', call: ['symbol'], gets: notCloneable, peers: true }),
  oneCall({
    name: 'a result with a getter that throws',
    call: ['throwingGetter'],
    gets: notCloneable,
    peers: true
  }),
  oneCall({ name: 'a result with a revoked proxy', call: ['revokedProxy'], gets: notCloneable, peers: true }),
  oneCall({
    name: 'a result that is too large',
    pool: { maxBytes: 1024 * 1024 },
    call: ['text', 2 * 1024 * 1024],
    gets: { code: 'TOO_LARGE' }
  }),
  oneCall({
    name: 'an argument that is too large',
    pool: { maxBytes: 1024 * 1024 },
    call: ['fine', 'x'.repeat(2 * 1024 * 1024)],
    gets: { code: 'TOO_LARGE' }
  }),
  oneCall({
    name: 'undefined is thrown',
    call: ['throwValue', undefined],
    gets: { message: 'undefined' },
    peers: true
  }),
  oneCall({
    name: 'an error is thrown that cannot be read',
    call: ['throwUnreadable'],
    gets: 'anything',
    peers: true
  }),
  oneCall({
    name: 'a promise that never settles, with a timeout',
    call: ['neverThenable'],
    timeout: 200,
    gets: { code: 'CALL_TIMEOUT' },
    within: [200, 260],
    peers: true
  })
]
