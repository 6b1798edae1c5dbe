// A WebSocket client in a space: its events are heard here, in order, as long as it is not released.

import { once } from 'node:events'
import { SpacePool, release } from 'spacepool'
import { WebSocketServer } from 'ws'

// The other side, on loopback. It stands for an exchange.
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
await once(server, 'listening') // while it listens it keeps this program alive, which references do not
server.on('connection', (socket) => {
  socket.on('message', (symbol) => {
    for (const price of [101.5, 101.75, 102]) socket.send(JSON.stringify({ symbol: `${symbol}`, price }))
  })
})

const pool = new SpacePool()
const { WebSocket } = pool.use('ws')

// Listeners that are put on in the tick that makes the socket miss nothing. `on` returns the socket: a reference.
const prices = []
let enough
const heard = new Promise((resolve) => (enough = resolve))
const connecting = new WebSocket(`ws://127.0.0.1:${server.address().port}`)
const opened = new Promise((resolve) => connecting.once('open', resolve))
const socket = await connecting.on('message', (data) => {
  prices.push(JSON.parse(data))
  if (prices.length === 6) enough()
})

await opened
console.log(`Connected: ${(await socket.readyState) === 1}`)
await Promise.all(['ACME', 'INITECH'].map((symbol) => socket.send(symbol)))
await heard
for (const { symbol, price } of prices) console.log(`${symbol.padEnd(8)} ${price.toFixed(2)}`)

const closed = new Promise((resolve) => socket.once('close', resolve))
await socket.close(1000, 'done')
console.log(`Closed with ${await closed}`)

release(socket)
await pool.close()
server.close()
