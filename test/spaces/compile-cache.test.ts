import { expect } from 'chai'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { destroyPools, newPool } from '../support/pools.js'
import { removeWrittenFolders, writtenFolder } from './fixtures.js'

/** Ended by a signal, which comes after a second, a space leaves nothing. */
const stop = { ask: 60_000 }
const hasCache = 'enableCompileCache' in process.getBuiltinModule('node:module')

describe('What Node has compiled in a space', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'spacepool-'))))
  afterEach(async () => {
    await destroyPools()
    rmSync(folder, { recursive: true })
  })

  it('is kept for the next space, where Node can do that, once its space has ended in order', async () => {
    const set = await newPool({ stop, env: { NODE_COMPILE_CACHE: folder } }).add('semver')
    await set.call('semver', 'valid', ['1.2.3'])
    await set.evict()
    expect(readdirSync(folder)).to.have.length(hasCache ? 1 : 0)
    expect(await set.call('semver', 'valid', ['1.2.3'])).to.equal('1.2.3')
  })

  it('is not kept when the variables of the space say so', async () => {
    const env = { NODE_COMPILE_CACHE: folder, NODE_DISABLE_COMPILE_CACHE: '1' }
    const set = await newPool({ stop, env }).add('semver')
    await set.call('semver', 'valid', ['1.2.3'])
    await set.evict()
    expect(readdirSync(folder)).to.deep.equal([])
  })

  it('has the program of the space in it', async () => {
    const set = await newPool({ stop, env: { TMPDIR: folder } }).add('node:path')
    expect(await set.call('path', 'basename', ['/folder/file'])).to.equal('file')
    await set.evict()
    expect(existsSync(join(folder, 'node-compile-cache'))).to.equal(hasCache && process.platform !== 'win32')
  })

  it('may be damaged', async () => {
    await callAndEvict({ NODE_COMPILE_CACHE: folder })
    const files = filesIn(folder)
    expect(files.length > 0).to.equal(hasCache)
    for (const file of files) writeFileSync(file, Buffer.alloc(statSync(file).size / 2, 'damaged'))
    await callAndEvict({ NODE_COMPILE_CACHE: folder })
    for (const file of filesIn(folder)) writeFileSync(file, '')
    await callAndEvict({ NODE_COMPILE_CACHE: folder })
  })

  it('may be impossible to keep', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    await callAndEvict({ NODE_COMPILE_CACHE: file })
    await callAndEvict({ TMPDIR: file, TMP: file, TEMP: file })
    await callAndEvict({ TMPDIR: join(folder, 'nowhere') })
  })

  it('is kept without `performance`, whose first use takes a millisecond and up to 1.4 MB', async () => {
    const loaded = 'exports.loaded = () => process.moduleLoadList'
    const name = join(writtenFolder({ 'package.json': '{}', 'index.js': loaded }), 'index.js')
    try {
      const set = await newPool().add({ name, as: 'modules' })
      const modules = await set.call('modules', 'loaded', [])
      expect(modules).to.include('NativeModule fs').and.not.include('NativeModule perf_hooks')
    } finally {
      removeWrittenFolders()
    }
  })
})

async function callAndEvict(env: Record<string, string>): Promise<void> {
  const set = await newPool({ stop, env }).add('semver')
  expect(await set.call('semver', 'valid', ['1.2.3'])).to.equal('1.2.3')
  await set.evict()
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}
