import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectChannel, type SocketChannel } from '../wire/socket-channel.js'

export interface SocketPair {
  /** This process's end. */
  near: SocketChannel
  /** The end for the child, paused. Whoever asked for the pair destroys it once the child has its copy. */
  far: Socket
}

/** The pair is made within this process and takes half a millisecond; what takes longer than this has failed. */
const PATIENCE = 1000

/**
 * Two connected Unix sockets. Node has no call for it, and the pipes that it makes for a child cannot read without a
 * copy; so this process listens in a private folder, connects to itself, and leaves nothing of it behind. Rejects
 * where that is not possible: the folder for temporary files cannot be written to, or its path is too long.
 */
export async function socketPair(): Promise<SocketPair> {
  const directory = mkdtempSync(join(tmpdir(), 'spacepool-'))
  const server = createServer({ pauseOnConnect: true })
  try {
    return await connectWithin(server, join(directory, 's'))
  } finally {
    server.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

function connectWithin(server: Server, path: string): Promise<SocketPair> {
  return new Promise((resolve, reject) => {
    let socket: Socket | undefined
    let near: SocketChannel | undefined
    let far: Socket | undefined
    const timer = setTimeout(() => fail(new Error('No connection to this process itself')), PATIENCE)

    server.once('error', fail)
    server.once('connection', (accepted: Socket) => {
      far = accepted.on('error', ignore)
      settle()
    })
    server.listen(path, () => {
      near = connectChannel((onread) => (socket = connect({ path, onread })))
      socket?.once('connect', settle).once('error', fail)
    })

    function settle(): void {
      if (!near || !far || socket?.connecting !== false) return
      clearTimeout(timer)
      socket.off('error', fail)
      resolve({ near, far })
    }

    function fail(error: Error): void {
      clearTimeout(timer)
      near?.close()
      far?.destroy()
      reject(error)
    }
  })
}

/** The end for the child is written to and read by the child alone. */
function ignore(): void {}
