import { writeSync } from 'node:fs'
import { Socket, type SocketConstructorOpts } from 'node:net'
import { INSPECTOR_FLAGS } from '../lib/wire/inspector-flags.js'
import { connectChannel } from '../lib/wire/socket-channel.js'
import { ipcArrivals } from './arrivals.js'
import { Dispatcher } from './dispatcher.js'

// The program inside a space. Its pipe to the host is file descriptor 3; when that ends, the space ends.

// Packages may replace these; the space must be able to end all the same.
const exit = process.exit.bind(process)
const memory = process.memoryUsage.rss.bind(process.memoryUsage)

function complain(text: string): void {
  try {
    writeSync(2, `${text}\n`)
  } catch {
    // Nobody is there to read it.
  }
}

// These are the host's alone: what packages start themselves must not inherit them.
process.execArgv = process.execArgv.filter((flag) => !INSPECTOR_FLAGS.includes(flag))

const channel = connectChannel((onread) => new Socket({ fd: 3, onread } as SocketConstructorOpts))
const dispatcher = new Dispatcher(channel, { exit, complain, memory, arrivals: ipcArrivals(process) })
process.on('exit', () => dispatcher.flush())
