import { invalidOption } from '../errors.js'
import { callerScope } from '../space/caller-scope.js'
import type { Caller } from '../wire/chain.js'
import { pack, type Packed } from '../wire/packed.js'
import { Refusal } from '../wire/refusal.js'
import type { Scope } from '../wire/scope.js'

/** Bytes of what travels along with every call. */
const CONTEXT_LIMIT = 8192

/** What calls take along from the place in the program where they are made. */
export class ContextOfCalls implements Caller {
  private last: { value: unknown; packed: Packed } | undefined

  constructor(
    /** The option `context`. */
    private readonly read: (() => unknown) | undefined
  ) {}

  scope(): Scope {
    return callerScope()
  }

  /** Throws what the option throws, and INVALID_OPTION when what it returns cannot travel. */
  context(): Packed | undefined {
    const value = this.read?.()
    if (value === undefined) return undefined
    if (this.last?.value === value) return this.last.packed
    const packed = packContext(value)
    this.last = typeof value === 'object' ? undefined : { value, packed }
    return packed
  }
}

function packContext(value: unknown): Packed {
  let packed: Packed | undefined
  try {
    packed = pack(value, 'context', CONTEXT_LIMIT)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
  if (packed === undefined || packed.functions.length > 0) {
    const expected = `a function that returns what can be copied, without functions, of ${CONTEXT_LIMIT} bytes at most`
    throw invalidOption('context', expected, value)
  }
  return packed
}
