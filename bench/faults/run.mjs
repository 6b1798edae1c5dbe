import { installPeers } from '../harness/install.mjs'
import { machine } from '../harness/machine.mjs'
import { runHost } from './host-process.mjs'
import { failuresOf, failuresOfEnd } from './judge.mjs'
import { concerns, peers } from './peers/index.mjs'
import { describe, writeResults } from './results.mjs'
import { rows } from './rows/index.mjs'
import { slack } from './slack.mjs'

// npm run faults                     every fault against spacepool; writes results/faults.md and .json
// npm run faults -- --short          those that take no long time, under a minute; writes no results
// npm run faults -- --peers          the peers as well, with the faults that can be expressed with them
// npm run faults -- exits 'kill -9'  only these groups, or faults whose name has this in it; writes no results
//
// The exit code is 1 when a call did not settle, settled twice or got the wrong thing, or a host noticed something.

const given = process.argv.slice(2)
const short = given.includes('--short')
const withPeers = given.includes('--peers')
const wanted = given.filter((word) => !word.startsWith('--'))
/** Hosts at the same time, where no row measures anything: most of their time they wait. */
const AT_ONCE = 3

const isWanted = ({ group, name, long }) =>
  wanted.length > 0 ? wanted.some((word) => group === word || name.includes(word)) : !(short && long)

const chosen = rows.filter(isWanted)
const begun = performance.now()
if (slack > 1) console.log(`This machine is busy: things may take ${slack.toFixed(1)} times as long.\n`)
const results = await runAll(chosen, 'spacepool')
const contest = withPeers ? await runPeers(chosen.filter((row) => row.peers)) : undefined
const report = { machine, results, contest }
console.log(describe(report))
if (!short && wanted.length === 0) console.log(`\nWritten: ${await writeResults(report)}`)
const failed = results.filter(({ failures }) => failures?.length > 0)
for (const { row, failures } of failed) console.error(`FAILED: ${row.name}: ${failures.join('; ')}`)
const seconds = Math.round((performance.now() - begun) / 1000)
console.log(
  `\n${results.length - failed.length} of ${results.length} faults passed, ${failed.length} failed, ${seconds} s`
)
process.exitCode = failed.length > 0 || chosen.length === 0 ? 1 : 0

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
  const queues = [list.filter(({ alone }) => !alone), list.filter(({ alone }) => alone)]
  for (const [index, queue] of queues.entries()) {
    const lane = async () => {
      for (let row = queue.shift(); row; row = queue.shift()) found.set(row, await runOne(contestant, row))
    }
    await Promise.all(Array.from({ length: index === 0 ? AT_ONCE : 1 }, lane))
  }
  return list.map((row) => found.get(row))
}

async function runOne(contestant, row) {
  if (row.skip) return { row, skip: row.skip }
  const seen = await runHost(contestant, row)
  const hostFailures = failuresOfEnd(row, seen)
  const failures = contestant === 'spacepool' ? failuresOf(row, seen) : hostFailures
  process.stderr.write(`${failures.length === 0 ? 'ok    ' : 'FAILED'} ${contestant}: ${row.name}\n`)
  return { row, seen, failures, hostFailures }
}
