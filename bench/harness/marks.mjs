import { contestantNamed } from '../contestants/index.mjs'
import { median, ratio } from './statistics.mjs'

/**
 * Who is meant by a reference: a contestant's name, `fastest peer` or `fastest process peer`, as measured in
 * `values`. Undefined when nobody of that sort was measured.
 */
export function referenceNamed(reference, metric, values) {
  const measured = Object.keys(values).filter((name) => values[name][metric.name])
  const fastest = /^fastest (process )?peer$/.exec(reference)
  if (!fastest) return measured.find((name) => name === reference)
  const candidates = measured.filter((name) => {
    const { role, runsIn } = contestantNamed(name)
    return role === 'peer' && (!fastest[1] || runsIn === 'process')
  })
  const speed = (name) => median(values[name][metric.name]) * (metric.better === 'more' ? 1 : -1)
  return candidates.sort((a, b) => speed(b) - speed(a))[0]
}

/** The marks of one case: `{ sentence, met }` each; none while the library is not among the measured. */
export function judge(question, testCase, values) {
  if (!values.spacepool) return []
  return question.marks
    .filter((mark) => mark.testCase === testCase.name)
    .map((mark) => judgeOne(question, mark, values))
}

function judgeOne(question, mark, values) {
  const metric = question.metrics.find(({ name }) => name === mark.metric)
  const reference = referenceNamed(mark.of, metric, values)
  const own = values.spacepool[metric.name]
  if (!reference || !own) {
    return { sentence: `${mark.metric}: nothing to compare with (${mark.of})`, met: false }
  }
  const base = values[reference][metric.name]
  const name = reference === mark.of ? reference : `${mark.of} (${reference})`
  if (mark.beyondAtMost !== undefined) {
    const beyond = median(own.map((value, round) => value - base[round]))
    const met = beyond <= mark.beyondAtMost
    return {
      sentence: `${metric.name} is ${beyond.toFixed(1)} ${metric.unit} beyond ${name}, at most ${mark.beyondAtMost}`,
      met
    }
  }
  const times = ratio(own, base)
  const [word, bound] = mark.atLeast === undefined ? ['at most', mark.atMost] : ['at least', mark.atLeast]
  const met = mark.atLeast === undefined ? times <= bound : times >= bound
  return { sentence: `${metric.name} is ${times.toFixed(2)} times ${name}, ${word} ${bound}`, met }
}
