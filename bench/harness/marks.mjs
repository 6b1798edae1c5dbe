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

/**
 * What became of the marks of one case: `{ sentence, met }` each. A mark whose two sides were not both measured,
 * because the run was limited to others, is left out.
 */
export function judge(question, testCase, values) {
  return question.marks
    .filter((mark) => mark.testCase === testCase.name)
    .flatMap((mark) => {
      const metric = question.metrics.find(({ name }) => name === mark.metric)
      const reference = referenceNamed(mark.of, metric, values)
      const own = values.spacepool?.[metric.name]
      return reference && own ? [judgeOne(mark, metric, own, reference, values[reference][metric.name])] : []
    })
}

function judgeOne(mark, metric, own, reference, base) {
  const name = reference === mark.of ? reference : `${mark.of} (${reference})`
  if (mark.beyondAtMost !== undefined) {
    const beyond = median(own.map((value, round) => value - base[round]))
    const sentence = `${metric.name} is ${beyond.toFixed(1)} ${metric.unit} beyond ${name}`
    return { sentence: `${sentence}, at most ${mark.beyondAtMost}`, met: beyond <= mark.beyondAtMost }
  }
  const times = ratio(own, base)
  const sentence = `${metric.name} is ${times.toFixed(2)} times ${name}`
  return mark.atLeast === undefined
    ? { sentence: `${sentence}, at most ${mark.atMost}`, met: times <= mark.atMost }
    : { sentence: `${sentence}, at least ${mark.atLeast}`, met: times >= mark.atLeast }
}
