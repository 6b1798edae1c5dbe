import { contestantNamed } from '../contestants/index.mjs'
import { median, ratio } from './statistics.mjs'

// A mark of a question is { metric, atLeast | atMost | beyondAtMost } and, where it needs them:
//   cases      the names of the cases it is for; without, all of them
//   own        who is judged; without, spacepool
//   of         beside whom, as `referenceNamed` takes it
//   ofMetric   beside which other metric of the same contestant
//   since, before   the first Node it is for, and the first it is no more for
// With `of` or `ofMetric` it is a ratio, or with `beyondAtMost` a difference. Otherwise it is absolute: such a mark
// leaves room for a slow machine, and is judged on the best round.

/**
 * Who is meant by a reference: a contestant's name, `fastest peer`, `fastest process peer` or `fastest thread peer`,
 * as measured in `values`. Undefined when nobody of that sort was measured.
 */
export function referenceNamed(reference, metric, values) {
  const measured = Object.keys(values).filter((name) => values[name][metric.name])
  if (!isOneOfMany(reference)) return measured.find((name) => name === reference)
  return bestFirst(metric, values).filter((name) => isMeant(reference, name))[0]
}

/** True where it takes figures to know who a reference is. */
export const isOneOfMany = (reference) => /^fastest (process |thread )?peer$/.test(reference)

/** Whether a contestant is one of those that a reference such as `fastest process peer` chooses from. */
export function isMeant(reference, name) {
  const { role, runsIn } = contestantNamed(name)
  return role === 'peer' && (reference === 'fastest peer' || reference === `fastest ${runsIn} peer`)
}

/** The contestants whose `metric` was measured, the best first. */
export function bestFirst({ name: metric, better }, values) {
  const sign = better === 'more' ? -1 : 1
  return Object.keys(values)
    .filter((name) => values[name][metric])
    .sort((a, b) => sign * (median(values[a][metric]) - median(values[b][metric])))
}

/** The marks of a case on a Node of this major version. */
export const marksOf = (question, testCase, node) =>
  question.marks.filter(
    ({ cases = [testCase.name], since = 0, before = Infinity }) =>
      cases.includes(testCase.name) && node >= since && node < before
  )

/** True for a mark that machines agree on. */
export const isRatio = ({ of, ofMetric, beyondAtMost }) =>
  (of !== undefined || ofMetric !== undefined) && beyondAtMost === undefined

/** What a mark is about, without its figure. */
export function subjectOf({ metric, own = 'spacepool', of, ofMetric, beyondAtMost }, { metrics }) {
  const subject = own === 'spacepool' ? metric : `${metric} (${own})`
  if (beyondAtMost !== undefined) return `${subject}, beyond ${of}`
  if (of !== undefined || ofMetric !== undefined) return `${subject}, times ${of ?? ofMetric}`
  return `${subject}, ${metrics.find(({ name }) => name === metric).unit}`
}

/** What is asked for, in words. */
export const boundOf = ({ atLeast, atMost, beyondAtMost }) =>
  atLeast === undefined ? `at most ${atMost ?? beyondAtMost}` : `at least ${atLeast}`

/**
 * What became of one mark: `{ figure, met, beside }`, where `beside` is the name of the contestant it was compared
 * with. Undefined when a side of it was not measured, because the run was limited to others.
 */
export function judgeMark(mark, question, values) {
  const { own = 'spacepool', of = own, ofMetric = mark.metric } = mark
  const metric = question.metrics.find(({ name }) => name === mark.metric)
  const beside = referenceNamed(of, metric, values)
  const rounds = values[own]?.[mark.metric]
  const base = beside && values[beside][ofMetric]
  if (!rounds || !base) return undefined
  const value = valueOf(mark, metric, rounds, base)
  const limit = mark.atLeast ?? mark.atMost ?? mark.beyondAtMost
  const met = mark.atLeast === undefined ? value <= limit : value >= limit
  return { figure: value.toFixed(isRatio(mark) ? 2 : 1), met, beside: beside === own ? undefined : beside }
}

function valueOf(mark, { better }, rounds, base) {
  if (isRatio(mark)) return ratio(rounds, base)
  if (mark.beyondAtMost !== undefined) return median(rounds.map((value, round) => value - base[round]))
  return better === 'less' ? Math.min(...rounds) : Math.max(...rounds)
}

/** What became of the marks of one case: `{ mark, sentence, met }` each. */
export function judge(question, testCase, values, node) {
  return marksOf(question, testCase, node).flatMap((mark) => {
    const judged = judgeMark(mark, question, values)
    if (!judged) return []
    const { figure, met, beside } = judged
    const who = beside && beside !== mark.of ? ` (${beside})` : ''
    return [{ mark, met, sentence: `${subjectOf(mark, question)}${who}: ${figure}, ${boundOf(mark)}` }]
  })
}
