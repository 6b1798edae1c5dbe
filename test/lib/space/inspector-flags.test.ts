import { expect } from 'chai'
import { spaceEntry } from '../../../lib/space/entry.js'
import { inspectorFlags } from '../../../lib/space/inspector-flags.js'
import { INSPECTOR_FLAGS } from '../../../lib/wire/inspector-flags.js'
import type { ProcessSettings } from '../../../lib/settings.js'
import { processSettings, program } from '../../support/process-settings.js'

if (process.platform !== 'win32') {
  describe('The flags for the inspector', () => {
    it('are given to every space whose standard error is captured', () => {
      expect(flags({})).to.deep.equal(INSPECTOR_FLAGS)
      expect(flags({ execArgv: ['--no-warnings', '--require', './inspect'] })).to.deep.equal(INSPECTOR_FLAGS)
      for (const stdio of ['ignore', 'inherit'] as const) expect(flags({ stdio })).to.deep.equal([])
    })

    it('are not given where the inspector is used already, or cannot be', () => {
      for (const flag of [
        ...[
          '--inspect',
          '--inspect=9230',
          '--inspect-brk',
          '--inspect-port=9230',
          '--inspect-publish-uid=http'
        ],
        ...['--debug-port=9230', '--disable-sigusr1', '--permission', '--experimental-permission']
      ]) {
        expect(flags({ execArgv: ['--no-warnings', flag] }), flag).to.deep.equal([])
      }
    })

    it('are not given to other programs', () => {
      expect(inspectorFlags(processSettings(), program('echo.cjs'))).to.deep.equal([])
    })
  })
}

function flags(changes: Partial<ProcessSettings>): readonly string[] {
  return inspectorFlags(processSettings(changes), spaceEntry)
}
