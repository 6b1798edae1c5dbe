import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The program at the other end finds its end of the pipe here. */
export const PIPE = 3

/**
 * Starts `program` (a file in bench/raw) with `args` and with one end of a Unix socket pair at descriptor 3 and returns the
 * other end. A pair made here, not by spawn, because only a socket one connects oneself takes `onread`, and
 * reading into own memory is what makes large values fast.
 */
export async function openPipe(program, onread, args = []) {
  const folder = mkdtempSync(join(tmpdir(), 'raw-'))
  const server = createServer({ pauseOnConnect: true }).listen(join(folder, 'pipe'))
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const socket = connect({ path: join(folder, 'pipe'), onread })
  const [far] = await accepted
  const file = fileURLToPath(new URL(program, import.meta.url))
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'inherit', 'inherit', far] })
  far.destroy()
  server.close()
  rmSync(folder, { recursive: true })
  const close = async () => {
    socket.end()
    await once(child, 'exit')
  }
  return { socket, close, pid: child.pid }
}
