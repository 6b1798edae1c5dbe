import { invalidArgument } from './errors.js'
import { checkFunctionPath } from './names.js'

/** What is given for a call, apart from its options. Throws INVALID_ARGUMENT and FUNCTION_NOT_FOUND. */
export function checkCall(
  name: unknown,
  path: unknown,
  parameters: unknown
): asserts parameters is unknown[] {
  checkName(name)
  checkFunctionPath(name, path)
  checkParameters(parameters)
}

/** The name of a package in a call. Throws INVALID_ARGUMENT. */
export function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string') throw invalidArgument('name', 'the name of a package', name)
}

/** The parameters of a call. Throws INVALID_ARGUMENT. */
export function checkParameters(parameters: unknown): asserts parameters is unknown[] {
  if (!Array.isArray(parameters)) throw invalidArgument('parameters', 'an array', parameters)
}
