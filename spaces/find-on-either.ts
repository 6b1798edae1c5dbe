import { Refusal } from '../lib/wire/refusal.js'
import { defaultExport } from '../lib/wire/default-export.js'
import { findFunction, type FoundFunction } from '../lib/wire/find-function.js'
import { instantiate } from './instantiate.js'

/** A package that is used both as exported and as an instance, which may not have come about without parameters. */
export type TwoSided =
  | { readonly exported: unknown; readonly instance: unknown }
  | { readonly exported: unknown; readonly failure: unknown }

/** The two sides of a package that exports a function. Undefined: it exports something else and has one side only. */
export async function bothSides(exported: unknown, packageName: string): Promise<TwoSided | undefined> {
  try {
    const instance = await instantiate(exported, [], packageName)
    return instance === exported ? undefined : { exported, instance }
  } catch (error) {
    return { exported, failure: (error as Refusal).details['cause'] }
  }
}

/**
 * Finds a function on either side of a package: a path that begins with an own property of the export is looked up
 * there first, any other on the instance first, and what is not found on the one may be on the other.
 *
 * Refuses as findFunction does; where there is no instance, the reason is the `cause` in the details.
 */
export function findOnEither(
  sides: TwoSided,
  packageName: string,
  segments: readonly string[]
): FoundFunction {
  const { exported } = sides
  if ('failure' in sides) return findWithout(sides.failure, exported, packageName, segments)
  const order = beginsInExport(exported, segments[0])
    ? [exported, sides.instance]
    : [sides.instance, exported]
  try {
    return findFunction(order[0], packageName, segments)
  } catch (error) {
    if (!isNotFound(error)) throw error
    return findFunction(order[1], packageName, segments)
  }
}

function findWithout(
  failure: unknown,
  exported: unknown,
  packageName: string,
  segments: readonly string[]
): FoundFunction {
  try {
    return findFunction(exported, packageName, segments)
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw new Refusal(error.code, { ...error.details, cause: failure })
  }
}

/** Inherited properties do not count: every class that extends EventEmitter has a static `on` of its own. */
function beginsInExport(exported: unknown, segment: string | undefined): boolean {
  return segment !== undefined && [exported, defaultExport(exported)].some((side) => isOwn(side, segment))
}

function isOwn(value: unknown, name: string): boolean {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    Object.hasOwn(value, name)
  )
}

function isNotFound(error: unknown): error is Refusal {
  return error instanceof Refusal && error.code === 'FUNCTION_NOT_FOUND'
}
