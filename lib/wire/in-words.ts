/** Details that can always cross. */
export function inWords(details: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, inWord(value)]))
}

function inWord(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 100).map(textOf)
  return typeof value === 'number' || value === undefined ? value : textOf(value)
}

/** What can be said of any value. */
export function textOf(value: unknown): string {
  try {
    const text = value instanceof Error ? `${value.name}: ${value.message}` : String(value)
    return text.slice(0, LONGEST_TEXT)
  } catch {
    return 'a value without a text'
  }
}

const LONGEST_TEXT = 1000
