import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const readJson = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'))

/** The pinned versions of the peers, by package name. */
export const pinned = readJson('package.json').dependencies

/** Installs the peers into bench/node_modules, unless they are there in the pinned versions. */
export function installPeers() {
  if (Object.entries(pinned).every(isInstalled)) return
  process.stderr.write('Installing the peers (npm ci in bench/) ...\n')
  const { status } = runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], fileURLToPath(root))
  if (status !== 0) throw new Error('The peers could not be installed. Run: npm ci --prefix bench')
}

function isInstalled([name, version]) {
  const path = `node_modules/${name}/package.json`
  return existsSync(new URL(path, root)) && readJson(path).version === version
}

/** Runs npm in a folder; shows only what goes wrong. */
export function runNpm(args, cwd) {
  const options = { cwd, stdio: ['ignore', 'ignore', 'inherit'] }
  const npm = process.env.npm_execpath
  return npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
}
