import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { startCompanion } from './start-process.js'

/** The reaper is started again at most so often within so many milliseconds. */
const MOST_STARTS = 5
const PERIOD = 60_000

/**
 * Ends the spaces of a host that is gone, however it went and whatever they are doing. A space that runs an infinite
 * loop, or is stopped by a signal, does not notice the end of its pipe; so a tiny process beside this one holds a
 * list of process groups and a pipe that only this process writes to. When the pipe ends, it kills all of them.
 *
 * The process is a shell, or Node where there is no /bin/sh. It is started with the first space, is in a session of
 * its own, ignores the signals of a terminal, does not keep this process alive, and comes back when it is killed. On
 * Windows there is none: there the system ends what was not started detached together with this process. What a
 * space costs, and the reaper itself, is measured by `node bench/reaper.mjs`.
 */
export class Reaper {
  private readonly pids = new Set<number>()
  private readonly starts: number[] = []
  private child: ChildProcess | undefined
  private closed = process.platform === 'win32'

  constructor(private shell: string | undefined = '/bin/sh') {}

  /** From now on this process, and the group it leads, ends with the host. */
  watch(pid: number): void {
    if (this.closed || this.pids.has(pid)) return
    this.pids.add(pid)
    if (this.child) this.tell(`+${pid}\n`)
    else this.start()
  }

  /** To be called as soon as the process has exited: its number may belong to another one soon. */
  forget(pid: number): void {
    if (this.pids.delete(pid)) this.tell(`-${pid}\n`)
  }

  /** Ends the reaper, which ends what it still watches. Nothing is watched from now on. */
  close(): void {
    this.closed = true
    this.child?.stdin?.end()
  }

  private start(): void {
    const now = performance.now()
    if (this.starts.length >= MOST_STARTS && now - (this.starts[0] ?? 0) < PERIOD) return
    if (this.starts.push(now) > MOST_STARTS) this.starts.shift()
    const child = this.launch()
    // Nothing was started, and nothing will exit. The next space is the next attempt.
    if (child.pid === undefined) return
    this.child = child
    child.once('exit', () => this.restart())
    for (const pid of this.pids) this.tell(`+${pid}\n`)
  }

  private launch(): ChildProcess {
    if (this.shell === undefined) return startCompanion(process.execPath, ['-e', NODE_PROGRAM])
    const child = startCompanion(this.shell, ['-c', SHELL_PROGRAM])
    if (child.pid !== undefined || existsSync(this.shell)) return child
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
