import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { machine } from './machine.mjs'
import { describeResults } from './report.mjs'

const folder = new URL('../results/', import.meta.url)
const major = process.versions.node.split('.')[0]

/**
 * Writes bench/results/<node major>.json and .md and returns their names. Questions that were not asked this time
 * keep what an earlier run wrote. `measured` is `{ question: { case: { contestant: { metric: [a value a round] } } } }`.
 */
export async function writeResults(measured) {
  const { format } = await import('prettier')
  const results = { ...machine, questions: { ...readEarlier(), ...measured } }
  const json = await format(JSON.stringify(results, rounded), { parser: 'json', printWidth: 110 })
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${major}.json`, folder), json)
  writeFileSync(new URL(`${major}.md`, folder), describeResults(results))
  return `bench/results/${major}.json and ${major}.md`
}

function readEarlier() {
  try {
    return JSON.parse(readFileSync(new URL(`${major}.json`, folder), 'utf8')).questions
  } catch {
    return {}
  }
}

const rounded = (key, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)
