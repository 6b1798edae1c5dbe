import { spaceEntry } from './entry.js'

/** The name of the expression that asks for the stack, to tell its own frames from all others. */
const EXPRESSION = 'spacepool:stack'
/** Frames that are told, and characters of each. */
const MOST_FRAMES = 20
const LONGEST_FRAME = 500

/**
 * The `stack` of an error that is made on top of what is running; whatever a package does to stacks is put aside
 * meanwhile. Unlike the frames of the debugger it names classes, and needs no list of all scripts.
 */
export const stackExpression = `(() => {
  const names = ['stackTraceLimit', 'prepareStackTrace']
  const before = names.map((name) => Object.getOwnPropertyDescriptor(Error, name))
  try {
    Error.stackTraceLimit = 100
    Error.prepareStackTrace = undefined
    return new Error().stack
  } finally {
    names.forEach((name, index) => {
      if (before[index]) Object.defineProperty(Error, name, before[index])
      else delete Error[name]
    })
  }
})()
//# sourceURL=${EXPRESSION}`

/** The frames in such a stack. */
export function framesOf(stack: string): string[] {
  return stack.split('\n').filter((line) => line.startsWith('    at ') && !line.includes(EXPRESSION))
}

/** The frames without those at the bottom that are the same for whatever a space does; up to 20. */
export function withoutCallers(frames: readonly string[]): string[] {
  const lowest = frames.findLastIndex((frame) => !isOfNode(frame) && !frame.includes(spaceEntry))
  const kept = lowest === -1 ? frames : frames.slice(0, lowest + 1)
  return kept.slice(0, MOST_FRAMES).map((frame) => frame.slice(0, LONGEST_FRAME))
}

/**
 * Whether the process survives it when these frames are broken off. Below some functions Node counts in JavaScript
 * what is running, and ends the process when the count is wrong.
 */
export function isBreakable(frames: readonly string[]): boolean {
  return !frames.some((frame) => isOfNode(frame) && counting.test(frame))
}

const counting = /\b(?:listOnTimeout|processImmediate|runInAsyncScope) \(/

function isOfNode(frame: string): boolean {
  return /[ (]node:/.test(frame)
}
