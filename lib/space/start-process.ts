import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Environment } from '../environment.js'
import type { ProcessSettings } from '../settings.js'
import { streamChannel, type SocketChannel } from '../wire/socket-channel.js'
import { killGroup } from './end-process.js'
import { spaceEntry } from './entry.js'
import { needDescriptors } from './free-descriptors.js'
import { inspectorFlags } from './inspector-flags.js'
import { socketPair, type SocketPair } from './socket-pair.js'
import { startFailure } from './start-failure.js'

export interface StartedProcess {
  child: ChildProcess
  /** Its file descriptor 3. Does not keep this process alive unless `ref` is called, whatever the settings say. */
  channel: SocketChannel
}

const WINDOWS = process.platform === 'win32'
const PIPE = WINDOWS ? 'overlapped' : 'pipe'

/** Starts the program `entry`. Rejects with a StartFailure; then nothing is left behind. */
export async function startProcess(settings: ProcessSettings, entry = spaceEntry): Promise<StartedProcess> {
  const pair = WINDOWS ? undefined : await socketPair().catch(() => undefined)
  const child = launch(settings, entry, pair)
  if (child.pid === undefined) throw await failureOf(child, settings, pair)
  return started(child, settings, pair)
}

/**
 * The same without a wait, for those who need the process at once. Its channel copies what it reads once more.
 * Throws a StartFailure.
 */
export function startProcessNow(settings: ProcessSettings, entry = spaceEntry): StartedProcess {
  const child = launch(settings, entry)
  if (child.pid === undefined) throw failureNow(child, settings)
  return started(child, settings)
}

/**
 * Starts a program of the system in a session of its own, with a pipe to its standard input and no output. Neither
 * it nor the pipe keeps this process alive. Without a `pid` it could not be started, and for some reasons this throws.
 */
export function startCompanion(file: string, parameters: readonly string[]): ChildProcess {
  const stdio: StdioOptions = ['pipe', 'ignore', 'ignore']
  needDescriptors(stdio)
  const child = spawn(file, parameters, {
    ...{ env: {}, cwd: '/', detached: !WINDOWS, windowsHide: true },
    stdio
  })
  quiet(child)
  child.unref()
  return child
}

function launch(settings: ProcessSettings, entry: string, pair?: SocketPair): ChildProcess {
  const { execPath, execArgv, cwd, env, uid, gid } = settings
  try {
    const stdio = stdioOf(settings, pair?.far ?? PIPE)
    needDescriptors(stdio)
    const child = spawn(execPath, [...inspectorFlags(settings, entry), ...execArgv, entry], {
      ...{ cwd, env: copyOf(env), windowsHide: true, stdio },
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
      // A group of its own, so that Ctrl-C does not reach it. On Windows it would leave the job of this process.
      detached: !WINDOWS
    })
    quiet(child)
    return child
  } catch (error) {
    pair?.near.close()
    throw startFailure(settings, (error as NodeJS.ErrnoException).code ?? 'UNKNOWN', error)
  } finally {
    pair?.far.destroy()
  }
}

/** Node adds to it while coverage is measured, and passes on what a prototype has. */
function copyOf(env: Environment): Environment {
  return Object.assign(Object.create(null) as Environment, env)
}

function stdioOf(settings: ProcessSettings, wire: Socket | 'pipe' | 'overlapped'): StdioOptions {
  const output = settings.stdio === 'captured' ? 'pipe' : settings.stdio
  const stdio: StdioOptions = ['ignore', output, output, wire]
  return settings.handles ? [...stdio, 'ipc'] : stdio
}

/** Failures of a stream, a signal or a message come as events, and an 'error' event without a listener ends us. */
function quiet(child: ChildProcess): void {
  child.on('error', ignore)
  for (const stream of streamsOf(child)) stream.on('error', ignore).unref()
}

function started(child: ChildProcess, settings: ProcessSettings, pair?: SocketPair): StartedProcess {
  const channel = pair?.near ?? streamChannel(child.stdio[3] as Socket)
  channel.unref()
  child.channel?.unref()
  if (!settings.ref) child.unref()
  child.once('exit', () => killGroup(child))
  return { child, channel }
}

async function failureOf(child: ChildProcess, settings: ProcessSettings, pair?: SocketPair): Promise<Error> {
  const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException]
  discard(child)
  pair?.near.close()
  return startFailure(settings, error.code, error)
}

function failureNow(child: ChildProcess, settings: ProcessSettings): Error {
  // The code comes with the event, too late for us; but streams are missing only where descriptors are.
  const code = (child.stdio as unknown) === undefined ? 'EMFILE' : undefined
  discard(child)
  return startFailure(settings, code)
}

function discard(child: ChildProcess): void {
  if (child.connected) child.disconnect()
  for (const stream of streamsOf(child)) stream.destroy()
}

/** Where the process could not be started, all of them or some may be missing. */
function streamsOf(child: ChildProcess): Socket[] {
  const streams = (child.stdio as readonly unknown[] | undefined) ?? []
  return streams.filter((stream) => stream !== null && stream !== undefined) as Socket[]
}

function ignore(): void {}
