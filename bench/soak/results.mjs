import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { machine } from '../harness/machine.mjs'
import { whole } from './figures.mjs'

const file = (extension) => new URL(`../results/soak.${extension}`, import.meta.url)

/** What was asked for and not reached in the time there was, as sentences. */
export function shortfalls({ name, reached }) {
  return Object.entries(reached)
    .filter(([, [did, asked]]) => did < asked)
    .map(([what, [did, asked]]) => `${name}: ${whole(did)} ${what} of ${whole(asked)}`)
}

/**
 * Writes bench/results/soak.md and .json. A part that did not reach what is asked of it is no record, and leaves there
 * what an earlier run found.
 */
export async function writeResults(parts) {
  const { format } = await import('prettier')
  const earlier = existsSync(file('json')) ? JSON.parse(readFileSync(file('json'), 'utf8')) : {}
  const { node, platform, cores, processor } = machine
  const day = new Date().toISOString().slice(0, 10)
  const where = `Node ${node}, ${platform}, ${cores} cores (${processor}), ${day}`
  const complete = parts.filter((part) => shortfalls(part).length === 0)
  const found = Object.fromEntries(complete.map(({ name, ...part }) => [name, { where, ...part }]))
  const all = { ...earlier, ...found }
  mkdirSync(new URL('.', file('md')), { recursive: true })
  writeFileSync(file('json'), await format(JSON.stringify(all), { parser: 'json', printWidth: 110 }))
  writeFileSync(file('md'), await format(describe(all), { parser: 'markdown', printWidth: 110 }))
  return Object.keys(found)
}

function describe(all) {
  const parts = Object.entries(all).map(([name, { where, seconds, figures, violations }]) => {
    const rows = Object.entries(figures).map(([title, figure]) => `| ${title} | ${figure} |`)
    const verdict =
      violations.length === 0 ? 'No violation.' : violations.map((each) => `- ${each}`).join('\n')
    const table = ['| what | figure |', '| --- | ---: |', ...rows].join('\n')
    return `## ${name}\n\n${where}; ${whole(seconds)} s.\n\n${table}\n\n${verdict}`
  })
  return `# The soak\n\nMade by \`npm run soak -- --write\`. What each part does is said at the head of its file in [bench/soak](../soak).\n\n${parts.join('\n\n')}\n`
}
