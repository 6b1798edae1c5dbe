import { readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

/** The value below which so large a part of the values lies. */
export function percentile(values, part) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}

/** What a process may gain without anybody noticing for weeks. */
export async function possessions(emitters) {
  // What ended is let go of in turns of the loop, and finalizers run after a collection.
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    collect()
  }
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    handles: process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout').length,
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
    listeners: [process, ...emitters].reduce((sum, emitter) => sum + listenersOf(emitter), 0),
    heap: process.memoryUsage().heapUsed,
    resident: process.memoryUsage.rss()
  }
}

function listenersOf(emitter) {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0)
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

export const whole = (number) => Math.round(number).toLocaleString('en').replaceAll(',', ' ')
