import { questions } from '../questions/index.mjs'
import { judge } from './marks.mjs'
import { caseTable } from './table.mjs'

/** The head of every report: `machine` as in machine.mjs. */
export function describeMachine({ node, platform, cores, packages }) {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return `Node ${node}, ${platform}, ${cores} cores. ${versions.join(', ')}.`
}

/** One case in Markdown: its title, its table and what became of its marks. */
export function describeCase(question, testCase, values) {
  const marks = judge(question, testCase, values).map(
    ({ sentence, met }) => `${met ? 'met' : 'MISSED'}: ${sentence}`
  )
  const title = `## ${question.title}: ${testCase.name}`
  return [title, caseTable(question, values), ...marks].join('\n\n')
}

/** A whole results file in Markdown. */
export function describeResults(results) {
  const cases = questions.flatMap((question) =>
    question.cases
      .map((testCase) => ({ question, testCase, values: results.questions[question.name]?.[testCase.name] }))
      .filter(({ values }) => values)
  )
  const parts = cases.map(({ question, testCase, values }) => describeCase(question, testCase, values))
  const title = `# Figures on Node ${results.node.split('.')[0]}`
  const method = 'Medians of interleaved rounds, one worker each; trust ratios within one table only.'
  return `${[title, describeMachine(results), method, ...parts].join('\n\n')}\n`
}
