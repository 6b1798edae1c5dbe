import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { profiles } from './profile.mjs'
import { markdownTable } from './table.mjs'

/** So many rows tell where the time goes. */
const ROWS = 25
/** What the profiler calls the time in which a process waited. */
const WAITING = '(idle)'

/** The names of the profiles that are there. */
export const profilesThere = () => new Set(readProfileNames())

/** The functions of each profile that came since, by the time in themselves: one table for each process. */
export function describeProfilesSince(before) {
  return readProfileNames()
    .filter((name) => !before.has(name))
    .map((name) => `### ${name}\n\n${describeProfile(join(profiles, name))}`)
    .join('\n\n')
}

function describeProfile(file) {
  const { nodes, samples = [], timeDeltas = [] } = JSON.parse(readFileSync(file, 'utf8'))
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]))
  const times = new Map()
  samples.forEach((id, index) => {
    const place = places.get(id)
    times.set(place, (times.get(place) ?? 0) + timeDeltas[index])
  })
  const waited = times.get(WAITING) ?? 0
  times.delete(WAITING)
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0)
  const rows = [...times].sort(([, left], [, right]) => right - left).slice(0, ROWS)
  const table = rows.map(([place, time]) => [place, (time / 1000).toFixed(0), percent(time / busy)])
  const head = `busy ${(busy / 1000).toFixed(0)} ms, waiting ${(waited / 1000).toFixed(0)} ms`
  return `${head}\n\n${markdownTable(['function', 'self, ms', 'share'], table, 1)}`
}

function placeOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)'
  if (url === '') return name
  const file = url.startsWith('file:') ? fileURLToPath(url) : url
  return `${name} ${basename(file)}:${lineNumber + 1}`
}

function readProfileNames() {
  try {
    return readdirSync(profiles)
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}

const percent = (part) => `${(part * 100).toFixed(1)} %`
