import { invalidArgument } from './errors.js'
import { parseAlias, parsePackageName } from './names.js'
import type { PackageRequest } from './settings.js'

const SPEC = ['name', 'as', 'parameters']

/**
 * Reads the first argument of `add`: one package or an array of them, each a name or `{ name, as, parameters }`.
 * Throws INVALID_ARGUMENT or INVALID_NAME, also where two of them would have the same name in the set. Whether the
 * names are allowed is not its question.
 */
export function parsePackages(packages: unknown): PackageRequest[] {
  const specs: readonly unknown[] = Array.isArray(packages) ? packages : [packages]
  if (specs.length === 0) throw invalidArgument('packages', 'at least one package', packages)
  const place = (index: number) => (Array.isArray(packages) ? `packages[${index}]` : 'packages')
  const requests = Array.from(specs, (spec, index) => parsePackage(spec, place(index)))
  const taken = new Set<string>()
  requests.forEach(({ as }, index) => {
    if (taken.has(as)) {
      throw invalidArgument(place(index), 'a package once, or another name for it in "as"', as)
    }
    taken.add(as)
  })
  return requests
}

function parsePackage(spec: unknown, argument: string): PackageRequest {
  if (typeof spec === 'string') {
    const name = parsePackageName(spec, argument).specifier
    return { name, as: name, parameters: undefined }
  }
  const given = readSpec(spec, argument)
  const name = parsePackageName(given.get('name'), `${argument}.name`).specifier
  const as = given.get('as')
  const parameters = given.get('parameters')
  return {
    name,
    as: as === undefined ? name : parseAlias(as, `${argument}.as`),
    parameters: parameters === undefined ? undefined : copyParameters(parameters, `${argument}.parameters`)
  }
}

/** Own properties only, as with options. */
function readSpec(spec: unknown, argument: string): Map<string, unknown> {
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) {
    throw invalidArgument(argument, 'the name of a package, or { name, as, parameters }', spec)
  }
  const given = new Map(Object.entries(spec))
  for (const [name, value] of given) {
    if (!SPEC.includes(name)) throw invalidArgument(`${argument}.${name}`, `one of ${SPEC.join(', ')}`, value)
  }
  return given
}

function copyParameters(parameters: unknown, argument: string): unknown[] {
  if (!Array.isArray(parameters)) throw invalidArgument(argument, 'an array', parameters)
  return Array.from(parameters as unknown[])
}
