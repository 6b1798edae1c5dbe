import { boundOf, judgeMark, marksOf, subjectOf } from './marks.mjs'
import { allCases, majorOf } from './report.mjs'
import { median } from './statistics.mjs'
import { markdownTable, shortNumber } from './table.mjs'

/** All results files side by side, in Markdown: a column for each Node. */
export function describeColumns(all) {
  return [
    '# Figures on every Node\n',
    'Made by `npm run bench` from the JSON files beside this one; the tables of each Node, with all contestants, are in',
    `${all.map(linkTo).join(', ')}. [How it is measured](../README.md).\n`,
    ...all.map((results) => `- ${conditions(results)}`),
    '\n## The marks\n',
    'A ratio is the median of the ratios of each round. A **bold** figure misses its mark.\n',
    markTable(all),
    '\n## The figures of spacepool\n',
    'Medians. Absolute figures belong to the machine they were measured on.\n',
    `${figureTable(all)}\n`
  ].join('\n')
}

const linkTo = (results) => `[${majorOf(results)}.md](${majorOf(results)}.md)`

const conditions = ({ node, platform, cores, processor, memory, measuredOn }) =>
  `Node ${node}, ${platform}, ${cores} cores (${processor}), ${memory}, ${measuredOn}`

const nodeTitles = (all) => all.map((results) => `Node ${majorOf(results)}`)

function markTable(all) {
  const rows = allCases.flatMap(({ question, testCase }) =>
    question.marks
      .filter((mark) => all.some((results) => applies(mark, question, testCase, results)))
      .map((mark) => [
        `${question.name}, ${testCase.name}`,
        subjectOf(mark, question),
        boundOf(mark),
        ...all.map((results) => markCell(mark, question, testCase, results))
      ])
  )
  return markdownTable(['work', 'what', 'mark', ...nodeTitles(all)], rows, 3)
}

const applies = (mark, question, testCase, results) =>
  marksOf(question, testCase, majorOf(results)).includes(mark)

function markCell(mark, question, testCase, results) {
  if (!applies(mark, question, testCase, results)) return ''
  const judged = judgeMark(mark, question, results.questions[question.name]?.[testCase.name] ?? {})
  if (!judged) return '-'
  return judged.met ? judged.figure : `**${judged.figure}**`
}

function figureTable(all) {
  const rows = allCases.flatMap(({ question, testCase }) =>
    question.metrics
      .filter(({ name }) => all.some((results) => ownRounds(results, question, testCase, name)))
      .map(({ name, unit }) => [
        `${question.title}: ${testCase.name}`,
        `${name}, ${unit}`,
        ...all.map((results) => figureCell(ownRounds(results, question, testCase, name)))
      ])
  )
  return markdownTable(['work', 'figure', ...nodeTitles(all)], rows, 2)
}

const ownRounds = (results, question, testCase, metric) =>
  results.questions[question.name]?.[testCase.name]?.spacepool?.[metric]

const figureCell = (rounds) => (rounds ? shortNumber(median(rounds)) : '-')
