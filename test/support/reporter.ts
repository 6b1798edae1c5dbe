import { writeFileSync } from 'node:fs'
import Mocha from 'mocha'

/**
 * Mocha's spec reporter, which also writes the totals as JSON to the file that SPACEPOOL_TEST_TOTALS names. A test
 * that passed and was failed afterwards, because it left a child alive, counts as failed only.
 */
class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const passed = new Set<Mocha.Test>()
    let failed = 0
    runner.on('pass', (test) => passed.add(test))
    runner.on('fail', (test) => {
      passed.delete(test)
      failed += 1
    })
    runner.once('end', () => {
      const file = process.env['SPACEPOOL_TEST_TOTALS']
      if (file) writeFileSync(file, JSON.stringify({ passed: passed.size, failed }))
    })
  }
}

export = Reporter
