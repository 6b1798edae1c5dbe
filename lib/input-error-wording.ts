import { describe, quote } from './describe.js'
import { makeError } from './space-pool-error.js'

// What users read when an option, an argument or a name is refused.

/** The fourth parameter is what led to this error, where something did. */
export function invalidOption(option: string, expected: string, value: unknown, cause?: unknown) {
  const got = describe(value)
  const message = `Option ${quote(option)}: expected ${expected}, got ${got}.`
  return makeError('ERR_SPACEPOOL_INVALID_OPTION', message, { option, expected, got }, cause)
}

/** As `invalidOption`, for a value that may be a secret: only its type is told. */
export function invalidSecret(option: string, expected: string, value: unknown) {
  const got = typeof value === 'object' ? describe(value) : `a ${typeof value}`
  const message = `Option ${quote(option)}: expected ${expected}, got ${got}.`
  return makeError('ERR_SPACEPOOL_INVALID_OPTION', message, { option, expected, got })
}

export function unknownOption(option: string, known: readonly string[], value: unknown) {
  const expected = `one of ${known.join(', ')}`
  const message = `There is no option ${quote(option)} here. Expected ${expected}.`
  return makeError('ERR_SPACEPOOL_INVALID_OPTION', message, { option, expected, got: describe(value) })
}

export function invalidArgument(argument: string, expected: string, value: unknown) {
  const got = describe(value)
  const message = `Argument ${quote(argument)}: expected ${expected}, got ${got}.`
  return makeError('ERR_SPACEPOOL_INVALID_ARGUMENT', message, { argument, expected, got })
}

/** `reason` continues the sentence "it ...". */
export function invalidName(name: string, reason: string) {
  const message =
    `${quote(name)} cannot be the name of a package: it ${reason}. Names are those of npm packages and their ` +
    'subpaths, of Node builtins, absolute paths and file: URLs.'
  return makeError('ERR_SPACEPOOL_INVALID_NAME', message, { package: name, reason })
}

/** The name that a package was to have in its set. */
export function invalidAlias(alias: string, argument: string, reason: string) {
  const message =
    `Argument ${quote(argument)}: ${quote(alias)} cannot be the name of a package in its set: it ${reason}. ` +
    'Such names are made of letters, digits and @ / . _ ~ -.'
  return makeError('ERR_SPACEPOOL_INVALID_NAME', message, { package: alias, reason })
}

/** The name is a good one, but the option `allow` leaves it out. */
export function nameNotAllowed(name: string) {
  const message = `The package ${quote(name)} is not allowed in this pool. Its names are given by the option "allow".`
  return makeError('ERR_SPACEPOOL_INVALID_NAME', message, {
    package: name,
    reason: 'is not allowed in this pool'
  })
}
