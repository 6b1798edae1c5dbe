import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The folder of spacepool as it was at this commit, built; made in the system's folder for temporary files when it is not there. */
export function buildOf(commit) {
  const folder = join(tmpdir(), `spacepool-${commit}`)
  if (existsSync(folder)) return folder
  const fresh = mkdtempSync(join(tmpdir(), 'spacepool-'))
  const run = (file, args, cwd) => execFileSync(file, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    run('git', ['clone', '--quiet', '--no-checkout', root, fresh])
    run('git', ['checkout', '--quiet', commit], fresh)
    symlinkSync(join(root, 'node_modules'), join(fresh, 'node_modules'), 'junction')
    run('npm', ['run', '--silent', 'build'], fresh)
    renameSync(fresh, folder)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    throw error
  }
  return folder
}
