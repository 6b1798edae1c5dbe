import { wordsFor } from './outcome.mjs'

/** What spacepool did, a row for each fault: `results` are `{ row, seen, failures }`. */
export function faultTable(results) {
  const head = ['fault', 'the call', 'after', 'the next call', 'the host']
  const cells = results.map(({ row, seen, failures, skip }) => {
    if (skip) return [row.name, `not shown: ${skip}`, '', '', '']
    return [row.name, ...callCells(row, seen), hostCell(seen, failures)]
  })
  return markdownTable(head, cells)
}

/** What everybody did with the same faults: `byContestant` is `{ contestant: { fault: { seen, failures } } }`. */
export function peerTable(rows, byContestant) {
  const contestants = Object.keys(byContestant)
  const cells = rows.map((row) => [
    row.name,
    ...contestants.map((contestant) => {
      const result = byContestant[contestant][row.name]
      return result === undefined ? '-' : peerCell(row, result)
    })
  ])
  return markdownTable(['fault', ...contestants], cells)
}

function callCells({ killsHost }, { findings, gone }) {
  if (killsHost) return ['its processes are gone', time(gone), '']
  if (!findings) return ['?', '', '']
  const { outcome, next } = findings
  return [wordsFor(outcome), time(outcome.ms), next ? `${nextWords(next)}, ${time(next.ms)}` : '']
}

function hostCell({ findings }, failures) {
  if (failures.length > 0) return `FAILED: ${failures.join('; ')}`.replaceAll('|', '/').replace(/\s+/g, ' ')
  return findings ? `unharmed (late ${time(findings.stall)}, +${Math.round(findings.growth)} MiB)` : ''
}

function peerCell({ killsHost }, { seen, hostFailures }) {
  const { findings, gone } = seen
  if (killsHost) return isNever(gone) ? '**orphan**' : `gone, ${time(gone)}`
  const harm = harmOf(seen, hostFailures)
  if (!findings) return harm
  const { outcome, next } = findings
  const words = [`${wordsFor(outcome)}, ${time(outcome.ms)}`, `next ${nextWords(next)}`]
  return [...words, harm].filter(Boolean).join('; ').replaceAll('HANG', '**HANG**')
}

function harmOf({ uncaught, exit, findings }, hostFailures) {
  if (findings && exit === 'SIGKILL') return '**the host does not end**'
  if (uncaught) return `**the host dies**: ${uncaught.slice(0, 60)}`
  if (exit !== '') return `**the host ends** (${exit})`
  return hostFailures.some((failure) => failure.startsWith('processes outlive')) ? '**orphan**' : ''
}

function nextWords(next) {
  if (next.kind === 'answer') return 'works'
  return next.kind === 'hang' ? 'HANG' : `fails (${wordsFor(next).slice(0, 40)})`
}

/** What everybody did with the same faults, in so few words that it fits a page: for the README. */
export function shortPeerTable(rows, contestants, byContestant) {
  const cells = rows.map((row) => [
    row.name,
    ...contestants.map(({ name }) => {
      const result = byContestant[name][row.name]
      return result === undefined ? '-' : shortCell(row, result)
    })
  ])
  return markdownTable(['fault', ...contestants.map(({ title }) => title)], cells)
}

function shortCell({ killsHost, module }, { seen, right, hostFailures }) {
  const { findings, gone } = seen
  if (killsHost) return isNever(gone) ? '**orphan**' : 'gone'
  const [harm] = harmOf(seen, hostFailures).split(':')
  if (!findings) return harm
  const { outcome, next } = findings
  const words = [`${shortOutcome(outcome, right)}${lateness(outcome)}`]
  if (next?.kind === 'hang') words.push('**next call hangs**')
  else if (next?.kind === 'answer' && next.ms >= LATE) words.push(`next call works${lateness(next)}`)
  // What does not load is there for no call.
  else if (next?.kind === 'rejection' && module === undefined) words.push('**next call fails**')
  return [...words, harm].filter(Boolean).join(', ')
}

function shortOutcome(outcome, right) {
  if (outcome.kind === 'hang') return '**hangs**'
  if (outcome.kind === 'rejection') return 'rejects'
  return right ? 'answers' : wordsFor(outcome)
}

/** ms after which something does not come soon. */
const LATE = 1000

const lateness = ({ kind, ms }) => (kind === 'hang' || ms < LATE ? '' : ` after ${(ms / 1000).toFixed(1)} s`)

/** In a file of results it is a word. */
const isNever = (milliseconds) => Number(milliseconds) === Infinity

const time = (milliseconds) => (isNever(milliseconds) ? 'never' : `${Math.round(milliseconds)} ms`)

function markdownTable(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
