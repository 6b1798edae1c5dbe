import { isSpacepoolBuilt } from './contestants/index.mjs'
import { runCase } from './harness/contest.mjs'
import { canBind } from './harness/host-process.mjs'
import { installPeers } from './harness/install.mjs'
import { machine } from './harness/machine.mjs'
import { judge } from './harness/marks.mjs'
import { describeCase, describeMachine } from './harness/report.mjs'
import { writeResults } from './harness/results.mjs'
import { readSettings } from './harness/settings.mjs'
import { questionNamed, questions } from './questions/index.mjs'

// npm run bench                      every question, under ten minutes
// npm run bench -- calls buffers     only these
// npm run bench -- --quick           few and short rounds, under a minute; writes no results
// npm run bench -- --only spacepool --only 'raw limit'    only these contestants; writes no results
// npm run bench -- calls --profile   spacepool alone, with a CPU profile of host and space in bench/profiles
// npm run bench -- --check           a quick run that says which marks fell and exits with 1 if one did
//
// A wrong answer, or a contestant that fails, makes the exit code 1.

const measured = {}
const failures = []
const fallen = []
const built = isSpacepoolBuilt()

try {
  const settings = readSettings(process.argv.slice(2))
  const asked = settings.names.length > 0 ? settings.names.map(questionNamed) : questions
  if (settings.profile && !built) {
    throw new Error('Nothing to profile: spacepool is not built (npm run build)')
  }
  installPeers()
  console.log(describeMachine(machine))
  if (!built) console.log('spacepool is not built (npm run build): only the others are measured.')
  for (const question of asked) await ask(question, settings)
  await conclude(settings)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

async function ask(question, settings) {
  const cases = question.cases.filter((testCase) => isWanted(testCase, settings))
  if (cases.length > 0) measured[question.name] = {}
  for (const testCase of cases) {
    process.stderr.write(`... ${question.name}, ${testCase.name}\n`)
    const contest = await runCase(question, testCase, namesFor(question, testCase, settings), settings)
    measured[question.name][testCase.name] = contest.values
    failures.push(...contest.failures.map((failure) => `${question.name}, ${testCase.name}, ${failure}`))
    console.log(`\n${describeCase(question, testCase, contest.values)}`)
    const missed = judge(question, testCase, contest.values).filter(({ met }) => !met)
    fallen.push(...missed.map(({ sentence }) => `${question.name}, ${testCase.name}: ${sentence}`))
  }
}

/** A quick run leaves the long cases out, unless their question was named. */
function isWanted({ core, onlyFull }, { quick, names }) {
  return (core === undefined || canBind) && !(onlyFull && quick && names.length === 0)
}

function namesFor(question, testCase, { profile, only }) {
  const all = [...question.contestants, ...(testCase.with ?? [])]
  const names = only.length > 0 ? all.filter((name) => only.includes(name)) : all
  if (profile) return names.filter((name) => name === 'spacepool')
  return built ? names : names.filter((name) => !name.startsWith('spacepool'))
}

async function conclude({ quick, profile, check, only }) {
  if (!quick && !profile && only.length === 0) console.log(`\nWritten: ${await writeResults(measured)}`)
  if (check) {
    console.log(fallen.length > 0 ? `\nMarks that fell:\n${fallen.join('\n')}` : '\nAll marks are met.')
  }
  for (const failure of failures) console.error(`FAILED: ${failure}`)
  process.exitCode = failures.length > 0 || (check && fallen.length > 0) ? 1 : 0
}
