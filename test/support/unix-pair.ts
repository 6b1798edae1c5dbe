import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import type { SocketChannel } from '../../lib/wire/socket-channel.js'
import { connectChannel, streamChannel } from '../../lib/wire/socket-channel.js'

export interface UnixPair {
  /** The channel under test. */
  channel: SocketChannel
  /** Its socket. */
  near: Socket
  /** The plain, paused socket on the other side. */
  far: Socket
}

export type Reading = 'into targets' | 'from a stream'

/** A channel and the socket on its other side, in this process. */
export async function unixPair(reading: Reading): Promise<UnixPair> {
  const directory = mkdtempSync(join(tmpdir(), 'spacepool-test-'))
  const path = join(directory, 's')
  const server = createServer({ pauseOnConnect: true }).listen(path)
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[Socket]>
  let near = new Socket()
  const channel =
    reading === 'into targets'
      ? connectChannel((onread) => (near = connect({ path, onread })))
      : streamChannel((near = connect({ path })))
  await once(near, 'connect')
  const [far] = await accepted
  far.on('error', () => {})
  server.close()
  rmSync(directory, { recursive: true })
  return { channel, near, far }
}
