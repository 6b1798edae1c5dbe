// A callback that is called again and again: a WebSocket feed runs in a space, its prices arrive here, in order.

import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { SpacePool } from 'spacepool'
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
await once(server, 'listening')
server.on('connection', sendPrices)

const feed = fileURLToPath(new URL('modules/price-feed.cjs', import.meta.url))
const pool = new SpacePool()
await pool.add({ name: feed, as: 'feed' })

// The call is in flight as long as the feed is, which also keeps this program alive.
const url = `ws://127.0.0.1:${server.address().port}`
const count = await pool.call('feed', 'follow', [url, onPrice])
console.log(`The feed has ended after ${count} prices.`)

// What a callback throws is told to whoever called it, over there, and to the `error` listeners here.
pool.on('error', ({ error }) => console.log(`A callback failed: ${error.message}`))
await pool.call('feed', 'follow', [url, onlyEven])

await pool.close()
server.close()

function onPrice({ symbol, price }) {
  console.log(`${symbol} ${price.toFixed(2)}`)
}

function onlyEven({ symbol, price }) {
  if (Math.round(price * 100) % 2 === 1) throw new Error(`${symbol} is odd at ${price}`)
}

function sendPrices(socket) {
  for (const price of [101.5, 101.75, 102]) socket.send(JSON.stringify({ symbol: 'ACME', price }))
  socket.close()
}
