import { questionNamed } from '../questions/index.mjs'
import { referenceNamed } from './marks.mjs'
import { median, spread } from './statistics.mjs'

/** What the README and its chart show: a question, a case, a metric, and what it is called there. */
const rows = [
  ['calls', '64 in flight', 'calls', 'small calls, 64 in flight'],
  ['calls', '1024 in flight', 'calls', 'small calls, 1024 in flight'],
  ['alone', 'all cores', 'p50', 'small calls, one at a time, p50'],
  ['objects', '64 in flight', 'calls', 'objects of 0.5 kB, 64 in flight'],
  ['buffers', '1 MiB', 'bytes', 'a Buffer of 1 MiB there and back'],
  ['callbacks', '(record)', 'items', 'callbacks with a record'],
  ['factorial', '2 workers, 64 in flight', 'calls', 'factorial(1000), 2 workers'],
  ['format', '2 workers', 'files', 'prettier formats files, 2 workers'],
  ['start', 'add(a, b)', 'first answer', 'from nothing to the first answer']
]

/** Beside whom spacepool is shown. */
const references = ['spacepool', 'raw limit', 'fork and send', 'fastest process peer', 'fastest thread peer']

/**
 * The rows of the overview of one results file: `{ words, unit, better, bars }`, with a bar, `{ reference, name, value,
 * spread }`, for each reference that was measured.
 */
export const overviewOf = (results) =>
  rows.flatMap(([question, testCase, metric, words]) => {
    const { metrics } = questionNamed(question)
    const { unit, better } = metrics.find(({ name }) => name === metric)
    const values = results.questions[question]?.[testCase]
    if (!values?.spacepool?.[metric]) return []
    const bars = references.flatMap((reference) => barOf(reference, { name: metric, better }, values))
    return [{ words, unit, better, bars }]
  })

function barOf(reference, metric, values) {
  const name = referenceNamed(reference, metric, values)
  if (name === undefined) return []
  const rounds = values[name][metric.name]
  return [{ reference, name, value: median(rounds), spread: spread(rounds) }]
}
