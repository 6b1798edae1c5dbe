import { expect } from 'chai'
import fsPromises from 'node:fs/promises'
import { createRequire } from 'node:module'
import path, { join } from 'node:path'
import nodeTest from 'node:test'
import { loadPackage } from '../../spaces/load-package.js'
import { packages, refusalOf, removeWrittenFolders, writeInto, writtenFolder } from './fixtures.js'

type Exported = Record<string, (...parameters: unknown[]) => unknown>

const load = async (name: string, paths: string[] = [packages]) =>
  (await loadPackage({ name, paths })) as Exported

describe('loading a package', () => {
  after(removeWrittenFolders)

  describe('of each format', () => {
    it('answers module.exports of CommonJS', async () => {
      const exported = await load('plain-functions')
      expect(exported['add']?.(1, 2)).to.equal(3)
      expect(exported).to.equal(createRequire(__filename)(join(packages, 'plain-functions')))
    })

    it('answers the namespace of an ES module that is exported to import only', async () => {
      const namespace = await load('esm-only')
      expect(namespace[Symbol.toStringTag as never]).to.equal('Module')
      expect(namespace['add']?.(1, 2)).to.equal(3)
      expect(namespace['kind']?.()).to.equal('module')
    })

    it('waits for a top-level await, and evaluates the module once', async () => {
      const [first, second] = await Promise.all([load('esm-top-level-await'), load('esm-top-level-await')])
      expect(first).to.equal(second)
      expect(first['when']?.()).to.be.a('number')
      expect(first['evaluations']?.()).to.equal(1)
    })

    it('loads an ES module by `main`, without `exports`', async () => {
      expect((await load('esm-without-exports'))['add']?.(1, 2)).to.equal(3)
    })

    it('recognises an ES module by its syntax where nothing else tells', async () => {
      const folder = writtenFolder({
        'node_modules/words/package.json': '{}',
        'node_modules/words/index.js': 'export const kind = () => typeof module\n',
        'node_modules/words/common.js': '// export nothing\nexports.kind = () => typeof module\n'
      })
      expect((await load('words', [folder]))['kind']?.()).to.equal('undefined')
      expect((await load('words/common', [folder]))['kind']?.()).to.equal('object')
    })

    it('leaves it to Node what a large file is that may be CommonJS, also when it is none', async () => {
      const filling = `/* import nothing from here, module.exports = nothing\n${'x'.repeat(512 * 1024)} */\n`
      const folder = writtenFolder({
        'node_modules/large/package.json': '{}',
        'node_modules/large/common.js': `${filling}exports.kind = () => typeof module\n`,
        'node_modules/large/module.js': `${filling}export const kind = () => typeof module\n`,
        'node_modules/large/waits.js': `${filling}await 0\nexport const kind = () => typeof module\n`
      })
      expect((await load('large/common', [folder]))['kind']?.()).to.equal('object')
      expect((await load('large/module', [folder]))['kind']?.()).to.equal('undefined')
      expect((await load('large/waits', [folder]))['kind']?.()).to.equal('undefined')
    })

    it('takes what require would take where a package has both formats', async () => {
      expect((await load('both-formats'))['format']?.()).to.equal('commonjs')
    })

    it('loads builtins, under both of their names', async () => {
      expect(await load('path', [])).to.equal(path)
      expect(await load('node:fs/promises', [])).to.equal(fsPromises)
      expect(await load('node:test', [])).to.equal(nodeTest)
    })

    it('loads data', async () => {
      expect(await load('subpath-exports/data.json')).to.deep.equal({ answer: 42 })
    })
  })

  describe('by each kind of name', () => {
    it('loads scoped packages', async () => {
      expect((await load('@scoped/package'))['name']?.()).to.equal('@scoped/package')
      expect((await load('@scoped/package/extra'))['name']?.()).to.equal('@scoped/package/extra')
    })

    it('loads subpaths as exported', async () => {
      expect((await load('subpath-exports/add'))['add']?.(1, 2)).to.equal(3)
      expect((await load('subpath-exports/features/add'))['add']?.(1, 2)).to.equal(3)
      expect((await load('subpath-exports/module'))['where']?.()).to.equal('module')
      expect((await load('subpath-exports/only-import'))['where']?.()).to.equal('module')
      expect((await load('esm-only/extra'))['subtract']?.(3, 2)).to.equal(1)
    })

    it('loads subpaths of packages without exports as files, with or without their ending', async () => {
      expect((await load('plain-functions/lib/numbers'))['double']?.(2)).to.equal(4)
      expect((await load('plain-functions/lib/numbers.js'))['double']?.(2)).to.equal(4)
      expect((await load('esm-without-exports/lib/numbers.js'))['double']?.(2)).to.equal(4)
    })

    it('loads absolute paths of files and of folders', async () => {
      expect((await load(join(packages, 'plain-functions'), []))['add']?.(1, 2)).to.equal(3)
      expect((await load(join(packages, 'plain-functions/lib/numbers'), []))['double']?.(2)).to.equal(4)
      expect((await load(join(packages, 'esm-only'), []))['add']?.(1, 2)).to.equal(3)
      expect((await load(join(packages, 'esm-only/extra.js'), []))['subtract']?.(3, 2)).to.equal(1)
      expect((await load(join(packages, 'subpath-exports/lib/hidden.cjs'), []))['where']?.()).to.equal(
        'hidden'
      )
    })
  })

  describe('that does not load', () => {
    it('tells where it looked when there is no such package', async () => {
      const refusal = await refusalOf(() => load('is-installed-nowhere', [packages, '/not/there']))
      expect(refusal.code).to.equal('PACKAGE_NOT_FOUND')
      expect(refusal.details).to.deep.equal({
        package: 'is-installed-nowhere',
        paths: [packages, '/not/there']
      })
    })

    for (const name of ['@scoped/other', 'node:no-such-builtin', '/not/there/at/all', '@scoped']) {
      it(`does not find ${name}`, async () => {
        expect((await refusalOf(() => load(name))).code).to.equal('PACKAGE_NOT_FOUND')
      })
    }

    it('does not find anything without folders to look in', async () => {
      expect((await refusalOf(() => load('plain-functions', []))).code).to.equal('PACKAGE_NOT_FOUND')
    })

    for (const [name, code] of [
      ['throws-at-load', 'REFUSED'],
      ['esm-throws-at-load', 'REFUSED'],
      ['missing-dependency', 'MODULE_NOT_FOUND'],
      ['esm-throws-at-load/missing-dependency', 'ERR_MODULE_NOT_FOUND'],
      ['missing-main', 'MODULE_NOT_FOUND'],
      ['plain-functions/lib/not-there', 'MODULE_NOT_FOUND'],
      ['subpath-exports/not-exported', 'ERR_PACKAGE_PATH_NOT_EXPORTED'],
      ['subpath-exports/lib/hidden.cjs', 'ERR_PACKAGE_PATH_NOT_EXPORTED'],
      ['subpath-exports/not-there', 'ERR_MODULE_NOT_FOUND'],
      ['esm-only/not-exported', 'ERR_PACKAGE_PATH_NOT_EXPORTED']
    ] as const) {
      it(`tells why ${name} does not: ${code}`, async () => {
        const refusal = await refusalOf(() => load(name))
        expect(refusal.code).to.equal('PACKAGE_LOAD_FAILED')
        expect(refusal.details).to.include({ package: name })
        expect(refusal.details['cause']).to.be.an('error').with.property('code', code)
      })
    }

    it('tells of syntax errors', async () => {
      for (const name of ['throws-at-load/syntax', 'esm-throws-at-load/syntax', 'throws-at-load/data.json']) {
        const { code, details } = await refusalOf(() => load(name))
        expect(code).to.equal('PACKAGE_LOAD_FAILED')
        expect(details['cause']).to.be.an.instanceof(SyntaxError)
      }
    })

    it('passes on what is thrown, whatever it is', async () => {
      const text = await refusalOf(() => load('throws-at-load/string'))
      expect(text.details).to.deep.equal({ package: 'throws-at-load/string', cause: 'refused to load' })
      const nothing = await refusalOf(() => load('throws-at-load/nothing'))
      expect(nothing.details).to.deep.equal({ package: 'throws-at-load/nothing', cause: undefined })
    })

    it('tells of a package.json that is no JSON', async () => {
      const folder = writtenFolder({
        'node_modules/broken/package.json': '{',
        'node_modules/broken/index.js': ''
      })
      const { code, details } = await refusalOf(() => load('broken', [folder]))
      expect(code).to.equal('PACKAGE_LOAD_FAILED')
      expect(details['cause']).to.be.an('error')
    })
  })

  describe('again', () => {
    it('evaluates CommonJS anew when it was repaired on disk', async () => {
      const folder = writtenFolder({ 'node_modules/mended/index.js': 'throw new Error("broken")\n' })
      for (let attempt = 0; attempt < 2; attempt++) {
        expect((await refusalOf(() => load('mended', [folder]))).details['cause'])
          .to.be.an('error')
          .with.property('message', 'broken')
      }
      writeInto(folder, { 'node_modules/mended/index.js': 'exports.works = () => true\n' })
      expect((await load('mended', [folder]))['works']?.()).to.equal(true)
    })

    it('loads CommonJS whose missing dependency was installed', async () => {
      const folder = writtenFolder({
        'node_modules/dependent/index.js': 'module.exports = require("late")\n'
      })
      expect((await refusalOf(() => load('dependent', [folder]))).code).to.equal('PACKAGE_LOAD_FAILED')
      writeInto(folder, { 'node_modules/late/index.js': 'exports.works = () => true\n' })
      expect((await load('dependent', [folder]))['works']?.()).to.equal(true)
    })

    it('finds a package of either format that was installed meanwhile', async () => {
      const folder = writtenFolder({})
      expect((await refusalOf(() => load('common', [folder]))).code).to.equal('PACKAGE_NOT_FOUND')
      expect((await refusalOf(() => load('modern', [folder]))).code).to.equal('PACKAGE_NOT_FOUND')
      writeInto(folder, {
        'node_modules/common/index.js': 'exports.works = () => true\n',
        'node_modules/modern/package.json': '{ "name": "modern", "exports": { "import": "./index.mjs" } }',
        'node_modules/modern/index.mjs': 'export const works = () => true\n'
      })
      expect((await load('common', [folder]))['works']?.()).to.equal(true)
      expect((await load('modern', [folder]))['works']?.()).to.equal(true)
    })

    it('answers the failure of an ES module once more', async () => {
      const first = await refusalOf(() => load('esm-throws-at-load'))
      const second = await refusalOf(() => load('esm-throws-at-load'))
      expect(second.details['cause']).to.equal(first.details['cause'])
    })
  })
})
