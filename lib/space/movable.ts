import { Socket as DatagramSocket } from 'node:dgram'
import { Server, Socket } from 'node:net'
import { types } from 'node:util'
import { NotCloneable } from '../wire/not-cloneable.js'

/**
 * Whether this is a socket or server of the system, which moves to a space instead of being copied: net.Server,
 * net.Socket and dgram.Socket. Standard streams and encrypted connections are none, nor is what is no socket of the
 * system beneath. Throws NotCloneable for one that cannot move now.
 */
export function moves(value: object): boolean {
  if (types.isProxy(value)) return false
  if (value instanceof Socket) return socketMoves(value)
  if (value instanceof Server) return serverMoves(value)
  return value instanceof DatagramSocket && datagramSocketMoves(value)
}

/** Closes what was to move and did not. Servers and dgram sockets stay with the one who has them. */
export function closeUnmoved(thing: object): void {
  if (thing instanceof Socket) thing.destroy()
}

function socketMoves(socket: Socket): boolean {
  const standard: unknown[] = [process.stdin, process.stdout, process.stderr]
  if ('encrypted' in socket || standard.includes(socket)) return false
  if (socket.connecting) throw new NotCloneable('a socket that is not connected yet cannot move', socket)
  const handle = handleOf(socket)
  if (handle === undefined) throw new NotCloneable('this socket is closed, or was moved before', socket)
  return ['TCP', 'Pipe'].includes(handle.constructor.name)
}

function serverMoves(server: Server): boolean {
  if (handleOf(server) !== undefined) return true
  throw new NotCloneable('a server that does not listen cannot move', server)
}

function datagramSocketMoves(socket: DatagramSocket): boolean {
  if (process.platform === 'win32') throw new NotCloneable('dgram sockets cannot move on Windows', socket)
  try {
    socket.address()
    return true
  } catch {
    throw new NotCloneable('a dgram socket that is closed or not bound cannot move', socket)
  }
}

/** What Node sends of it; gone when it was sent or closed. */
function handleOf(thing: object): object | undefined {
  const handle: unknown = Reflect.get(thing, '_handle')
  return typeof handle === 'object' && handle !== null ? handle : undefined
}
