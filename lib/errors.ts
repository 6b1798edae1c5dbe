import { cut } from './describe.js'
import * as wording from './error-wording.js'
import type { SpacePoolError } from './space-pool-error.js'

export * from './error-wording.js'
export * from './input-error-wording.js'
export * from './space-pool-error.js'

/**
 * The public error for a request that one side of a connection refused. The details may come from a space that does
 * not keep to the protocol: each is checked, cut to a sane length, and replaced where it is of a wrong type.
 */
export function errorFromRefusal(code: string, details: Record<string, unknown>): SpacePoolError {
  const name = text(details.package)
  const place = text(details.place)
  const limit = count(details.limit)
  const cause = details.cause
  switch (code) {
    case 'PACKAGE_NOT_FOUND':
      return wording.packageNotFound({ package: name, paths: texts(details.paths), cause })
    case 'PACKAGE_LOAD_FAILED': {
      const timeout = typeof details.timeout === 'number' ? details.timeout : undefined
      return wording.packageLoadFailed({ package: name, cause, timeout })
    }
    case 'PACKAGE_NOT_ADDED':
      return wording.packageNotAdded({ package: name })
    case 'FUNCTION_NOT_FOUND': {
      const [path, segment] = [text(details.path), optionalText(details.segment)]
      const [available, reason] = [texts(details.available), optionalText(details.reason)]
      return wording.functionNotFound({ package: name, path, segment, available, reason })
    }
    case 'NOT_CLONEABLE':
      return wording.notCloneable({ place, reason: text(details.reason), cause })
    case 'TOO_LARGE':
      return tooLarge(details, { place, size: count(details.size), limit })
    case 'TOO_MANY_CALLBACKS':
      return wording.tooManyCallbacks({ limit })
    case 'QUEUE_FULL': {
      const unit = details.unit === 'bytes' ? 'bytes' : 'calls'
      return wording.queueFull({ key: optionalText(details.key) ?? '', limit, unit })
    }
    case 'REFERENCE_RELEASED':
      return wording.referenceReleased()
    case 'REFERENCE_ELSEWHERE':
      return wording.referenceElsewhere()
    case 'TOO_MANY_REFERENCES':
      return wording.tooManyReferences({ limit })
    default:
      return wording.unknownRefusal(code)
  }
}

function tooLarge({ unit }: Record<string, unknown>, fields: { place: string; size: number; limit: number }) {
  if (unit === 'elements') return wording.tooManyElements({ ...fields, unit })
  if (unit === 'steps') return wording.chainTooLong({ ...fields, unit })
  if (unit === 'attachments') return wording.tooManyAttachments({ ...fields, unit })
  return wording.tooLarge(fields)
}

/** Longer texts than any honest side sends are cut. */
const LONGEST_TEXT = 4096
const LONGEST_LIST = 100

function text(value: unknown): string {
  return optionalText(value) ?? '?'
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? cut(value, LONGEST_TEXT) : undefined
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.slice(0, LONGEST_LIST).map(text) : []
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
