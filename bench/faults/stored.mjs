import { readFileSync } from 'node:fs'

/** A file of what the last run found that was written: `json` or `md`. */
export const storedFile = (ending) => new URL(`../results/faults.${ending}`, import.meta.url)

/** What that was, or an empty record. */
export function readStored() {
  try {
    return JSON.parse(readFileSync(storedFile('json'), 'utf8'))
  } catch {
    return {}
  }
}
