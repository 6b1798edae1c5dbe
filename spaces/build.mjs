import { build } from 'esbuild'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'

// npm run build:space                   the program inside a space, in dist/spaces: main.cjs, program.cjs and later.cjs
// npm run build:space -- --sourcemap    with source maps, for coverage
//
// Node is started with main.cjs, which turns on its compile cache and loads program.cjs. That every space compiles and
// evaluates before it is ready. What only some spaces ever use is in later.cjs, which
// is compiled when something in it is used first: bench/limits/start.md has what that saves. A module is in later.cjs
// when every way to it leads through one of these doors. The sources know nothing of it: to program.cjs a door is an object
// of getters, and to later.cjs a module of program.cjs is what program.cjs gives it. So each module is there once.
const doors = [
  'lib/wire/chain.ts',
  'lib/wire/decode-builtins.ts',
  'lib/wire/encode-builtins.ts',
  'lib/wire/far-stream.ts',
  'lib/wire/fate.ts',
  'lib/wire/function-names.ts',
  'lib/wire/iterator-source.ts',
  'lib/wire/lent-streams.ts',
  'lib/wire/place-of.ts',
  'lib/wire/recorder.ts',
  'lib/wire/remote-proxy.ts',
  'lib/wire/script.ts',
  'lib/wire/script-run.ts',
  'lib/wire/stand-ins.ts',
  'lib/wire/stream-kinds.ts',
  'lib/wire/stream-line.ts',
  'spaces/find-on-either.ts',
  'spaces/garbage.ts',
  'spaces/held-script.ts'
]
/** Nothing but constants: cheaper to have twice. */
const copied = ['lib/wire/tags.ts']

const root = resolve(import.meta.dirname, '..')
const settings = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
  metafile: true,
  write: false,
  sourcemap: process.argv.includes('--sourcemap')
}

const first = await modulesBeforeDoors()
const exported = await namesExportedBy([...first, ...doors])
await mkdir(join(root, 'dist/spaces'), { recursive: true })
await buildProgram(await buildLater())
await write('main.cjs', 'main.ts', [await textOf('main.ts')], outside([]), '')

/** The modules that can be reached without a door. */
async function modulesBeforeDoors() {
  const { metafile } = await build({
    ...settings,
    entryPoints: ['spaces/program.ts'],
    plugins: [outside(doors)]
  })
  return Object.keys(metafile.inputs).filter((name) => !copied.includes(name))
}

async function namesExportedBy(names) {
  const { metafile } = await build({
    ...settings,
    entryPoints: names,
    bundle: false,
    format: 'esm',
    outdir: 'none'
  })
  return new Map(Object.values(metafile.outputs).map(({ entryPoint, exports }) => [entryPoint, exports]))
}

/** Answers the modules of program.cjs that it uses. */
async function buildLater() {
  const shared = new Set()
  const lines = doors.map((name, n) => `import * as door${n} from '../${name}'\nparts['${name}'] = door${n}`)
  const plugin = outside(first, (name) => shared.add(name))
  await write('later.cjs', 'program.ts', lines, plugin, '')
  return [...shared]
}

async function buildProgram(shared) {
  const imports = shared.map(
    (name, n) => `import { ${list(name, (each) => `${each} as ${each}${n}`)} } from '../${name}'`
  )
  const modules = shared.map((name, n) => `'${name}': { ${list(name, (each) => `${each}: ${each}${n}`)} }`)
  const lines = [
    // Its text and not an import of it, for which the bundler would put every module into a function of its own.
    await textOf('program.ts'),
    ...["import { load } from './later.ts'", ...imports],
    `openDoors = () => load({ ${modules.join(', ')} })`
  ]
  const getters = doors.map(
    (name) => `'${name}':{${list(name, (each) => `get ${each}(){return door('${name}').${each}}`)}}`
  )
  const banner = `let openDoors,behind;const door=(name)=>(behind??=openDoors())[name],outside={${getters}};`
  await write('program.cjs', 'program.ts', lines, outside(doors), banner)
}

function textOf(source) {
  return readFile(join(root, 'spaces', source), 'utf8')
}

function list(name, written) {
  return exported.get(name).map(written).join(', ')
}

/** Bundles these lines, which stand for a source. What is outside is read from an object of that name. */
async function write(name, source, lines, plugin, banner) {
  const { outputFiles } = await build({
    ...settings,
    stdin: {
      contents: lines.join('\n'),
      resolveDir: join(root, 'spaces'),
      sourcefile: `spaces/${source}`,
      loader: 'ts'
    },
    outfile: `dist/spaces/${name}`,
    banner: { js: `"use strict";${banner}` },
    plugins: [plugin]
  })
  for (const { path, text } of outputFiles) {
    // As long as before, so that a source map still fits.
    const read = path.endsWith('.map')
      ? text
      : text.replace(/require\("outside:(.*?)"\)/g, (call, each) => `outside["${each}"]`.padEnd(call.length))
    await writeFile(path, read)
  }
}

/** Leaves these modules out, wherever they are imported. */
function outside(names, found = () => {}) {
  return {
    name: 'outside',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\//, namespace: 'file' }, ({ path, resolveDir }) => {
        const name = relative(root, join(resolveDir, path)).replaceAll(sep, '/').replace(/\.js$/, '.ts')
        if (!names.includes(name)) return undefined
        found(name)
        return { path: `outside:${name}`, external: true }
      })
    }
  }
}
