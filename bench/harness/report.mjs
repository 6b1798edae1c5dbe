import { questions } from '../questions/index.mjs'
import { judge } from './marks.mjs'
import { caseTable } from './table.mjs'

/** The head of every report: `machine` as in machine.mjs. */
export function describeMachine({ node, platform, cores, processor, memory, packages }) {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return `Node ${node}, ${platform}, ${cores} cores (${processor}), ${memory}. ${versions.join(', ')}.`
}

/** One case in Markdown: its title, its table and what became of its marks on this Node. */
export function describeCase(question, testCase, values, node) {
  const marks = judge(question, testCase, values, node).map(
    ({ sentence, met }) => `${met ? 'met' : 'MISSED'}: ${sentence}`
  )
  const title = `## ${question.title}: ${testCase.name}`
  return [title, caseTable(question, values), ...marks].join('\n\n')
}

/** A whole results file in Markdown. */
export function describeResults(results) {
  const node = majorOf(results)
  const parts = measuredCases(results).map(({ question, testCase, values }) =>
    describeCase(question, testCase, values, node)
  )
  const method =
    'Medians of interleaved rounds; trust ratios within one table only. One worker, unless it says more.'
  return `${[`# Figures on Node ${node}`, describeMachine(results), method, ...parts].join('\n\n')}\n`
}

/** The first number of the Node that a results file is about. */
export const majorOf = ({ node }) => Number(node.split('.')[0])

/** The cases of a results file, in the order of the questions: `{ question, testCase, values }`. */
export const measuredCases = (results) =>
  allCases
    .map((each) => ({ ...each, values: results.questions[each.question.name]?.[each.testCase.name] }))
    .filter(({ values }) => values)

/** All cases of all questions. */
export const allCases = questions.flatMap((question) =>
  question.cases.map((testCase) => ({ question, testCase }))
)
