import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { load, machine, major } from './machine.mjs'
import { describeResults } from './report.mjs'

const folder = new URL('../results/', import.meta.url)

/**
 * Writes bench/results/<node major>.json and .md and returns their names. Questions that were not asked this time
 * keep what an earlier run wrote. `measured` is `{ question: { case: { contestant: { metric: [a value a round] } } } }`.
 */
export async function writeResults(measured) {
  const { format } = await import('prettier')
  const questions = { ...readResults(major)?.questions, ...measured }
  const measuredOn = new Date().toISOString().slice(0, 10)
  const results = { ...machine, load, measuredOn, questions }
  const json = await format(JSON.stringify(results, rounded), { parser: 'json', printWidth: 110 })
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${major}.json`, folder), json)
  writeFileSync(new URL(`${major}.md`, folder), describeResults(JSON.parse(json)))
  return `bench/results/${major}.json and ${major}.md`
}

/** What was measured on that Node; undefined if nothing was. */
export function readResults(node) {
  try {
    return JSON.parse(readFileSync(new URL(`${node}.json`, folder), 'utf8'))
  } catch {
    return undefined
  }
}

/** What was measured, on every Node that was, the oldest first. */
export function readAllResults() {
  const names = existsSync(folder) ? readdirSync(folder) : []
  const majors = names.flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number)
  return majors.sort((a, b) => a - b).map(readResults)
}

const rounded = (key, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)
