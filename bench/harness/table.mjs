import { contestantNamed } from '../contestants/index.mjs'
import { bestFirst, referenceNamed } from './marks.mjs'
import { median, ratio, spread } from './statistics.mjs'

/** One case as an aligned Markdown table, the best first: medians, spread, ratios to the references. */
export function caseTable(question, values) {
  const [first] = question.metrics
  const names = bestFirst(first, values)
  const references = question.references
    .map((reference) => ({ title: `x ${reference}`, name: referenceNamed(reference, first, values) }))
    .filter(({ name }) => name)
  const head = [
    'contestant',
    'runs in',
    ...question.metrics.flatMap(({ name, unit }) => [`${name}, ${unit}`, '+-']),
    ...references.map(({ title }) => title)
  ]
  const rows = names.map((name) => [
    name,
    contestantNamed(name).runsIn,
    ...question.metrics.flatMap((metric) => measuredCells(values[name][metric.name])),
    ...references.map((reference) =>
      ratio(values[name][first.name], values[reference.name][first.name]).toFixed(2)
    )
  ])
  return markdownTable(head, rows, 2)
}

/** A figure with as many digits as it is worth. */
export const shortNumber = (value) => value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)

function measuredCells(rounds) {
  if (!rounds) return ['-', '-']
  const positive = rounds.every((value) => value > 0)
  return [shortNumber(median(rounds)), positive ? `${Math.round(spread(rounds) * 100)} %` : '-']
}

/** An aligned Markdown table whose first `words` columns are words and the others figures. */
export function markdownTable(head, rows, words) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)))
  const pad = (cell, column) => (column < words ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))
  const line = (cells) => `| ${cells.map(pad).join(' | ')} |`
  const rule = widths.map((width, column) =>
    column < words ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`
  )
  return [head, rule, ...rows].map(line).join('\n')
}
