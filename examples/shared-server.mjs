// One listening socket, three spaces: the host opens the port, gives it to every replica, and answers nothing itself.

import { once } from 'node:events'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { SpacePool } from 'spacepool'

const REPLICAS = 3
const module = fileURLToPath(new URL('modules/web-server.cjs', import.meta.url))

const pool = new SpacePool({ handles: true })
const set = await pool.add({ name: module, as: 'web-server' }, { replicas: REPLICAS })

const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address()

// A call goes to the replica with the fewest calls in flight, so that calls made together reach each of them.
const serving = await Promise.all(
  Array.from({ length: REPLICAS }, () => set.call('web-server', 'serve', [server]))
)
server.close() // here; the spaces go on listening

const answers = new Map(serving.map((pid) => [pid, 0]))
for (let round = 0; round < 30; round++) {
  for (const pid of await Promise.all(Array.from({ length: 20 }, ask))) answers.set(pid, answers.get(pid) + 1)
}

const busy = [...answers.values()].filter((count) => count > 0).length
console.log(`${REPLICAS} spaces listen on one port`)
console.log(
  `${[...answers.values()].reduce((sum, count) => sum + count)} requests were answered by ${busy > 1 ? 'several' : 'one'} of them:`
)
for (const count of answers.values()) console.log(`  ${count}`)

await pool.close()

/** One request over a connection of its own; settles with the process that answered. */
function ask() {
  return new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', agent: false }, async (response) => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve(Number(body))
    })
    request.on('error', reject)
  })
}
