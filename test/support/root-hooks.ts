import { inspect } from 'node:util'
import { killChild, livingChildren, strayChildren, type Child } from './children.js'

/** How long a child may take to end after its test, in milliseconds. */
const grace = 500

/** How long the run, or the process of a file, may have something to do after the last test, in milliseconds. */
const patience = 5000

let before: ReadonlySet<number> = new Set()
/** What kept this process alive before the tests of its file. */
let resources: readonly string[] = []

/**
 * A test fails when a child that it started is alive after it, and the child is killed. Children that the hooks of
 * its suite started beforehand are left alone; they have to be gone when the last test is over. So has everything that
 * would keep the process alive. (Mocha runs the outer hooks once for a file where files run in parallel, each in a
 * process that goes on to the next file, and else once for all of them.)
 */
export const mochaHooks: Mocha.RootHookObject = {
  async beforeAll() {
    // From the next turn on the timeout of the hook is among them, as it is in the last hook.
    await Promise.resolve()
    resources = process.getActiveResourcesInfo()
  },
  beforeEach() {
    before = new Set(livingChildren().map((child) => child.pid))
  },
  async afterEach(this: Mocha.Context) {
    describeValues(this.currentTest?.err)
    const strays = await strayChildren(before, grace)
    if (strays.length === 0) return
    killAll(strays)
    // An error of the hook itself would end the whole run; this one fails the test and the run goes on.
    failCurrentTest(this, new Error(`the test left ${describeAll(strays)}`))
  },
  async afterAll() {
    const runsOn = process.env['MOCHA_WORKER_ID'] !== undefined
    if (!runsOn) setTimeout(endHangingRun, patience).unref()
    const strays = await strayChildren(new Set(), grace)
    killAll(strays)
    if (strays.length > 0) throw new Error(`the hooks of a suite left ${describeAll(strays)}`)
    if (runsOn) await nothingMore()
  }
}

/**
 * What a failed assertion compared goes to mocha's own process in words: on the way it is asked for a member
 * `serialize`, and a live object has every member that it is asked for.
 */
function describeValues(error: (Error & { actual?: unknown; expected?: unknown }) | undefined): void {
  if (error === undefined || process.env['MOCHA_WORKER_ID'] === undefined) return
  if (typeof error.actual !== 'string') error.actual = inspect(error.actual, { depth: 6 })
  if (typeof error.expected !== 'string') error.expected = inspect(error.expected, { depth: 6 })
}

/** Fails when something that was not there before the tests still keeps this process alive. */
async function nothingMore(): Promise<void> {
  const deadline = Date.now() + patience
  for (;;) {
    const more = process.getActiveResourcesInfo()
    for (const resource of resources) if (more.includes(resource)) more.splice(more.indexOf(resource), 1)
    if (more.length === 0) return
    if (Date.now() >= deadline) {
      throw new Error(`the tests are over, but keep their process alive: ${more.join(', ')}`)
    }
    // Such a timer is no active resource.
    await new Promise((resolve) => setTimeout(resolve, 10).unref())
  }
}

function killAll(strays: Child[]): void {
  for (const { pid } of strays) killChild(pid)
}

/** `error` is what mocha's hooks have for this purpose; its types do not list it. */
function failCurrentTest(context: Mocha.Context, reason: Error): void {
  const hook = context.test as (Mocha.Runnable & { error(reason: Error): void }) | undefined
  hook?.error(reason)
}

function describeAll(strays: Child[]): string {
  return strays.map(({ pid, command }) => `a child alive: ${pid} (${command.slice(0, 200)})`).join(', ')
}

function endHangingRun(): void {
  const left = process.getActiveResourcesInfo().join(', ')
  process.stderr.write(`The tests are over, but something keeps their process alive: ${left}\n`)
  // Mocha sets the exit code in an 'exit' listener of its own; this one comes after it.
  process.on('exit', () => (process.exitCode = 1))
  process.exit()
}
