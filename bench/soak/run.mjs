import { slack } from '../faults/slack.mjs'
import { cycles } from './cycles.mjs'
import { ending } from './ending.mjs'
import { whole } from './figures.mjs'
import { fuzz } from './fuzz.mjs'
import { shortfalls, writeResults } from './results.mjs'
import { storm } from './storm.mjs'

// npm run soak                            ten minutes; a million frames and 10 000 cycles take about twenty
// npm run soak -- --minutes 1             bounded by so many minutes
// npm run soak -- --minutes 5 storm fuzz  only these parts
// npm run soak -- --seed 7 fuzz           the frames of an earlier run again
// npm run soak -- --write --minutes 20    writes bench/results/soak.md and .json, of the parts that came as far as asked
//
// The exit code is 1 when a call was lost, an answer was wrong, or the host gained something.

/** What part of the time each has at most. What one does not need is left. */
const parts = {
  storm: { run: storm, share: 0.35 },
  fuzz: { run: fuzz, share: 0.2 },
  cycles: { run: cycles, share: 0.4 },
  ending: { run: ending, share: 0.05 }
}
const PROGRESS_EVERY = 5000

const { minutes, seed, writes, names } = readArguments(process.argv.slice(2))
const begun = performance.now()
// The event that tells of promises which are settled twice is deprecated, for lack of use.
process.noDeprecation = true
process.on('unhandledRejection', (error) => violated('the host', [`an unhandled rejection: ${error}`]))
const violations = []
const summary = []

if (slack > 1) console.log(`This machine is busy: things may take ${slack.toFixed(1)} times as long.`)
const together = names.reduce((sum, name) => sum + parts[name].share, 0)
for (const name of names) {
  const { run, share } = parts[name]
  const milliseconds = (minutes * 60_000 * share) / together
  const started = performance.now()
  console.log(`${name}: at most ${whole(milliseconds / 1000)} s`)
  const result = await run({ milliseconds, seed, progress: progressOf(name, started) })
  summary.push({ name, seconds: (performance.now() - started) / 1000, ...result })
  violated(name, result.violations)
}
console.log(`\n${summary.map(describe).join('\n')}`)
for (const sentence of violations) console.error(`VIOLATED: ${sentence}`)
for (const sentence of summary.flatMap(shortfalls)) console.log(`Less than is asked for, ${sentence}`)
if (writes) {
  console.log(`Written to bench/results/soak.md: ${(await writeResults(summary)).join(', ') || 'nothing'}`)
}
const verdict = violations.length === 0 ? 'no violation' : `${violations.length} violations`
console.log(`soak: ${verdict}, ${whole((performance.now() - begun) / 1000)} s`)
process.exitCode = violations.length === 0 ? 0 : 1

function violated(name, sentences) {
  violations.push(...sentences.map((sentence) => `${name}: ${sentence}`))
}

function progressOf(name, started) {
  let next = started + PROGRESS_EVERY
  return (text) => {
    if (performance.now() < next) return
    next = performance.now() + PROGRESS_EVERY
    console.log(`${name}: ${whole((performance.now() - started) / 1000)} s, ${text}`)
  }
}

function describe({ name, seconds, figures }) {
  const list = Object.entries(figures).map(([title, figure]) => `  ${title.padEnd(24)} ${figure}`)
  return [`${name}, ${seconds.toFixed(0)} s`, ...list].join('\n')
}

function readArguments(words) {
  const given = [...words]
  const take = (flag, byDefault) => {
    const at = given.indexOf(flag)
    return at < 0 ? byDefault : Number(given.splice(at, 2)[1])
  }
  const minutes = take('--minutes', 10)
  const seed = take('--seed', undefined)
  const writes = given.includes('--write')
  if (writes) given.splice(given.indexOf('--write'), 1)
  if (!(minutes > 0) || Number.isNaN(seed) || given.some((name) => !(name in parts))) {
    throw new Error(`npm run soak -- [--minutes N] [--seed N] [--write] [${Object.keys(parts).join(' | ')}]`)
  }
  return { minutes, seed, writes, names: given.length > 0 ? given : Object.keys(parts) }
}
