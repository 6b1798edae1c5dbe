import { shortNumber } from './table.mjs'

const COLUMNS = 2
const COLUMN_WIDTH = 440
const NAME_WIDTH = 128
const BAR_WIDTH = 190
const TITLE_HEIGHT = 26
const BAR_HEIGHT = 18
const GAP = 18

// Colours that are readable on white and on black.
const WORDS = '#7d8590'
const OWN = '#2f81f7'
const LIMIT = '#3fa45b'
const OTHERS = '#8b949e'

/** The overview of one results file, as `overviewOf` gives it, as an SVG: a group of bars for each work. */
export function chart(overview, title) {
  const groups = overview.map((row) => ({ ...row, height: heightOf(row) }))
  const columns = inColumns(groups)
  const height = Math.max(...columns.map((column) => sum(column.map((group) => group.height))))
  const parts = columns.flatMap((column, index) => drawColumn(column, index * COLUMN_WIDTH))
  const width = COLUMNS * COLUMN_WIDTH
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    `  font-family="system-ui, -apple-system, 'Segoe UI', sans-serif" font-size="12" fill="${WORDS}" role="img">`,
    `  <title>${escape(title)}</title>`,
    ...parts.map((part) => `  ${part}`),
    '</svg>\n'
  ].join('\n')
}

const heightOf = ({ bars }) => TITLE_HEIGHT + bars.length * BAR_HEIGHT + GAP

/** Fills the columns one after the other, each with its share of the height. */
function inColumns(groups) {
  const share = sum(groups.map(({ height }) => height)) / COLUMNS
  const columns = Array.from({ length: COLUMNS }, () => [])
  let above = 0
  for (const group of groups) {
    columns[Math.min(COLUMNS - 1, Math.floor((above + group.height / 2) / share))].push(group)
    above += group.height
  }
  return columns
}

function drawColumn(groups, left) {
  let top = 0
  return groups.flatMap((group) => {
    const drawn = drawGroup(group, left, top)
    top += group.height
    return drawn
  })
}

function drawGroup({ words, unit, better, bars }, left, top) {
  const longest = Math.max(...bars.map(({ value }) => value))
  const direction = better === 'less' ? ' (less is better)' : ''
  const title = `<text x="${left}" y="${top + 16}" font-weight="600">${escape(`${words}, ${unit}${direction}`)}</text>`
  const lines = bars.map((bar, index) =>
    drawBar(bar, left, top + TITLE_HEIGHT + index * BAR_HEIGHT, (bar.value / longest) * BAR_WIDTH)
  )
  return [title, ...lines]
}

function drawBar({ name, value }, left, top, length) {
  const start = left + NAME_WIDTH
  const weight = name === 'spacepool' ? ' font-weight="600"' : ''
  const line = top + 10
  return [
    `<text x="${start - 8}" y="${line}" text-anchor="end"${weight}>${escape(name)}</text>`,
    `<rect x="${start}" y="${top}" width="${length.toFixed(1)}" height="12" rx="2" fill="${colourOf(name)}"/>`,
    `<text x="${(start + length + 6).toFixed(1)}" y="${line}"${weight}>${shortNumber(value)}</text>`
  ].join('')
}

function colourOf(name) {
  if (name === 'spacepool') return OWN
  return name === 'raw limit' ? LIMIT : OTHERS
}

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0)

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
