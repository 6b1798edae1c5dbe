import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { peers } from './peers/index.mjs'
import { readStored } from './stored.mjs'
import { shortPeerTable } from './table.mjs'

// node bench/faults/show.mjs           puts what is in bench/results/faults.json into the README, without a run
// node bench/faults/show.mjs --check   the exit code is 1 when the README shows something else

const readme = new URL('../../README.md', import.meta.url)
const [BEGIN, END] = ['<!-- faults -->', '<!-- end of faults -->']

/** Shows what the last run with peers found, between the two markers in the README. */
export function show() {
  writeFileSync(readme, shown())
  return 'README.md'
}

function shown() {
  const text = readFileSync(readme, 'utf8')
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`README.md has no ${BEGIN} with ${END} after it`)
  const table = found()
  const parts = [text.slice(0, begin + BEGIN.length), ...table, text.slice(end)]
  return parts.join(table.length > 0 ? '\n\n' : '\n')
}

/** The table, and under what conditions it was made. */
function found() {
  const { machine, results, contest } = readStored()
  if (!contest) return []
  const shared = results.map(({ row }) => row).filter(({ name, peers }) => peers && contest.spacepool[name])
  const contestants = [{ name: 'spacepool', title: 'spacepool' }, ...peers.map(entitled)].filter(
    ({ name }) => contest[name]
  )
  const { node, platform, cores } = machine
  const conditions = [
    `Node ${node}, ${platform}, ${cores} cores. Unless more is said the next call works. A dash: a thread cannot be put`,
    'through it. jest-worker has no timeout. [In more words](bench/results/faults.md).'
  ].join('\n')
  return [shortPeerTable(shared, contestants, contest), conditions]

  function entitled({ name, runsIn }) {
    return { name, title: `${name} ${machine.packages[name]} (${runsIn})` }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes('--check')
  if (!isCheck) console.log(`Shown in: ${show()}`)
  else if (shown() !== readFileSync(readme, 'utf8')) process.exitCode = 1
}
