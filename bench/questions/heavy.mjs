import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { WrongResult } from '../harness/lanes.mjs'
import { crash, openPool } from './open.mjs'

const expected = 'lib.es6.d.ts'
const ES6 = { target: 2 }

export const question = {
  name: 'heavy',
  title: 'Restart of a set with a package of 9 MB (typescript), to the next answer',
  cases: [{ name: 'getDefaultLibFileName', inFlight: 1, rounds: 5, onlyFull: true }],
  metrics: [
    { name: 'after a crash', unit: 'ms', better: 'less' },
    { name: 'after an eviction', unit: 'ms', better: 'less' }
  ],
  contestants: ['spacepool', 'plain require'],
  references: ['plain require'],
  // Node has its compile cache since 22.1.
  marks: [
    { metric: 'after a crash', of: 'plain require', atMost: 0.7, since: 22 },
    { metric: 'after an eviction', of: 'plain require', atMost: 0.7, since: 22 }
  ]
}

export const prepare = (details) =>
  details.contestant.name === 'spacepool' ? prepareSet(details) : prepareRequire()

async function prepareSet(details) {
  const pool = await openPool(details, {})
  const set = await pool.add('typescript')
  const timeEviction = async () => {
    await set.evict()
    return timeAnswer(set)
  }
  const timeCrash = async () => {
    const start = performance.now()
    await crash(pool)
    check(await answer(set))
    return performance.now() - start
  }
  // What one process leaves to the next has been written once it has ended.
  await timeAnswer(set)
  await timeEviction()
  const round = async () => ({
    'after a crash': await timeCrash(),
    'after an eviction': await timeEviction()
  })
  return { round, close: () => pool.close() }
}

async function timeAnswer(set) {
  const start = performance.now()
  check(await answer(set))
  return performance.now() - start
}

const answer = (set) => set.call('typescript', 'getDefaultLibFileName', [ES6])

/** A process that requires the package, calls the function and writes the result; everything else is left out. */
async function prepareRequire() {
  const file = createRequire(import.meta.url).resolve('typescript')
  const program = `process.stdout.write(require(${JSON.stringify(file)}).getDefaultLibFileName(${JSON.stringify(ES6)}))`
  const round = async () => {
    const start = performance.now()
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [output] = await once(child.stdout, 'data')
    const time = performance.now() - start
    if (child.exitCode === null) await once(child, 'exit')
    check(String(output))
    return { 'after a crash': time, 'after an eviction': time }
  }
  await round()
  return { round, close: () => {} }
}

function check(answer) {
  if (answer !== expected) throw new WrongResult(`getDefaultLibFileName answered ${answer}`)
}
