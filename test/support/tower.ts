import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { importsOf } from './imports.js'

/**
 * The rows of the tower, the highest first; the first that matches counts. A file imports only from its own row and
 * from rows below. Every other file straight in lib/ is a leaf: options, errors, events, logger, names and their parts.
 */
const rows: readonly RegExp[] = [
  /^lib\/(index|compat(-\w+)?)\.ts$/,
  /^lib\/(space-pool|package-set)\.ts$/,
  /^lib\/supervision\//,
  /^lib\/space\//,
  /^lib\/[^/]+\.ts$/,
  /^lib\/wire\//
]

interface Edge {
  from: string
  specifier: string
  typeOnly: boolean
}

/**
 * Says where sources break the rules of the tower, a sentence each; no sentence means that the tower stands.
 * `sources` maps paths such as `lib/space/space.ts` to their text. `libraries` are the runtime dependencies. With
 * `complete` every library has to be imported by one file, without it by one at most.
 */
export function towerFaults(
  sources: ReadonlyMap<string, string>,
  libraries: readonly string[],
  complete: boolean
): string[] {
  const edges: Edge[] = []
  for (const [from, source] of sources) {
    for (const found of importsOf(from, source)) edges.push({ from, ...found })
  }
  return [
    ...[...sources.keys()].flatMap(placeFaults),
    ...edges.flatMap((edge) => edgeFaults(edge, libraries)),
    ...libraryFaults(edges, libraries, complete),
    ...processFaults(edges),
    ...circleFaults(edges)
  ]
}

function placeFaults(path: string): string[] {
  return path.startsWith('spaces/') || rowOf(path) >= 0 ? [] : [`${path} stands in no row of the tower`]
}

function edgeFaults({ from, specifier }: Edge, libraries: readonly string[]): string[] {
  if (!isRelative(specifier)) {
    if (isBuiltin(specifier)) return specifier.startsWith('node:') ? [] : [`${from}: write node:${specifier}`]
    return libraries.includes(packageOf(specifier))
      ? []
      : [`${from} imports ${specifier}, no runtime dependency`]
  }
  const target = targetOf(from, specifier)
  return mayImport(from, target) ? [] : [`${from} must not import ${target}`]
}

function mayImport(from: string, target: string): boolean {
  if (from.startsWith('spaces/')) return target.startsWith('spaces/') || target.startsWith('lib/wire/')
  return rowOf(target) >= 0 && rowOf(target) >= rowOf(from)
}

function libraryFaults(edges: Edge[], libraries: readonly string[], complete: boolean): string[] {
  return libraries.flatMap((library) => {
    const importers = importersOf(edges, (edge) => packageOf(edge.specifier) === library)
    const inSpace = importers.filter((path) => path.startsWith('spaces/') || path.startsWith('lib/wire/'))
    const faults = inSpace.map((path) => `${path} imports ${library}, which does not belong into a space`)
    if (importers.length > 1) faults.push(`${library} is imported by ${importers.join(' and ')}`)
    if (importers.length === 0 && complete) faults.push(`${library} is a dependency that no file imports`)
    return faults
  })
}

function processFaults(edges: Edge[]): string[] {
  const importers = importersOf(edges, (edge) => edge.specifier === 'node:child_process' && !edge.typeOnly)
  const outside = importers.filter((path) => !path.startsWith('lib/space/'))
  const faults = outside.map((path) => `${path} imports node:child_process outside lib/space`)
  if (importers.length > 1) faults.push(`node:child_process is imported by ${importers.join(' and ')}`)
  return faults
}

function circleFaults(edges: Edge[]): string[] {
  const targets = new Map<string, string[]>()
  for (const { from, specifier } of edges) {
    if (isRelative(specifier)) targets.set(from, [...(targets.get(from) ?? []), targetOf(from, specifier)])
  }
  const faults: string[] = []
  const done = new Set<string>()
  const walk = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path)
    if (start >= 0) faults.push(`a circle: ${[...way.slice(start), path].join(' > ')}`)
    if (start >= 0 || done.has(path)) return
    for (const target of targets.get(path) ?? []) walk(target, [...way, path])
    done.add(path)
  }
  for (const path of targets.keys()) walk(path, [])
  return faults
}

function importersOf(edges: Edge[], matches: (edge: Edge) => boolean): string[] {
  return [...new Set(edges.filter(matches).map((edge) => edge.from))]
}

function rowOf(path: string): number {
  return rows.findIndex((row) => row.test(path))
}

function targetOf(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts')
}

function isRelative(specifier: string): boolean {
  return /^\.{1,2}(\/|$)/.test(specifier)
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier)
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
