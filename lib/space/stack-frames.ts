import { spaceFiles } from './entry.js'
import { EXPRESSION } from './stack-expressions.js'

/** Frames that are told, and characters of each. */
const MOST_FRAMES = 20
const LONGEST_FRAME = 500

/** The frames in the stack of an expression: those of what is running. */
export function framesIn(stack: string): string[] {
  const frames = stack.split('\n').filter((line) => line.startsWith('    at ') && !line.includes(EXPRESSION))
  const first = frames.findIndex((frame) => !bringing.test(frame))
  return first === -1 ? [] : frames.slice(first)
}

/** In these Node tells the process that its inspector has been opened, or that a promise has been made. */
const bringing = /^ {4}at (?:process\.emit \(node:events|.* \(node:internal\/(?:promise|async)_hooks):/

/** Whether one of them is of a file, and not of Node. */
export function haveProgram(frames: readonly string[]): boolean {
  return frames.some((frame) => /:\d+:\d+\)?$/.test(frame) && !isOfNode(frame))
}

/** The frames without those at the bottom that are the same for whatever a space does; up to 20. */
export function withoutCallers(frames: readonly string[]): string[] {
  const lowest = frames.findLastIndex((frame) => !isOfNode(frame) && !frame.includes(spaceFiles))
  const kept = lowest === -1 ? frames : frames.slice(0, lowest + 1)
  return kept.slice(0, MOST_FRAMES).map((frame) => frame.slice(0, LONGEST_FRAME))
}

/**
 * Whether a process survives it when these frames are broken off. In some functions Node counts in JavaScript what is
 * running, and ends the process when the count is wrong afterwards.
 */
export function canBreakOff(frames: readonly string[]): boolean {
  return !frames.some((frame) => isOfNode(frame) && counting.test(frame))
}

const counting = /\b(?:listOnTimeout|processImmediate|runInAsyncScope) \(/

function isOfNode(frame: string): boolean {
  return /[ (]node:/.test(frame)
}
