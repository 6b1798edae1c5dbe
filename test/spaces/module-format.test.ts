import { expect } from 'chai'
import { join } from 'node:path'
import { isEsModule, readManifest } from '../../spaces/module-format.js'
import { packages, removeWrittenFolders, writtenFolder } from './fixtures.js'

const empty = ''

describe('the format of a module', () => {
  after(removeWrittenFolders)

  let folder: string

  before(() => {
    folder = writtenFolder({
      'modern/package.json': '{ "type": "module" }',
      'modern/index.js': empty,
      'modern/deep/down/index.js': empty,
      'modern/data.json': '{}',
      'modern/binary.node': empty,
      'modern/old.cjs': empty,
      'modern/node_modules/bare/index.js': empty,
      'modern/nested/package.json': '{}',
      'modern/nested/index.js': empty,
      'old/package.json': '{ "type": "commonjs" }',
      'old/index.js': 'export const written = "in the wrong syntax"',
      'old/new.mjs': empty,
      'odd/package.json': '{ "type": "strange" }',
      'odd/index.js': empty
    })
  })

  for (const [file, expected] of [
    ['modern/index.js', true],
    ['modern/deep/down/index.js', true],
    ['modern/data.json', false],
    ['modern/binary.node', false],
    ['modern/old.cjs', false],
    ['modern/node_modules/bare/index.js', false],
    ['modern/nested/index.js', false],
    ['old/index.js', false],
    ['old/new.mjs', true],
    ['odd/index.js', false]
  ] as const) {
    it(`of ${file} is ${expected ? 'ES module' : 'CommonJS or data'}`, () => {
      expect(isEsModule(join(folder, file))).to.equal(expected)
    })
  }

  for (const [source, expected] of [
    ['export default 1', true],
    ['var a=1;export{a as b};', true],
    ['import"./side-effect.js"', true],
    ['import{join}from"node:path";join()', true],
    ['console.log(import.meta.url)', true],
    ['#!/usr/bin/env node\nimport * as path from "node:path"', true],
    ['module.exports = 1', false],
    ['#!/usr/bin/env node\n// import nothing\nmodule.exports = 1', false],
    ['import("node:path").then(() => {})', false],
    ['// import this, then export that\nexports.a = 1', false],
    ['exports.text = "export default 1"', false],
    ['return require("node:path")', false]
  ] as const) {
    it(`of ${JSON.stringify(source)} alone is ${expected ? 'ES module' : 'CommonJS'}`, () => {
      const written = writtenFolder({ 'node_modules/package/index.js': source })
      expect(isEsModule(join(written, 'node_modules/package/index.js'))).to.equal(expected)
    })
  }
})

describe('reading a package.json', () => {
  after(removeWrittenFolders)

  it('answers its members', () => {
    expect(readManifest(join(packages, 'plain-functions'))).to.include({ version: '1.2.3' })
  })

  it('answers nothing where there is none, or none that can be read', () => {
    const folder = writtenFolder({ 'a/package.json': '{', 'b/package.json': '"text"', 'c/index.js': '' })
    for (const name of ['a', 'b', 'c', 'd']) expect(readManifest(join(folder, name))).to.equal(undefined)
  })
})
