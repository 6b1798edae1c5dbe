import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import fc from 'fast-check'
import { isSpacePoolError } from '../../lib/errors.js'
import { checkFunctionPath, parseAlias, parsePackageName } from '../../lib/names.js'
import { thrownBy } from '../support/thrown-by.js'

const canonical = (name: unknown, windows = false) => parsePackageName(name, 'name', windows).specifier

describe('The name of a package', () => {
  const good: [string, string][] = [
    ['semver', 'semver'],
    ['JSONStream', 'JSONStream'],
    ['lodash.map', 'lodash.map'],
    ['@scope/package', '@scope/package'],
    ['date-fns/format', 'date-fns/format'],
    ['@scope/package/lib/a b.js'.replace(' ', '+'), '@scope/package/lib/a+b.js'],
    ['package/größe.js', 'package/größe.js'],
    ['constructor', 'constructor'],
    ['fs', 'fs'],
    ['node:fs', 'fs'],
    ['node:fs/promises', 'fs/promises'],
    ['node:test', 'node:test'],
    ['node:sqlite', 'node:sqlite'],
    ['/srv/plugins/a.js', '/srv/plugins/a.js'],
    ['/srv//plugins/./a.js', '/srv/plugins/a.js'],
    ['/srv/My Plugins/a%20b#?.js', '/srv/My Plugins/a%20b#?.js'],
    ['/srv/node_modules/lodash', '/srv/node_modules/lodash'],
    ['file:///srv/plugins/a.js', '/srv/plugins/a.js'],
    ['file:///srv/My%20Plugins/a.js', '/srv/My Plugins/a.js'],
    ['FILE:///srv/a.js', '/srv/a.js']
  ]
  for (const [name, form] of good) {
    it(`${name} has the canonical form ${form}`, () => expect(canonical(name)).to.equal(form))
  }

  const goodOnWindows: [string, string][] = [
    ['C:\\plugins\\a.js', 'C:\\plugins\\a.js'],
    ['c:/plugins/.//a.js', 'C:\\plugins\\a.js'],
    ['\\\\server\\share\\a.js', '\\\\server\\share\\a.js'],
    ['file:///c:/plugins/a%20b.js', 'C:\\plugins\\a b.js'],
    ['date-fns/format', 'date-fns/format']
  ]
  for (const [name, form] of goodOnWindows) {
    it(`${name} has the canonical form ${form} on Windows`, () =>
      expect(canonical(name, true)).to.equal(form))
  }

  const bad: [string, RegExp][] = [
    ['', /is empty/],
    ['.', /relative path/],
    ['./x', /relative path/],
    ['../x', /relative path/],
    ['..\\x', /relative path/],
    ['a/../../b', /segment/],
    ['a/..', /segment/],
    ['a/./b', /segment/],
    ['a//b', /segment/],
    ['a/', /segment/],
    ['/srv/../etc', /"\.\."/],
    ['file:///srv/../etc', /"\.\."/],
    ['file:///srv/%2E%2e/etc', /"\.\."/],
    ['file:x.js', /relative URL/],
    ['file:///a%2Fb', /without a path on this machine/],
    ['file:///a%00b', /control character/],
    ['file:///a.js?v=1', /query/],
    ['file://server/a.js', /without a path on this machine/],
    ['data:text/javascript,0', /URL other than file:/],
    ['http://localhost/x.js', /URL other than file:/],
    ['blob:x', /URL other than file:/],
    ['npm:semver', /URL other than file:/],
    ['C:\\x', /path of another system/],
    ['node:', /segment/],
    ['node:../x', /relative path/],
    ['node:data:x', /URL other than file:/],
    ['node:_http_agent', /dot or an underscore/],
    ['a\0b', /control character/],
    ['a\nb', /control character/],
    ['\ud800', /half a character/],
    ['a b', /white space/],
    [' a', /white space/],
    ['a\u00a0b', /white space/],
    ['a\u200bb', /invisible/],
    ['a\\b', /backslash/],
    ['#internal', /subpath import/],
    ['a#b', /% \? # :/],
    ['%2e%2e/x', /% \? # :/],
    ['a?b', /% \? # :/],
    ['.bin', /dot or an underscore/],
    ['_x', /dot or an underscore/],
    ['@scope/.x', /dot or an underscore/],
    ['@scope', /scope without a package/],
    ['@/x', /scope without a package/],
    ['@scope/@x', /characters/],
    ['größe', /characters/],
    ['__proto__', /__proto__/],
    ['a/__proto__', /__proto__/],
    ['node_modules', /node_modules/],
    ['a/node_modules/b', /node_modules/],
    ['NODE_MODULES', /node_modules/],
    ['x'.repeat(215), /more than 214/],
    [`/${'x'.repeat(4096)}`, /more than 4096/]
  ]
  for (const [name, reason] of bad) {
    it(`cannot be ${JSON.stringify(name.slice(0, 30))}: ${reason.source}`, () => {
      const error = thrownBy(() => canonical(name))
      if (!isSpacePoolError(error, 'ERR_SPACEPOOL_INVALID_NAME')) throw error
      expect(error.reason).to.match(reason)
      expect(error.package).to.equal(name)
    })
  }

  it('cannot be the path of a device on Windows', () => {
    expect(() => canonical('\\\\.\\pipe\\x', true)).to.throw(/path of a device/)
    expect(() => canonical('\\\\?\\C:\\x', true)).to.throw(/path of a device/)
    expect(() => canonical('C:\\a\\..\\b', true)).to.throw(/"\.\."/)
  })

  it('may have 214 characters, and more where it is a path', () => {
    expect(canonical('x'.repeat(214))).to.have.length(214)
    expect(canonical(`/${'x'.repeat(1000)}`)).to.have.length(1001)
  })

  it('is a string', () => {
    for (const name of [undefined, null, 1, {}, ['semver'], pathToFileURL('/a.js')]) {
      const error = thrownBy(() => parsePackageName(name, 'packages[3]'))
      if (!isSpacePoolError(error, 'ERR_SPACEPOOL_INVALID_ARGUMENT')) throw error
      expect(error.argument).to.equal('packages[3]')
    }
  })

  it('is canonical already when it is canonical, and harmless or refused whatever it is', () => {
    const pieces = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      'a',
      '@',
      'node:',
      'file:',
      '%2e',
      '__proto__',
      'C:',
      '?',
      '\0'
    )
    const names = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join(''))
    )
    fc.assert(
      fc.property(names, fc.boolean(), (name, windows) => {
        let form: string
        try {
          form = canonical(name, windows)
        } catch (error) {
          return isSpacePoolError(error, 'ERR_SPACEPOOL_INVALID_NAME')
        }
        expect(canonical(form, windows)).to.equal(form)
        return !form.split(windows ? /[/\\]/ : '/').includes('..') && !form.includes('\0')
      }),
      { numRuns: 2000 }
    )
  })
})

describe('The name of a package in its set', () => {
  for (const alias of ['db', 'db-2', '@team/db', 'Db_2.x~1', '_', 'x'.repeat(214)]) {
    it(`may be ${alias.slice(0, 20)}`, () => expect(parseAlias(alias, 'as')).to.equal(alias))
  }

  for (const alias of [
    '',
    '__proto__',
    'a b',
    'a\\b',
    '.x',
    '/x',
    'a\n',
    'node:x',
    'größe',
    'x'.repeat(215)
  ]) {
    it(`cannot be ${JSON.stringify(alias.slice(0, 20))}`, () => {
      expect(
        isSpacePoolError(
          thrownBy(() => parseAlias(alias, 'as')),
          'ERR_SPACEPOOL_INVALID_NAME'
        )
      ).to.be.true
    })
  }

  it('is a string', () => {
    expect(
      isSpacePoolError(
        thrownBy(() => parseAlias(1, 'as')),
        'ERR_SPACEPOOL_INVALID_ARGUMENT'
      )
    ).to.be.true
  })
})

describe('The path of a function', () => {
  const longest = Array<string>(16).fill('a').join('.')

  for (const path of ['', 'gt', 'websockets.trades', longest, 'größe', 'a b', '0', 'toString']) {
    it(`may be ${JSON.stringify(path)}`, () => {
      checkFunctionPath('x', path)
      checkFunctionPath('x', path)
    })
  }

  const bad: [string, RegExp][] = [
    ['__proto__', /__proto__/],
    ['a.__proto__.b', /__proto__/],
    ['constructor.constructor', /constructor/],
    ['a.prototype', /prototype/],
    ['.', /empty segment/],
    ['a.', /empty segment/],
    ['a..b', /empty segment/],
    [`${longest}.a`, /more than 16 segments/],
    ['x'.repeat(1025), /more than 1024 characters/]
  ]
  for (const [path, reason] of bad) {
    it(`cannot be ${JSON.stringify(path.slice(0, 40))}`, () => {
      for (let time = 1; time <= 2; time++) {
        const error = thrownBy(() => checkFunctionPath('semver', path))
        if (!isSpacePoolError(error, 'ERR_SPACEPOOL_FUNCTION_NOT_FOUND')) throw error
        expect(error.reason).to.match(reason)
        expect({ package: error.package, path: error.path }).to.deep.equal({ package: 'semver', path })
      }
    })
  }

  it('is a string', () => {
    for (const path of [undefined, null, 1, ['gt'], new String('gt')]) {
      expect(
        isSpacePoolError(
          thrownBy(() => checkFunctionPath('x', path)),
          'ERR_SPACEPOOL_INVALID_ARGUMENT'
        )
      ).to.be.true
    }
  })

  it('is checked also after more paths than are remembered', () => {
    for (let index = 0; index < 3000; index++) checkFunctionPath('x', `path${index}`)
    expect(() => checkFunctionPath('x', 'constructor')).to.throw()
  })
})
