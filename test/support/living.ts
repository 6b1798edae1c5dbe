import type { PackageSet } from '../../lib/package-set.js'
import type { SpacePool } from '../../lib/space-pool.js'
import type { Remote } from '../../lib/remote.js'
import { newPool } from './pools.js'

/** An object of the package `living`. */
export interface Tool {
  name: string
  label: string
  /** A getter that throws. */
  broken: string
  use(what?: string): Tool
  useLater(what?: string): Promise<Tool>
  count(): number
  with(other: unknown): string
  fail(message: string): Tool
  self(): Tool
  toJSON(key?: string): string
}

/** What the package `living` of the fixtures exports. */
export interface Living {
  Tool: { new (name?: string): Tool; made(name: string): Tool }
  Closing: new (name?: string) => Tool
  done(): string[]
  note<V>(what: V): V
  tool(name: string): Tool
  toolLater(name: string): Promise<Tool>
  closing(name: string): Tool
  closingLater(name: string): Tool
  several(count: number): Tool[]
  inStructures(): Structures
  holder: {
    deep: { deeper(what: string): string }
    tool: Tool
    number: number
    missing: { deeper(): void }
    constructor: Function
  }
  list: [number, number, Tool]
  greet(name: string): string
  adder(first: number): (second: number) => number
  namesake(): { call(what: string): string; bind(what: string): string; apply(...all: unknown[]): void }
  uncopyable(): object
  plain(): { a: number; when: Date; bytes: Buffer }
  nothing(): undefined
  typesOf(...values: unknown[]): string[]
  isTool(value: unknown): boolean
  sameOf(left: unknown, right: unknown): boolean
  holdsOnly(tool: unknown, structure: unknown): boolean[]
  keep(value: unknown): void
  kept(): unknown
  forget(): void
  sameAsKept(value: unknown): boolean
  callKept(...parameters: unknown[]): unknown
  useFrom(host: unknown, ...parameters: unknown[]): Promise<unknown>
  readFrom(host: unknown, key: string): Promise<unknown>
  writeTo(host: unknown, key: string, value: unknown): void
  chainOn(host: unknown): Promise<number>
  callbackWith(callback: (tool: unknown) => unknown): unknown
  fail(message: string): Tool
  failLater(message: string): Promise<Tool>
  sleep<V>(milliseconds: number, value: V): Promise<V>
  never(): Promise<Tool>
  spin(milliseconds: number): void
  spinWith(needed: unknown, milliseconds: number): string
  spinUntilThere(needed: unknown, file: string): string
  symbol(): symbol
  throwText(text: string): void
  exit(code?: number): void
  pid(): number
  shadow: Record<'release' | 'copy' | 'dispose' | 'path' | 'kind' | 'catch' | 'finally', () => string>
  thenable(): unknown
}

interface Structures {
  tool: Tool
  list: Tool[]
  map: Map<string, Tool>
  set: Set<Tool>
  plain: { a: number }
  self: Structures
}

/** A pool with the package `living`, which has a space. */
export async function newLivingPool(): Promise<{
  pool: SpacePool
  set: PackageSet
  remote: Remote<Living>
}> {
  const pool = newPool()
  const set = await pool.add('living')
  return { pool, set, remote: living(pool) }
}

/** The package `living` in its space. */
export function living(pool: Pick<SpacePool, 'use'>): Remote<Living> {
  return pool.use<Living>('living')
}
