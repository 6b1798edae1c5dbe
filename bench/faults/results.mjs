import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { peers } from './peers/index.mjs'
import { groups, rows } from './rows/index.mjs'
import { faultTable, peerTable } from './table.mjs'

const folder = new URL('../results/', import.meta.url)
const file = (ending) => new URL(`faults.${ending}`, folder)

const titles = {
  exits: 'Packages that end their process, or take away what it stands on',
  hangs: 'Packages that block',
  values: 'Values that are lost elsewhere, or cannot cross',
  frames: 'What a package writes on the pipe of its space',
  floods: 'Too much of everything',
  limits: 'What the system of the host does',
  loops: 'Crash loops',
  shutdown: 'Closing in every state',
  orphans: 'The host is gone'
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
    const shared = rows.filter(({ name }) => contest.spacepool[name])
    parts.push('## The same with the peers', `${versions}. A call that takes more than 6 s hangs.`)
    parts.push(peerTable(shared, contest))
  }
  return parts.join('\n\n')
}

/** Writes bench/results/faults.md and .json. Peers that were not run this time keep what an earlier run found. */
export async function writeResults(report) {
  const { format } = await import('prettier')
  const plain = JSON.parse(JSON.stringify(report, storable))
  const whole = { ...plain, contest: plain.contest ?? readEarlier().contest }
  mkdirSync(folder, { recursive: true })
  writeFileSync(file('json'), await format(JSON.stringify(whole), { parser: 'json', printWidth: 110 }))
  writeFileSync(file('md'), await format(`${describe(whole)}\n`, { parser: 'markdown', printWidth: 110 }))
  return 'bench/results/faults.md and faults.json'
}

function readEarlier() {
  try {
    return JSON.parse(readFileSync(file('json'), 'utf8'))
  } catch {
    return {}
  }
}

function storable(key, value) {
  if (key === 'row') return { name: value.name, group: value.group, killsHost: value.killsHost }
  if (key === 'value') return String(value)
  if (key === 'latencies') return undefined
  if (typeof value === 'bigint' || value === Infinity) return String(value)
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}
