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

let enabled = false

/**
 * Loads something, with the code that Node has compiled for it in earlier processes: `typescript` loads in 75 instead
 * of 190 ms (Node 22, `npm run bench -- heavy`). Asking for it takes 2 ms, once. Node keeps the code in its own folder
 * below that for temporary files, as the variables NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE say, and writes it
 * when a process ends in order; so that one that is killed leaves it as well, it is also written soon after loading.
 */
export async function withCompileCache<T>(load: () => T): Promise<Awaited<T>> {
  const cache = process.getBuiltinModule('node:module') as CompileCache
  if (!enabled) cache.enableCompileCache?.()
  enabled = true
  const begun = now()
  const loaded = await load()
  const isWorthwhile = now() - begun >= WORTHWHILE
  if (isWorthwhile) setTimeout(() => cache.flushCompileCache?.(), WRITE_AFTER).unref()
  return loaded
}
