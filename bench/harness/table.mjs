import { contestantNamed } from '../contestants/index.mjs'
import { referenceNamed } from './marks.mjs'
import { median, ratio, spread } from './statistics.mjs'

/** One case as an aligned Markdown table, the best first: medians, spread, ratios to the references. */
export function caseTable(question, values) {
  const [first] = question.metrics
  const sign = first.better === 'more' ? -1 : 1
  const measured = Object.keys(values).filter((name) => values[name][first.name])
  const names = measured.sort(
    (a, b) => sign * (median(values[a][first.name]) - median(values[b][first.name]))
  )
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
  return markdownTable(head, rows)
}

function measuredCells(rounds) {
  if (!rounds) return ['-', '-']
  const value = median(rounds)
  return [value.toFixed(value < 100 ? 1 : 0), `${Math.round(spread(rounds) * 100)} %`]
}

function markdownTable(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)))
  const pad = (cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))
  const line = (cells) => `| ${cells.map(pad).join(' | ')} |`
  const rule = widths.map((width, column) => (column < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [head, rule, ...rows].map(line).join('\n')
}
