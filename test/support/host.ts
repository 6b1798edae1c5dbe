import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { program } from './process-settings.js'

export interface HostEnd {
  code: number | null
  signal: NodeJS.Signals | null
  /** The values it printed, beyond those that were asked for. */
  said: unknown[]
  stderr: string
}

/** A program of its own, which embeds a pool: one of those in test/fixtures/programs/pool-host.cjs. */
export class Host {
  readonly #child: ChildProcess
  readonly #said: unknown[] = []
  readonly #end: Promise<HostEnd>
  #news: () => void = () => undefined

  constructor(...parameters: string[]) {
    this.#child = spawn(process.execPath, [program('pool-host.cjs'), ...parameters], { detached: true })
    const { stdout, stderr } = this.#child
    let errors = ''
    stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text))
    if (stdout === null) throw new Error('a host without an output')
    const lines = createInterface(stdout).on('line', (line) => {
      this.#said.push(JSON.parse(line))
      this.#news()
    })
    this.#end = Promise.all([once(this.#child, 'exit'), once(lines, 'close')]).then(([[code, signal]]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      said: this.#said,
      stderr: errors
    }))
  }

  /** It leads a process group, as a program that was started at a terminal does. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The next value that it prints. */
  async says<Value>(): Promise<Value> {
    while (this.#said.length === 0) {
      const news = new Promise<void>((resolve) => (this.#news = resolve))
      await Promise.race([news, this.#end.then(({ stderr }) => refuse(`it ended: ${stderr}`))])
    }
    return this.#said.shift() as Value
  }

  tell(text: string): void {
    this.#child.stdin?.write(text)
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async exits(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }

  /** How it ended, when it has, and its output has been read. */
  ends(): Promise<HostEnd> {
    return this.#end
  }
}

function refuse(reason: string): never {
  throw new Error(reason)
}
