import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { chart } from './chart.mjs'
import { describeColumns } from './columns.mjs'
import { overviewOf } from './overview.mjs'
import { majorOf } from './report.mjs'
import { readAllResults } from './results.mjs'
import { markdownTable, shortNumber } from './table.mjs'

const root = new URL('../../', import.meta.url)
const [BEGIN, END] = ['<!-- figures -->', '<!-- end of figures -->']
/** The Node whose figures the README shows, if there are any of it; otherwise of the newest. */
const SHOWN = 24

/**
 * Shows what is in bench/results: all Nodes side by side in bench/results/README.md, one of them as a table between
 * the two markers in the README and as a chart. Returns the names of the files.
 */
export function show() {
  const files = shownFiles()
  for (const { name, text } of files) writeFileSync(new URL(name, root), text)
  return files.map(({ name }) => name)
}

/** The files that show something else than what is in bench/results. */
export const outdated = () =>
  shownFiles()
    .filter(({ name, text }) => read(name) !== text)
    .map(({ name }) => name)

function shownFiles() {
  const all = readAllResults()
  const shown = all.find((results) => majorOf(results) === SHOWN) ?? all.at(-1)
  const overview = shown ? overviewOf(shown) : []
  if (overview.length === 0) return [{ name: 'README.md', text: withFigures([]) }]
  const title = `spacepool beside others on Node ${shown.node}`
  const figures = [overviewTable(overview), `![${title}](bench/results/chart.svg)`, conditions(shown)]
  return [
    { name: 'README.md', text: withFigures(figures) },
    { name: 'bench/results/README.md', text: describeColumns(all) },
    { name: 'bench/results/chart.svg', text: chart(overview, title) }
  ]
}

function withFigures(figures) {
  const readme = read('README.md')
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`README.md has no ${BEGIN} with ${END} after it`)
  const parts = [readme.slice(0, begin + BEGIN.length), ...figures, readme.slice(end)]
  return parts.join(figures.length > 0 ? '\n\n' : '\n')
}

function read(name) {
  const file = new URL(name, root)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

function overviewTable(overview) {
  const head = ['work', 'spacepool', 'raw limit', 'fork and send', 'fastest pool of processes', 'of threads']
  const rows = overview.map(({ words, unit, better, bars }) => [
    `${words}, ${unit}${better === 'less' ? ' (less is better)' : ''}`,
    ...['spacepool', 'raw limit', 'fork and send', 'fastest process peer', 'fastest thread peer'].map(
      (reference) => cellOf(bars.find((bar) => bar.reference === reference))
    )
  ])
  return markdownTable(head, rows, 1)
}

function cellOf(bar) {
  if (!bar) return '-'
  if (bar.reference === 'spacepool') {
    return `**${shortNumber(bar.value)}** ± ${Math.round(bar.spread * 100)} %`
  }
  return bar.name === bar.reference ? shortNumber(bar.value) : `${shortNumber(bar.value)} (${bar.name})`
}

const conditions = ({ node, platform, cores }) =>
  [
    `Medians on Node ${node}, ${platform}, ${cores} cores, one worker unless it says more; ± is half the way from the worst`,
    'to the best round. [All figures on every Node](bench/results/README.md) and [how they are measured](bench/README.md).'
  ].join('\n')
