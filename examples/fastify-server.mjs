// A pool inside a Fastify server: hashing a password would hold up all other requests, so it runs in a space.

import Fastify from 'fastify'
import { SpacePool, isSpacePoolError } from 'spacepool'

const app = Fastify({ logger: process.argv.includes('--log') })
const pool = new SpacePool({ callTimeout: 5000, logger: app.log })

app.decorate('spaces', pool)
app.addHook('onReady', async () => {
  await pool.add('bcryptjs', { replicas: { min: 1, max: 2 } })
})
app.addHook('onClose', () => pool.close())

app.post('/passwords', async (request) => {
  const { password } = request.body
  return { hash: await app.spaces.call('bcryptjs', 'hash', [password, 8]) }
})

app.post('/passwords/check', async (request) => {
  const { password, hash } = request.body
  return { correct: await app.spaces.call('bcryptjs', 'compare', [password, hash]) }
})

// What the pool refuses, or what went wrong in a space, is a matter of this server and not of its client.
app.setErrorHandler((error, request, reply) => {
  if (isSpacePoolError(error, 'ERR_SPACEPOOL_QUEUE_FULL')) return reply.code(503).send({ error: 'busy' })
  if (isSpacePoolError(error)) return reply.code(502).send({ error: error.code })
  return reply.send(error)
})

const address = await app.listen({ host: '127.0.0.1', port: 0 })

// From here on it is its own client.
const { hash } = await post('/passwords', { password: 'correct horse' })
console.log('hash   ', hash)
console.log('check  ', await post('/passwords/check', { password: 'correct horse', hash }))
console.log('wrong  ', await post('/passwords/check', { password: 'battery staple', hash }))

// Closing the server answers what has been asked, then closes the pool, and its spaces are gone.
await app.close()

async function post(path, body) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(address + path, { method: 'POST', headers, body: JSON.stringify(body) })
  return response.json()
}
