import { isError } from './is-error.js'

/** Details that can always cross. */
export function inWords(details: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, inWord(value)]))
}

/**
 * The same where it is small as well, whatever the details are: they may come unasked. An error stays one, of its class
 * and with its own message and stack, but without most of what else it has.
 */
export function inBrief(details: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, briefly(value)]))
}

function briefly(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, MOST_TEXTS).map(textOf)
  return isError(value) ? briefError(value) : inWord(value)
}

function briefError(error: Error): unknown {
  try {
    const { name, message, stack, code } = error as Error & { code?: unknown }
    return Object.create(Object.getPrototypeOf(error) as object, {
      name: { value: textOf(name) },
      message: { value: textOf(message) },
      stack: { value: typeof stack === 'string' ? stack.slice(0, LONGEST_STACK) : undefined },
      ...(code !== undefined && { code: { value: inWord(code), enumerable: true } })
    })
  } catch {
    return textOf(error)
  }
}

function inWord(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 100).map(textOf)
  return typeof value === 'number' || value === undefined ? value : textOf(value)
}

/** What can be said of any value. */
export function textOf(value: unknown): string {
  try {
    const text = value instanceof Error ? `${value.name}: ${value.message}` : String(value)
    return text.slice(0, LONGEST_TEXT)
  } catch {
    return 'a value without a text'
  }
}

const LONGEST_TEXT = 1000
const LONGEST_STACK = 8000
/** Of one list, in brief. */
const MOST_TEXTS = 20
