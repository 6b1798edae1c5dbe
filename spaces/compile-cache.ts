import { now } from '../lib/wire/clock.js'

/** Since Node 22; `flushCompileCache` since 22.10. */
interface CompileCache {
  enableCompileCache?(): unknown
  flushCompileCache?(): void
}

/** ms that loading takes at least for its code to be worth writing down before the process ends. */
const WORTHWHILE = 50
/** ms after which it is written down: most of what runs at all has been compiled then. */
const WRITE_AFTER = 1000

/**
 * From now on Node takes the code of what is loaded from what earlier processes have compiled: `typescript` loads in 75
 * instead of 190 ms (Node 22, `npm run bench -- heavy`). Node keeps the code in its own folder below that for temporary
 * files, as the variables NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE say, and writes it when a process ends in
 * order. Where it cannot be read or written, all is compiled. Coverage of code that was not compiled here is imprecise.
 */
export function useCompileCache(): void {
  if (process.env['NODE_V8_COVERAGE'] === undefined) moduleApi().enableCompileCache?.()
}

/** Loads something. What took long is written down soon after, so that a process that is killed leaves it as well. */
export async function withCompileCache<T>(load: () => T): Promise<Awaited<T>> {
  const begun = now()
  const loaded = await load()
  const isWorthwhile = now() - begun >= WORTHWHILE
  if (isWorthwhile) setTimeout(() => moduleApi().flushCompileCache?.(), WRITE_AFTER).unref()
  return loaded
}

function moduleApi(): CompileCache {
  return process.getBuiltinModule('node:module') as CompileCache
}
