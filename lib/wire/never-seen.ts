import { handleOf } from './chain.js'
import { isContainer } from './containers.js'

/** What has come for nobody: nobody could have released the references in it. */
export function neverSeen(value: unknown): void {
  const reached = new Set<unknown>([value])
  for (const each of reached) {
    if ((typeof each !== 'object' && typeof each !== 'function') || each === null) continue
    const base = handleOf(each)?.base
    if (base?.kind === 'reference') base.note.isSeen ??= false
    else if (isContainer(each)) for (const member of membersOf(each)) reached.add(member)
  }
}

function* membersOf(value: object): Iterable<unknown> {
  if (value instanceof Map) for (const entry of value) yield* entry as [unknown, unknown]
  else if (value instanceof Set || Array.isArray(value)) yield* value as Iterable<unknown>
  else yield* Object.values(value)
}
