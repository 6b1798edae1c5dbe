import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build, stop } from 'esbuild'

const directory = mkdtempSync(join(tmpdir(), 'spacepool-bundles-'))
process.once('exit', () => rmSync(directory, { recursive: true, force: true }))

const built = new Map<string, string>()

/** Builds a TypeScript program, with what it imports, into one file that node runs at once. Answers its path. */
export async function bundle(path: string): Promise<string> {
  const outfile = built.get(path) ?? join(directory, `${basename(path, '.ts')}.cjs`)
  if (built.has(path)) return outfile
  await build({
    entryPoints: [path],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20'
  })
  // Its process would be a child that outlives the test.
  await stop()
  built.set(path, outfile)
  return outfile
}
