import { readResults } from '../harness/results.mjs'
import { median } from '../harness/statistics.mjs'

// node bench/limits/equals.mjs <question> [rounds ...]
//
// What "times the fastest peer" is for somebody who is exactly as fast as every peer: the rounds of all contestants in
// the results of each Node, each divided by the mean of its contestant, are drawn for as many peers and one more.

const DRAWS = 10_000
const [name, ...asked] = process.argv.slice(2)
const numbers = asked.length > 0 ? asked.map(Number) : [5, 15]

for (const major of [20, 22, 24, 26]) {
  const results = readResults(major)?.questions[name]
  if (results === undefined) continue
  const [contestants] = Object.values(results)
  const rounds = Object.values(contestants).flatMap((metrics) => relative(Object.values(metrics)[0]))
  const peers = Object.keys(contestants).length - 1
  for (const number of numbers) {
    const ratios = Array.from({ length: DRAWS }, () => drawRatio(rounds, peers, number))
    const met = ratios.filter((each) => each >= 0.95).length / DRAWS
    console.log(
      `Node ${major}, ${number} rounds: ${median(ratios).toFixed(3)}, at least 0.95 in ${met.toFixed(2)} of all`
    )
  }
}

function relative(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value / mean)
}

function drawRatio(rounds, peers, number) {
  const draw = () => Array.from({ length: number }, () => rounds[Math.floor(Math.random() * rounds.length)])
  const others = Array.from({ length: peers }, draw)
  const fastest = others.reduce((best, each) => (median(each) > median(best) ? each : best))
  return median(draw().map((value, round) => value / fastest[round]))
}
