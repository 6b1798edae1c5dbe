import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { environment } from './environment.mjs'
import { profileFlags } from './profile.mjs'

const program = fileURLToPath(new URL('host.mjs', import.meta.url))
const DEADLINE = 30_000

/** One contestant's host, seen from the run. Every question to it has a deadline. */
export class HostProcess {
  #child
  #deadline

  /**
   * `core`: the one processor core the host and what it starts may use. `deadline`: milliseconds for each question,
   * where the usual ones do not do. `profile`: writes a CPU profile.
   */
  constructor({ core, deadline = DEADLINE, profile }) {
    this.#deadline = deadline
    const flags = profile ? profileFlags('host') : []
    const command = [process.execPath, ...flags, program]
    const [file, ...args] = core === undefined ? command : ['taskset', '-c', String(core), ...command]
    this.#child = spawn(file, args, { env: environment, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    // A send to a host that just died fails here too; whoever asked learns it from `exit`.
    this.#child.on('error', () => {})
  }

  async ask(action, details) {
    const settled = new AbortController()
    const { signal } = settled
    const timer = setTimeout(() => settled.abort(), this.#deadline)
    try {
      this.#child.send({ action, details })
      const answered = once(this.#child, 'message', { signal }).then(([answer]) => answer)
      const ended = once(this.#child, 'exit', { signal }).then(() => ({ failure: 'its host ended' }))
      const { values, failure } = await Promise.race([answered, ended])
      if (failure) throw new Error(failure)
      return values
    } catch (error) {
      throw error.name === 'AbortError'
        ? new Error(`${action} did not end within ${this.#deadline} ms`)
        : error
    } finally {
      clearTimeout(timer)
      settled.abort()
    }
  }

  async end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000)
    this.#child.disconnect()
    await ended
    clearTimeout(timer)
  }
}

/** Whether a process can be bound to one core here. */
export const canBind = spawnSync('taskset', ['-c', '0', 'true']).status === 0
