import { killChild, livingChildren, strayChildren, type Child } from './children.js'

/** How long a child may take to end after its test, in milliseconds. */
const grace = 500

/** How long the run may stay alive after its last test, in milliseconds, before it is ended as hanging. */
const patience = 5000

let before: ReadonlySet<number> = new Set()

/**
 * A test fails when a child that it started is alive after it, and the child is killed. Children that the hooks of
 * its suite started beforehand are left alone; they have to be gone when the last test is over.
 */
export const mochaHooks: Mocha.RootHookObject = {
  beforeEach() {
    before = new Set(livingChildren().map((child) => child.pid))
  },
  async afterEach(this: Mocha.Context) {
    const strays = await strayChildren(before, grace)
    if (strays.length === 0) return
    killAll(strays)
    // An error of the hook itself would end the whole run; this one fails the test and the run goes on.
    failCurrentTest(this, new Error(`the test left ${describeAll(strays)}`))
  },
  async afterAll() {
    setTimeout(endHangingRun, patience).unref()
    const strays = await strayChildren(new Set(), grace)
    if (strays.length === 0) return
    killAll(strays)
    throw new Error(`the hooks of a suite left ${describeAll(strays)}`)
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
  const resources = process.getActiveResourcesInfo().join(', ')
  process.stderr.write(`The tests are over, but something keeps their process alive: ${resources}\n`)
  // Mocha sets the exit code in an 'exit' listener of its own; this one comes after it.
  process.on('exit', () => (process.exitCode = 1))
  process.exit()
}
