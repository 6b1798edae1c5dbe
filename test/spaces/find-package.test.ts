import { expect } from 'chai'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { findPackage } from '../../spaces/find-package.js'
import { loadPackage } from '../../spaces/load-package.js'
import { packages, removeWrittenFolders, writtenFolder } from './fixtures.js'

const where = async (name: string, paths: string[]) => {
  const exported = (await loadPackage({ name, paths })) as { where(): unknown }
  return exported.where()
}

const commonJs = (answer: string) => `exports.where = () => '${answer}'\n`
const esModule = (answer: string) => `export const where = () => '${answer}'\n`
const manifest = (name: string) => JSON.stringify({ name, exports: { import: './index.mjs' } })

describe('finding a package', () => {
  after(removeWrittenFolders)

  it('looks into a folder that holds packages, whatever it is called', async () => {
    const folder = writtenFolder({
      'plugins/common/package.json': '{}',
      'plugins/common/index.js': commonJs('common'),
      'plugins/modern/package.json': manifest('modern'),
      'plugins/modern/index.mjs': esModule('modern'),
      'plugins/@scope/modern/package.json': manifest('@scope/modern'),
      'plugins/@scope/modern/index.mjs': esModule('scoped')
    })
    const paths = [join(folder, 'plugins')]
    expect(await where('common', paths)).to.equal('common')
    expect(await where('modern', paths)).to.equal('modern')
    expect(await where('@scope/modern', paths)).to.equal('scoped')
  })

  it('finds an ES module under another name than its own', async () => {
    const folder = writtenFolder({
      'plugins/alias/package.json': manifest('its-real-name'),
      'plugins/alias/index.mjs': esModule('in plugins'),
      'node_modules/other-alias/package.json': manifest('its-real-name'),
      'node_modules/other-alias/index.mjs': esModule('in node_modules'),
      'node_modules/nameless/package.json': '{ "exports": { "import": "./index.mjs" } }',
      'node_modules/nameless/index.mjs': esModule('nameless')
    })
    expect(await where('alias', [join(folder, 'plugins')])).to.equal('in plugins')
    expect(await where('other-alias', [folder])).to.equal('in node_modules')
    expect(await where('nameless', [join(folder, 'node_modules')])).to.equal('nameless')
  })

  it('starts an ordinary look-up from a folder and goes upward', async () => {
    const folder = writtenFolder({
      'node_modules/common/index.js': commonJs('top'),
      'node_modules/modern/package.json': manifest('modern'),
      'node_modules/modern/index.mjs': esModule('top'),
      'app/node_modules/common/index.js': commonJs('app'),
      'app/src/deep/main.js': ''
    })
    expect(await where('common', [join(folder, 'app/src/deep')])).to.equal('app')
    expect(await where('modern', [join(folder, 'app/src/deep')])).to.equal('top')
    expect(await where('common', [folder])).to.equal('top')
    expect(await where('common', [join(folder, 'not/there')])).to.equal('top')
  })

  it('takes the folders in order', async () => {
    const one = join(packages, 'two-versions/one')
    const two = join(packages, 'two-versions/two')
    const version = async (paths: string[]) =>
      ((await loadPackage({ name: 'versioned', paths })) as { version(): string }).version()
    expect(await version([one, two])).to.equal('1.0.0')
    expect(await version([two, one])).to.equal('2.0.0')
    expect(await version([join(two, 'node_modules'), join(one, 'node_modules')])).to.equal('2.0.0')
    expect(await version([packages, one])).to.equal('1.0.0')
  })

  it('takes an own file or folder for a package only when there is none of that name', async () => {
    const folder = writtenFolder({
      'node_modules/redis/index.js': commonJs('installed'),
      'node_modules/test/index.js': commonJs('installed'),
      'redis.js': commonJs('own file'),
      'test/index.js': commonJs('own folder'),
      'hello.js': commonJs('own file'),
      'tools/index.js': commonJs('own folder')
    })
    expect(await where('redis', [folder])).to.equal('installed')
    expect(await where('test', [folder])).to.equal('installed')
    expect(await where('hello', [folder])).to.equal('own file')
    expect(await where('tools', [folder])).to.equal('own folder')
  })

  it('takes a bare file in node_modules', async () => {
    const folder = writtenFolder({ 'node_modules/single.js': commonJs('single file') })
    expect(await where('single', [folder])).to.equal('single file')
  })

  it('goes on where a package without exports lacks the file', async () => {
    const folder = writtenFolder({
      'node_modules/common/extra.js': commonJs('top'),
      'app/node_modules/common/package.json': '{}',
      'app/node_modules/common/index.js': commonJs('app')
    })
    expect(await where('common/extra', [join(folder, 'app')])).to.equal('top')
  })

  it('follows links', async () => {
    const folder = writtenFolder({
      'store/modern@1/package.json': manifest('modern'),
      'store/modern@1/index.mjs': esModule('store'),
      'app/node_modules/other/index.js': '',
      'app/plugins/other/index.js': ''
    })
    for (const place of ['node_modules', 'plugins']) {
      symlinkSync(join(folder, 'store/modern@1'), join(folder, 'app', place, 'modern'), 'dir')
      expect(await where('modern', [join(folder, 'app', place)])).to.equal('store')
    }
  })

  it('answers nothing where nothing is', () => {
    expect(findPackage('is-installed-nowhere', [packages])).to.equal(undefined)
    expect(findPackage('plain-functions', [])).to.equal(undefined)
  })
})
