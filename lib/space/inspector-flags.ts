import type { ProcessSettings } from '../settings.js'
import { INSPECTOR_FLAGS } from '../wire/inspector-flags.js'
import { spaceEntry } from './entry.js'

/** Flags that say themselves what is to become of the inspector, or that leave none to open. */
const others = /^--(?:inspect|debug-port|disable-sigusr1|permission$|experimental-permission$)/

/**
 * What Node is started with so that the host can see what blocks it: see withInspector. Nothing on Windows, which has
 * no SIGUSR1; where Node was built without an inspector; where standard error is not captured, the only place where the
 * inspector tells how to reach it; and for programs that do not take the flags out again.
 */
export function inspectorFlags(settings: ProcessSettings, entry: string): readonly string[] {
  const isKnown = process.platform !== 'win32' && process.features.inspector
  const isPossible = isKnown && settings.stdio === 'captured' && entry === spaceEntry
  return isPossible && !settings.execArgv.some((flag) => others.test(flag)) ? INSPECTOR_FLAGS : []
}
