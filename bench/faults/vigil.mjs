import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION = 5
const MIB = 1024 * 1024

/**
 * Sees what a fault does to the process it must not touch. `stall` is how long its own work kept it from its event
 * loop: of each gap the part in which it used its processor, since on a busy machine others cause gaps as well.
 */
export class Vigil {
  /** What must not happen at all, as sentences. */
  incidents = []
  #delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  #stall = 0
  #most = 0
  #memory = 0
  #before
  #timer
  #listeners = []

  constructor() {
    this.#listen('warning', ({ name, message }) => this.incidents.push(`a warning: ${name}, ${message}`))
  }

  /** Nothing counts any more. */
  end() {
    clearInterval(this.#timer)
    this.#delay.disable()
    for (const [name, listener] of this.#listeners) process.off(name, listener)
  }

  /** A call that has an answer, or has failed, and fails once more counts. Other promises may race. */
  watchPromises() {
    // The event is deprecated, for lack of use.
    process.noDeprecation = true
    this.#listen('multipleResolves', (type, promise, value) => {
      const ours = value instanceof Error && String(value.code).startsWith('ERR_SPACEPOOL_')
      if (ours) this.incidents.push(`a promise was settled twice: ${value.message}`)
    })
  }

  /** What is open now may be open at the end. */
  async takeStock() {
    await (open ??= openWhatStartsOpen())
    this.#before = inventory()
  }

  /** From now on gaps and memory count. */
  begin() {
    this.#memory = memory()
    this.#delay.enable()
    let [at, cpu] = [performance.now(), process.cpuUsage()]
    this.#timer = setInterval(() => {
      const used = process.cpuUsage(cpu)
      const gap = Math.min(performance.now() - at, (used.user + used.system) / 1000) - RESOLUTION
      this.#stall = Math.max(this.#stall, gap)
      this.#most = Math.max(this.#most, memory())
      ;[at, cpu] = [performance.now(), process.cpuUsage()]
    }, RESOLUTION).unref()
  }

  /** ms of the longest gap of the event loop, as perf_hooks sees it. */
  get delay() {
    return Math.max(0, this.#delay.max / 1e6 - RESOLUTION)
  }

  get stall() {
    return this.#stall
  }

  /** MiB by which resident memory grew at most. */
  get growth() {
    return Math.max(0, this.#most - this.#memory) / MIB
  }

  /** What is there now and was not before: descriptors, listeners of the process, inherited properties. */
  async leftovers(patience = 3000) {
    const end = performance.now() + patience
    let left
    do {
      await new Promise((resolve) => setTimeout(resolve, 2))
      left = differences(this.#before, inventory())
    } while (left.length > 0 && performance.now() < end)
    return left
  }

  #listen(name, listener) {
    this.#listeners.push([name, listener])
    process.on(name, listener)
  }
}

/** Bytes; 0 while there are no descriptors to look with. */
function memory() {
  try {
    return process.memoryUsage.rss()
  } catch {
    return 0
  }
}

let open

/** Node opens some descriptors with the first child it starts, and keeps them. */
async function openWhatStartsOpen() {
  const child = spawn('sh', ['-c', ':'], { stdio: ['ignore', 'pipe', 'pipe'] })
  await once(child, 'close').catch(() => {})
}

function inventory() {
  return {
    descriptors: openDescriptors(),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    inherited: Object.getOwnPropertyNames(Object.prototype).length
  }
}

function differences(before, after) {
  return ['descriptors', 'listeners', 'inherited']
    .filter((name) => after[name] > before[name])
    .map((name) => `${after[name] - before[name]} more ${name} than before`)
}

function openDescriptors() {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}
