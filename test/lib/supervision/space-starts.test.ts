import { expect } from 'chai'
import { parsePoolOptions } from '../../../lib/options.js'
import { nobody } from '../../../lib/space/space-owner.js'
import type { Space } from '../../../lib/space/space.js'
import { SpaceStarts } from '../../../lib/supervision/space-starts.js'
import { Timetable } from '../../../lib/supervision/timetable.js'
import { now } from '../../../lib/wire/clock.js'
import { processSettings } from '../../support/process-settings.js'

describe('The starts of spaces', () => {
  it('are not waited for by a space that is ended before its turn', async () => {
    const timetable = new Timetable(now)
    // The turn of the second one comes after more time than a test has.
    const starts = new SpaceStarts(parsePoolOptions({ restart: { startsPerSecond: 0.01 } }), timetable, 10)
    const first = starts.start(processSettings(), nobody)
    await first.ready
    const [stopped, killed] = [0, 1].map(() => starts.start(processSettings(), nobody)) as [Space, Space]
    killed.kill()
    for (const end of [await stopped.stop(), await killed.ended]) {
      expect(end).to.include({ cause: undefined, exitCode: null, signal: null })
    }
    await first.stop()
    timetable.clear()
    starts.giveUp()
    starts.close()
  })
})
