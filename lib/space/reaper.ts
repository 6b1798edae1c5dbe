import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { now } from '../wire/clock.js'
import { scheduleTimeout, type Schedule } from './schedule.js'
import { startCompanion } from './start-process.js'

/** The reaper is started again at most so often within so many milliseconds. */
const MOST_STARTS = 5
const PERIOD = 60_000
/** ms until a start that failed is tried again. */
const RETRY_AFTER = 1000

/**
 * Ends the spaces of a host that is gone, however it went and whatever they are doing. A space that runs an infinite
 * loop, or is stopped by a signal, does not notice the end of its pipe; so a tiny process beside this one holds a
 * list of process groups and a pipe that only this process writes to. When the pipe ends, it kills all of them.
 *
 * The process is a shell, or Node where there is no /bin/sh. It is started with the first space, is in a session of
 * its own, ignores the signals of a terminal, does not keep this process alive, and comes back when it is killed, or a
 * second after it could not be started. On Windows there is none: there the system ends what was not started detached
 * together with this process. What a space costs, and the reaper itself, is measured by `node bench/reaper.mjs`.
 */
export class Reaper {
  private readonly pids = new Set<number>()
  private readonly starts: number[] = []
  private child: ChildProcess | undefined
  private closed = process.platform === 'win32'
  /** Forgets the start that is put off, where one is. */
  private cancelStart: (() => void) | undefined

  constructor(
    private shell: string | undefined = '/bin/sh',
    private readonly schedule: Schedule = scheduleTimeout,
    private readonly clock = now
  ) {}

  /** From now on this process, and the group it leads, ends with the host. */
  watch(pid: number): void {
    if (this.closed || this.pids.has(pid)) return
    this.pids.add(pid)
    if (this.child) this.tell(`+${pid}\n`)
    else if (this.cancelStart === undefined) this.start()
  }

  /** To be called as soon as the process has exited: its number may belong to another one soon. */
  forget(pid: number): void {
    if (this.pids.delete(pid)) this.tell(`-${pid}\n`)
  }

  /** Ends the reaper, which ends what it still watches. Nothing is watched from now on. */
  close(): void {
    this.closed = true
    this.cancelStart?.()
    this.child?.stdin?.end()
  }

  private start(): void {
    const at = this.clock()
    const next = this.starts.length < MOST_STARTS ? at : (this.starts[0] ?? 0) + PERIOD
    if (at < next) return this.startLater(next - at)
    const child = this.launch()
    // Nothing was started, and nothing will exit.
    if (child?.pid === undefined) return this.startLater(RETRY_AFTER)
    if (this.starts.push(at) > MOST_STARTS) this.starts.shift()
    this.child = child
    child.once('exit', () => this.restart())
    for (const pid of this.pids) this.tell(`+${pid}\n`)
  }

  /** What is watched meanwhile may run without a reaper, but not for the rest of its life. */
  private startLater(milliseconds: number): void {
    this.cancelStart = this.schedule(milliseconds, () => {
      this.cancelStart = undefined
      this.restart()
    })
  }

  private launch(): ChildProcess | undefined {
    if (this.shell === undefined) return companion(process.execPath, ['-e', NODE_PROGRAM])
    const child = companion(this.shell, ['-c', SHELL_PROGRAM])
    if (child?.pid !== undefined || existsSync(this.shell)) return child
    this.shell = undefined
    return this.launch()
  }

  private restart(): void {
    this.child = undefined
    if (!this.closed && this.pids.size > 0) this.start()
  }

  private tell(line: string): void {
    if (!this.closed) this.child?.stdin?.write(line)
  }
}

/** Most of what the system refuses is told later by an event; for the rest, EPERM and ENOMEM among it, Node throws. */
function companion(file: string, parameters: readonly string[]): ChildProcess | undefined {
  try {
    return startCompanion(file, parameters)
  } catch {
    return undefined
  }
}

const SHELL_PROGRAM = `
trap '' INT TERM HUP
pids=' '
while read -r line; do
  pid=\${line#?}
  case $line in
  +*) pids="$pids$pid " ;;
  -*) case $pids in *" $pid "*) pids="\${pids%%" $pid "*} \${pids#*" $pid "}" ;; esac ;;
  esac
done
for pid in $pids; do
  kill -9 "-$pid"
  kill -9 "$pid"
done
`

const NODE_PROGRAM = `
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
const pids = new Set()
let rest = ''
process.stdin.setEncoding('latin1')
process.stdin.on('data', (text) => {
  const lines = (rest + text).split('\\n')
  rest = lines.pop()
  for (const line of lines) line[0] === '+' ? pids.add(line.slice(1)) : pids.delete(line.slice(1))
})
process.stdin.on('end', () => {
  for (const pid of pids) {
    for (const target of [-pid, +pid]) try { process.kill(target, 'SIGKILL') } catch {}
  }
})
`
