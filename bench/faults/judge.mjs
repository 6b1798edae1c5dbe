import { isRight, wordsFor } from './outcome.mjs'
import { slack } from './slack.mjs'

/** What is right unless the row says otherwise: ms that the outcome takes. */
const WITHIN = [0, 1000]
/**
 * ms that a host's own work may keep it from its event loop, the threads that compile and collect included, which do
 * most of it in a fresh process; MiB that it may grow.
 */
const STALL = 150
const GROWTH = 64
/** ms that a host may be late for whatever reason. */
const DELAY = 500
/** ms in which no process of a host may be left after it, however it ended. */
const GONE = 250

/** What was wrong with one fault, as sentences; none when spacepool passed it. */
export function failuresOf(row, seen) {
  return [...failuresOfEnd(row, seen), ...failuresOfFindings(row, seen.findings)]
}

/** What the host noticed, as far as it is seen from outside: also for peers. */
export function failuresOfEnd({ killsHost }, { exit, uncaught, stderr, gone, problems }) {
  const wrong = [...problems]
  if (gone > GONE * slack) {
    wrong.push(gone === Infinity ? 'processes outlive the host' : `processes outlive the host by ${gone} ms`)
  }
  if (killsHost) return wrong
  if (uncaught) wrong.push(`uncaught in the host: ${uncaught}`)
  else if (stderr.trim() !== '') wrong.push(`the host printed: ${stderr.trim().slice(0, 300)}`)
  if (exit !== '') wrong.push(`the host ended with ${exit}`)
  return wrong
}

function failuresOfFindings(row, findings) {
  if (row.killsHost) return []
  if (!findings) return ['the host told nothing']
  const { outcome, next, stall, delay, growth } = findings
  const [from, to] = row.within ?? WITHIN
  const most = { stall: row.stall ?? STALL, growth: row.growth ?? GROWTH }
  const wrong = [...findings.problems]
  if (!isRight(outcome, row.gets)) wrong.push(`the call: ${wordsFor(outcome)} ${outcome.message ?? ''}`)
  if (outcome.ms < from || outcome.ms > to * slack) wrong.push(`it took ${outcome.ms.toFixed(1)} ms`)
  if (next && !isRight(next, row.nextGets ?? { answers: 'next' })) {
    wrong.push(`the next call: ${wordsFor(next)}`)
  }
  if (stall > most.stall) wrong.push(`the event loop was stalled for ${Math.round(stall)} ms`)
  if (delay > DELAY * slack) wrong.push(`the event loop was late by ${Math.round(delay)} ms`)
  if (growth > most.growth) wrong.push(`the host grew by ${Math.round(growth)} MiB`)
  return wrong
}
