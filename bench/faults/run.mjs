import { installPeers } from '../harness/install.mjs'
import { machine } from '../harness/machine.mjs'
import { runHost } from './host-process.mjs'
import { failuresOf, failuresOfEnd } from './judge.mjs'
import { concerns, peers } from './peers/index.mjs'
import { isRight } from './outcome.mjs'
import { describe, writeResults } from './results.mjs'
import { rows } from './rows/index.mjs'
import { show } from './show.mjs'
import { BESIDE_OTHERS, besideOthers, slack } from './slack.mjs'

// npm run faults                     every fault against spacepool; writes results/faults.md and .json
// npm run faults -- --short          those that take no long time, a few in one host; writes no results
// npm run faults -- --peers          the peers as well, with the faults that can be expressed with them; the table of
//                                    it goes into the README
// npm run faults -- exits 'kill -9'  only these groups, or faults whose name has this in it; writes no results unless
//                                    --write is there: what else was found before stays then
// node bench/faults/show.mjs         puts the table of the last run with peers into the README once more
//
// The exit code is 1 when a call did not settle, settled twice or got the wrong thing, or a host noticed something.

const given = process.argv.slice(2)
const short = given.includes('--short')
const withPeers = given.includes('--peers')
const wanted = given.filter((word) => !word.startsWith('--'))
/** Hosts at the same time, where no row measures anything: most of their time they wait. */
const AT_ONCE = 3
/** Faults in one host, in the short form; each has a pool of its own. */
const SHARING = 6

const isWanted = ({ group, name, long }) =>
  wanted.length > 0 ? wanted.some((word) => group === word || name.includes(word)) : !(short && long)

const chosen = rows.filter(isWanted)
const begun = performance.now()
const where = besideOthers ? 'Beside other tests' : 'On this busy machine'
if (slack > 1) console.log(`${where} things may take ${slack.toFixed(1)} times as long.\n`)
const results = await runAll(chosen, 'spacepool')
const contest = withPeers ? await runPeers(chosen.filter((row) => row.peers)) : undefined
const report = { machine, results, contest }
console.log(describe(report))
if (!short && (wanted.length === 0 || given.includes('--write'))) {
  console.log(`\nWritten: ${await writeResults(report)}`)
  if (contest) console.log(`Shown in: ${show()}`)
}
const failed = results.filter(({ failures }) => failures?.length > 0)
const skipped = results.filter(({ skip }) => skip)
for (const { row, failures } of failed) console.error(`FAILED: ${row.name}: ${failures.join('; ')}`)
const seconds = Math.round((performance.now() - begun) / 1000)
const passed = results.length - failed.length - skipped.length
console.log(
  `\n${passed} of ${results.length} faults passed, ${failed.length} failed, ${skipped.length} not shown here, ${seconds} s`
)
process.exitCode = failed.length > 0 || chosen.length === 0 ? 1 : 0

/** It changes nothing in its host and measures nothing in it. */
function mayShare({ killsHost, limits, before, growth, stall, alone }) {
  return short && [killsHost, limits, before, growth, stall, alone].every((value) => value === undefined)
}

async function runPeers(shared) {
  installPeers()
  const contest = { spacepool: {} }
  for (const { row, ...result } of results) if (shared.includes(row)) contest.spacepool[row.name] = result
  for (const peer of peers) {
    const own = await runAll(
      shared.filter((row) => concerns(peer, row)),
      peer.name
    )
    contest[peer.name] = Object.fromEntries(own.map(({ row, ...result }) => [row.name, result]))
  }
  return contest
}

/** Those that measure run alone, after the others. */
async function runAll(list, contestant) {
  const found = new Map()
  const measures = ({ alone, killsHost }) => alone === true || killsHost !== undefined
  const run = list.filter(({ skip }) => !skip)
  const queues = [hostsFor(run.filter((row) => !measures(row))), hostsFor(run.filter(measures))]
  for (const [index, queue] of queues.entries()) {
    const lane = async () => {
      for (let shared = queue.shift(); shared; shared = queue.shift()) {
        const seen = await runHost(contestant, shared, short ? { [BESIDE_OTHERS]: '1' } : {})
        shared.forEach((row, place) => found.set(row, resultOf(contestant, row, seen[place])))
      }
    }
    await Promise.all(Array.from({ length: index === 0 ? AT_ONCE : 1 }, lane))
  }
  return list.map((row) => found.get(row) ?? { row, skip: row.skip })
}

/** The rows of each host: one, or in the short form a few of the same group that need no host of their own. */
function hostsFor(list) {
  const hosts = []
  for (const row of list) {
    const last = hosts.at(-1)
    const joins = last && mayShare(last[0]) && mayShare(row) && last[0].group === row.group
    if (joins && last.length < SHARING) last.push(row)
    else hosts.push([row])
  }
  return hosts
}

function resultOf(contestant, row, seen) {
  const hostFailures = failuresOfEnd(row, seen, short)
  const failures = contestant === 'spacepool' ? failuresOf(row, seen, short) : hostFailures
  const right = seen.findings && isRight(seen.findings.outcome, row.gets)
  process.stderr.write(`${failures.length === 0 ? 'ok    ' : 'FAILED'} ${contestant}: ${row.name}\n`)
  return { row, seen, right, failures, hostFailures }
}
