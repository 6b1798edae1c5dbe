/**
 * The default export of an ES module, or of CommonJS that was compiled from one (`__esModule`). Undefined:
 * there is none, or it is something else.
 */
export function defaultExport(exported: unknown): unknown {
  if (typeof exported !== 'object' || exported === null) return undefined
  return Object.hasOwn(exported, 'default') && isEsModule(exported) ? exported.default : undefined
}

function isEsModule(value: object): value is { default: unknown } {
  if (Object.getPrototypeOf(value) === null && Object.hasOwn(value, Symbol.toStringTag)) return true
  return Object.hasOwn(value, '__esModule') && Boolean((value as { __esModule: unknown }).__esModule)
}
