import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writtenFolder } from '../spaces/fixtures.js'

/**
 * What calls in spaces wait for, be they blocked or not, until the test has seen what it wants to see meanwhile: a
 * file. Suites that have one remove the written folders afterwards.
 */
export class Gate {
  readonly file = join(writtenFolder({}), 'open')

  open(): void {
    writeFileSync(this.file, '')
  }
}

/** An ES module that is loaded when this gate is open. */
export function waitsAtLoad({ file }: Gate): string {
  return `import { existsSync } from 'node:fs'
    while (!existsSync(${JSON.stringify(file)})) await new Promise((resolve) => setTimeout(resolve, 5))
    export const loaded = () => true`
}
