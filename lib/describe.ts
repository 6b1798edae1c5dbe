import { types } from 'node:util'

/** So many characters of a string that was given are shown: enough to recognise it, little of a secret. */
const PREVIEW = 40
/** So many characters of a name are shown in a message. */
const QUOTED = 250

/** A value in a few words for a message. Runs no code of the value and never throws, whatever it is. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return describeString(value)
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'bigint':
      return 'a bigint'
    case 'symbol':
      return 'a symbol'
    case 'object':
      return value === null ? 'null' : describeObject(value)
    case 'function':
      return 'a function'
    default:
      return String(value)
  }
}

/** A text of unknown length in quotes, on one line, cut where it is long. */
export function quote(text: string): string {
  return JSON.stringify(cut(text))
}

/** A text of unknown length, cut where it is long. */
export function cut(text: string, length = QUOTED): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}

/** What was thrown in a few words: the message of an error, any other value described. */
export function describeThrown(thrown: unknown): string {
  if (!types.isNativeError(thrown)) return describe(thrown)
  const message = Object.getOwnPropertyDescriptor(thrown, 'message')?.value as unknown
  if (typeof message !== 'string' || message === '') return 'an error without a message'
  return cut(message)
}

function describeString(value: string): string {
  const shown = `the string ${JSON.stringify(cut(value, PREVIEW))}`
  return value.length > PREVIEW ? `${shown} of ${value.length} characters` : shown
}

function describeObject(value: object): string {
  if (types.isProxy(value)) return 'a proxy'
  if (Array.isArray(value)) return `an array of ${value.length}`
  const name = classOf(value)
  return name === undefined || name === 'Object' ? 'an object' : `an object of the class ${quote(name)}`
}

function classOf(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as unknown
  const constructor = dataProperty(prototype, 'constructor')
  const name = dataProperty(constructor, 'name')
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** An own property that is no accessor, of anything that is no proxy. */
function dataProperty(holder: unknown, property: string): unknown {
  const holds = (typeof holder === 'object' && holder !== null) || typeof holder === 'function'
  if (!holds || types.isProxy(holder)) return undefined
  return Object.getOwnPropertyDescriptor(holder, property)?.value
}
