import { isRight, wordsFor } from './outcome.mjs'
import { slack } from './slack.mjs'

/** What is right unless the row says otherwise: ms that the outcome takes. */
const WITHIN = [0, 1000]
/**
 * ms that a host's own work may keep it from its event loop, the threads that compile and collect included, which do
 * most of it in a fresh process: alone, and beside other tests; MiB that it may grow.
 */
const STALL = { alone: 60, beside: 400 }
const GROWTH = 64
/**
 * ms that 19 of 20 calls of the neighbour take at most while a space floods its host, which reads of it for 2 ms before
 * others have their turn: alone, with two processes that take all they can of the machine; and beside other tests.
 */
const NEIGHBOUR = { alone: 40, beside: 500 }
/** ms that a timer may be early, as it counts whole ones. */
const EARLY = 1
/** ms that a host may be late for whatever reason, and an outcome beside other tests. */
const DELAY = 500
/**
 * ms in which no process of a host may be left after it: of one that was killed, whose faults are measured alone; and
 * of one that ended in order and left its reaper only, beside other tests that keep the machine busy.
 */
const GONE = { killed: 250, ended: 250, beside: 1000 }

/** What was wrong with one fault, as sentences; none when spacepool passed it. */
export function failuresOf(row, seen, besideOthers) {
  return [...failuresOfEnd(row, seen, besideOthers), ...failuresOfFindings(row, seen.findings, besideOthers)]
}

/** What the host noticed, as far as it is seen from outside: also for peers. */
export function failuresOfEnd({ killsHost }, { exit, uncaught, stderr, gone, problems }, besideOthers) {
  const wrong = [...problems]
  const most = killsHost ? GONE.killed : besideOthers ? GONE.beside : GONE.ended
  if (gone > most * slack) {
    wrong.push(gone === Infinity ? 'processes outlive the host' : `processes outlive the host by ${gone} ms`)
  }
  if (killsHost) return wrong
  if (uncaught) wrong.push(`uncaught in the host: ${uncaught}`)
  else if (stderr.trim() !== '') wrong.push(`the host printed: ${stderr.trim().slice(0, 300)}`)
  if (exit !== '') wrong.push(`the host ended with ${exit}`)
  return wrong
}

function failuresOfFindings(row, findings, besideOthers) {
  if (row.killsHost) return []
  if (!findings) return ['the host told nothing']
  const { outcome, next, stall, delay, growth } = findings
  const [from, to] = row.within ?? WITHIN
  const most = {
    stall: row.stall ?? (besideOthers ? STALL.beside : STALL.alone),
    growth: row.growth ?? GROWTH
  }
  const wrong = [...findings.problems]
  if (!isRight(outcome, row.gets)) wrong.push(`the call: ${wordsFor(outcome)} ${outcome.message ?? ''}`)
  if (outcome.ms < from - EARLY || outcome.ms > to * slack + (besideOthers ? DELAY : 0)) {
    wrong.push(`it took ${outcome.ms.toFixed(1)} ms`)
  }
  if (next && !isRight(next, row.nextGets ?? { answers: 'next' })) {
    wrong.push(`the next call: ${wordsFor(next)}`)
  }
  if (stall > most.stall) wrong.push(`the event loop was stalled for ${Math.round(stall)} ms`)
  if (delay > DELAY * slack) wrong.push(`the event loop was late by ${Math.round(delay)} ms`)
  if (row.flood) wrong.push(...failuresOfNeighbour(findings, besideOthers))
  if (growth > most.growth) wrong.push(`the host grew by ${Math.round(growth)} MiB`)
  return wrong
}

function failuresOfNeighbour({ latencies }, besideOthers) {
  const p95 = latencies.sort((a, b) => a - b)[Math.floor(latencies.length * 0.95)] ?? 0
  const most = besideOthers ? NEIGHBOUR.beside : NEIGHBOUR.alone
  return p95 > most * slack ? [`calls of the neighbour took ${Math.round(p95)} ms (p95)`] : []
}
