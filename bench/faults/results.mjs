import { mkdirSync, writeFileSync } from 'node:fs'
import { peers } from './peers/index.mjs'
import { groups, rows } from './rows/index.mjs'
import { readStored, storedFile } from './stored.mjs'
import { faultTable, peerTable } from './table.mjs'

const titles = {
  exits: 'Packages that end their process, or take away what it stands on',
  hangs: 'Packages that block',
  values: 'Values that are lost elsewhere, or cannot cross',
  frames: 'What a package writes on the pipe of its space',
  floods: 'Too much of everything',
  limits: 'What the system of the host does',
  loops: 'Crash loops',
  shutdown: 'Closing in every state',
  orphans: 'The host is gone',
  recycling: 'Spaces that are replaced in time'
}

/** Everything that a run found, in Markdown. */
export function describe({ machine, results, contest }) {
  const { node, platform, cores, packages } = machine
  const parts = [`# Faults, on Node ${node}, ${platform}, ${cores} cores`]
  for (const group of Object.keys(groups)) {
    const own = results.filter(({ row }) => row.group === group)
    if (own.length > 0) parts.push(`## ${titles[group]}`, faultTable(own))
  }
  if (contest) {
    const versions = peers.map(({ name, runsIn }) => `${name} ${packages[name]} (${runsIn})`).join(', ')
    const shared = rows.filter((row) => row.peers && contest.spacepool[row.name])
    parts.push('## The same with the peers', `${versions}. A call that takes more than 6 s hangs.`)
    parts.push(peerTable(shared, contest))
  }
  return parts.join('\n\n')
}

/** Writes bench/results/faults.md and .json. What was not run this time keeps what an earlier run found. */
export async function writeResults(report) {
  const { format } = await import('prettier')
  const plain = JSON.parse(JSON.stringify(report, storable))
  const whole = merged(readStored(), plain)
  mkdirSync(new URL('.', storedFile('md')), { recursive: true })
  writeFileSync(storedFile('json'), await format(JSON.stringify(whole), { parser: 'json', printWidth: 110 }))
  writeFileSync(
    storedFile('md'),
    await format(`${describe(whole)}\n`, { parser: 'markdown', printWidth: 110 })
  )
  return 'bench/results/faults.md and faults.json'
}

/** A run on another Node or machine begins anew; what the peers did stays until they are run again. */
function merged(earlier, { machine, results, contest }) {
  if (JSON.stringify(earlier.machine) !== JSON.stringify(machine)) {
    return { machine, results, contest: contest ?? earlier.contest }
  }
  const found = new Map([...earlier.results, ...results].map((result) => [result.row.name, result]))
  return {
    machine,
    results: rows.flatMap(({ name }) => found.get(name) ?? []),
    contest:
      contest && earlier.contest ? mergedContest(earlier.contest, contest) : (contest ?? earlier.contest)
  }
}

function mergedContest(earlier, contest) {
  const names = Object.keys(contest)
  return Object.fromEntries(names.map((name) => [name, { ...earlier[name], ...contest[name] }]))
}

function storable(key, value) {
  if (key === 'row') {
    const { name, group, killsHost, module, peers: shared } = value
    return { name, group, killsHost, module, peers: shared }
  }
  if (key === 'value') return String(value)
  if (key === 'latencies') return undefined
  if (typeof value === 'bigint' || value === Infinity) return String(value)
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}
