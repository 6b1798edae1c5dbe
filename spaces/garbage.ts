/** Collects garbage now, so that the functions of the host that no package holds any more are released. */
export function collectGarbage(): void {
  collect ??= makeCollector()
  collect()
}

let collect: (() => void) | undefined

/** A context made after the flag has the function; the flag itself changes nothing else. */
function makeCollector(): () => void {
  const v8 = process.getBuiltinModule('node:v8')
  const vm = process.getBuiltinModule('node:vm')
  v8.setFlagsFromString('--expose-gc')
  return vm.runInNewContext('gc') as () => void
}
