import { cp, mkdtemp, readFile, realpath, rm, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runNpm, type ProgramResult } from './run-program.js'

const root = resolve(__dirname, '../..')

export interface Consumer {
  /** A folder outside the repository, with the packed spacepool installed. */
  folder: string
  /** The files in the tarball. */
  packed: string[]
  remove(): Promise<void>
}

/**
 * Packs spacepool as it was built last, installs the tarball with npm into a new folder, and puts the programs of
 * test/fixtures/consumers there. It needs no network: what spacepool depends on comes from the repository's modules.
 */
export async function installConsumer(): Promise<Consumer> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'spacepool-consumer-')))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const { tarball, packed } = await pack(folder)
    const dependencies = await runtimeDependencies()
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
    await npm(
      ['install', '--offline', '--install-links', '--ignore-scripts', '--no-audit', '--no-fund', tarball],
      folder
    )
    await copyModules(folder, ['node_modules/@types/node', 'node_modules/undici-types'])
    await cp(join(root, 'test/fixtures/consumers'), folder, { recursive: true })
    await mkdir(join(folder, 'node_modules/greeter'))
    await cp(join(folder, 'greeter.cjs'), join(folder, 'node_modules/greeter/index.js'))
    return { folder, packed, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function pack(folder: string): Promise<{ tarball: string; packed: string[] }> {
  const { stdout } = await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root)
  const [report] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[]
  if (!report) throw new Error(`npm pack reported nothing: ${stdout}`)
  return { tarball: join(folder, report.filename), packed: report.files.map((file) => file.path) }
}

/** The packages that spacepool needs at run time, theirs included, as the lock file says, each with its folder. */
async function runtimeDependencies(): Promise<Record<string, string>> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>
  }
  const paths = Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && !entry.dev && !entry.optional && !entry.devOptional)
    .map(([path]) => path)
  return Object.fromEntries(
    paths.map((path) => [path.replace(/^node_modules\//, ''), `file:${join(root, path)}`])
  )
}

async function copyModules(folder: string, modules: string[]): Promise<void> {
  for (const module of modules) await cp(join(root, module), join(folder, module), { recursive: true })
}

async function npm(parameters: string[], cwd: string): Promise<ProgramResult> {
  const result = await runNpm(parameters, { cwd })
  if (result.code !== 0) throw new Error(`npm ${parameters[0]} failed: ${result.stdout}${result.stderr}`)
  return result
}
