import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/**
 * The attack that the tests make on hosts with live objects under way, on the sources that stand here: what it takes to
 * hold such conversations is there, and would be the same again.
 */
export async function liveAttack() {
  const directory = mkdtempSync(join(tmpdir(), 'spacepool-soak-'))
  try {
    const outfile = join(directory, 'attack.cjs')
    const entry = fileURLToPath(new URL('../../test/support/live-attack.ts', import.meta.url))
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20'
    })
    const { LiveAttack, Dice, Neighbour } = createRequire(import.meta.url)(outfile)
    const [attack, neighbour] = [await LiveAttack.prepare(), new Neighbour()]
    return {
      /** One hostile space; how many frames it sent, and whether they were its end. */
      async attempt(seed) {
        const before = { frames: attack.frames, violations: attack.violations }
        await attack.attempt(new Dice(seed))
        return { frames: attack.frames - before.frames, violations: attack.violations - before.violations }
      },
      checkNeighbour: () => neighbour.check()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
