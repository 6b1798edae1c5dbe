import { expect } from 'chai'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { destroyPools, newPool } from '../support/pools.js'
import { removeWrittenFolders, writtenFolder } from './fixtures.js'

const hasCache = 'enableCompileCache' in process.getBuiltinModule('node:module')

describe('What Node has compiled in a space', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'spacepool-'))))
  afterEach(async () => {
    await destroyPools()
    rmSync(folder, { recursive: true })
  })

  it('is kept for the next space, where Node can do that, once its space has ended in order', async () => {
    const set = await newPool({ env: { NODE_COMPILE_CACHE: folder } }).add('semver')
    await set.call('semver', 'valid', ['1.2.3'])
    await set.evict()
    expect(readdirSync(folder)).to.have.length(hasCache ? 1 : 0)
    expect(await set.call('semver', 'valid', ['1.2.3'])).to.equal('1.2.3')
  })

  it('is not kept when the variables of the space say so', async () => {
    const env = { NODE_COMPILE_CACHE: folder, NODE_DISABLE_COMPILE_CACHE: '1' }
    const set = await newPool({ env }).add('semver')
    await set.call('semver', 'valid', ['1.2.3'])
    await set.evict()
    expect(readdirSync(folder)).to.deep.equal([])
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
