import { isSpacepoolBuilt } from './contestants/index.mjs'
import { runCase } from './harness/contest.mjs'
import { installPeers } from './harness/install.mjs'
import { load, machine, major } from './harness/machine.mjs'
import { isRatio, judge } from './harness/marks.mjs'
import { describeCase, describeMachine } from './harness/report.mjs'
import { writeResults } from './harness/results.mjs'
import { select } from './harness/selection.mjs'
import { describeProfilesSince, profilesThere } from './harness/self-times.mjs'
import { readSettings } from './harness/settings.mjs'
import { show } from './harness/show.mjs'

// npm run bench                      every question, under ten minutes; writes the results and shows them in the README
// npm run bench -- calls buffers     only these
// npm run bench -- --quick           few and short rounds of the short cases; writes no results
// npm run bench -- --only spacepool --only 'raw limit'    only these contestants; writes no results
// npm run bench -- calls --profile   spacepool alone, with a CPU profile of host and space in bench/profiles, and what
//                                    took the most time in each; with --only any contestant that is spacepool
// npm run bench:check                a quick run that says which marks fell and exits with 1 if one did
//
// A wrong answer, or a contestant that fails, makes the exit code 1.

/** The load for each core from which on others take a good part of the time. */
const BUSY = 0.5

const measured = {}
const failures = []
const judged = []
const leftOut = []

try {
  const settings = readSettings(process.argv.slice(2))
  installPeers()
  console.log(describeMachine(machine))
  if (load > BUSY * machine.cores) console.log(`The machine is busy (load ${load}): its figures say little.`)
  if (!isSpacepoolBuilt()) {
    console.log('spacepool is not built (npm run build): only the others are measured.')
  }
  const cases = select(settings)
  if (cases.length === 0) throw new Error('Nobody is left to measure')
  for (const [index, each] of cases.entries()) await run(each, `${index + 1}/${cases.length}`, settings)
  await conclude(settings)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

async function run({ question, testCase, names }, progress, settings) {
  const title = `${question.name}, ${testCase.name}`
  if (process.uptime() > settings.budget) return leftOut.push(title)
  process.stderr.write(`[${progress}, ${clock(process.uptime())}] ${title}\n`)
  const profilesBefore = profilesThere()
  const contest = await runCase(question, testCase, names, settings)
  measured[question.name] ??= {}
  measured[question.name][testCase.name] = contest.values
  failures.push(...contest.failures.map((failure) => `${title}, ${failure}`))
  judged.push(...judge(question, testCase, contest.values, major).map((each) => ({ title, ...each })))
  if (!settings.check) console.log(`\n${describeCase(question, testCase, contest.values, major)}`)
  if (settings.profile) console.log(`\n${describeProfilesSince(profilesBefore)}`)
}

async function conclude({ check, writes }) {
  if (writes) {
    console.log(`\nWritten: ${await writeResults(measured)}`)
    console.log(`Shown in: ${show().join(', ')}`)
  }
  if (check) reportCheck(judged.filter(({ mark }) => isRatio(mark)))
  for (const failure of failures) console.error(`FAILED: ${failure}`)
  process.stderr.write(`Took ${clock(process.uptime())}.\n`)
  if (failures.length > 0) process.exitCode = 1
}

function reportCheck(marks) {
  const fallen = marks.filter(({ met }) => !met)
  for (const { title, sentence } of marks.filter(({ met }) => met)) console.log(`met   ${title}: ${sentence}`)
  for (const { title, sentence } of fallen) console.log(`FELL  ${title}: ${sentence}`)
  for (const title of leftOut) console.log(`not looked at, for want of time: ${title}`)
  console.log(`${marks.length - fallen.length} marks met, ${fallen.length} fell.`)
  if (fallen.length > 0) process.exitCode = 1
}

function clock(seconds) {
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
