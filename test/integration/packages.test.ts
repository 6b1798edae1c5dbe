import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import type { PackageSpec } from '../../lib/options.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { packages, removeWrittenFolders, writtenFolder } from '../spaces/fixtures.js'
import { destroyPools, newPool, paths } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'

const numbers = join(packages, 'plain-functions/lib/numbers.js')

/** A package as it is added, with a call and its answer. */
const kinds: [
  title: string,
  spec: PackageSpec,
  name: string,
  path: string,
  parameters: unknown[],
  answer: unknown
][] = [
  ['CommonJS with functions', 'plain-functions', 'plain-functions', 'add', [1, 2], 3],
  ['nested functions, with their this', 'plain-functions', 'plain-functions', 'counter.next', [], 1],
  ['functions in an array', 'plain-functions', 'plain-functions', 'list.1', [], 'second'],
  ['a package that is a function', 'plain-function', 'plain-function', '', ['you'], 'hello you'],
  ['a function of a function', 'plain-function', 'plain-function', 'loudly', ['you'], 'HELLO you'],
  ['ESM only', 'esm-only', 'esm-only', 'kind', [], 'module'],
  ['a subpath of ESM only', 'esm-only/extra', 'esm-only/extra', 'subtract', [3, 2], 1],
  ['ESM with top-level await', 'esm-top-level-await', 'esm-top-level-await', 'evaluations', [], 1],
  ['ESM with a default function', 'esm-default-function', 'esm-default-function', '', ['you'], 'hello you'],
  [
    'the default export behind the namespace',
    'esm-default-object',
    'esm-default-object',
    'greet',
    ['you'],
    'hello you'
  ],
  [
    'the namespace before the default export',
    'esm-default-object',
    'esm-default-object',
    'both',
    [],
    'from the namespace'
  ],
  [
    'CommonJS compiled from ESM',
    'commonjs-default-export',
    'commonjs-default-export',
    'version',
    [],
    '2.0.0'
  ],
  ['static functions of a class', 'class-with-state', 'class-with-state', 'startingAt', [3], 'starting at 3'],
  [
    'an instance of a class',
    { name: 'class-with-state', as: 'account', parameters: [3] },
    'account',
    'increment',
    [],
    4
  ],
  [
    'inherited methods of an instance',
    { name: 'class-with-state', as: 'second', parameters: [] },
    'second',
    'changed',
    [],
    1
  ],
  [
    'an instance of a default class',
    { name: 'commonjs-default-export', as: 'greeter', parameters: ['me'] },
    'greeter',
    'greet',
    [],
    'hello me'
  ],
  [
    'what a factory makes',
    { name: 'factory-function', as: 'made', parameters: ['me'] },
    'made',
    'greet',
    [],
    'hello me'
  ],
  [
    'what an async factory makes',
    { name: 'async-factory', as: 'awaited', parameters: ['me'] },
    'awaited',
    'greet',
    [],
    'hello me'
  ],
  ['a scoped name', '@scoped/package', '@scoped/package', 'name', [], '@scoped/package'],
  [
    'a subpath of a scoped name',
    '@scoped/package/extra',
    '@scoped/package/extra',
    'name',
    [],
    '@scoped/package/extra'
  ],
  [
    'a subpath without exports',
    'plain-functions/lib/numbers',
    'plain-functions/lib/numbers',
    'double',
    [4],
    8
  ],
  ['a subpath of exports', 'subpath-exports/add', 'subpath-exports/add', 'add', [1, 2], 3],
  ['an absolute path', numbers, numbers, 'double', [4], 8],
  ['a builtin', 'path', 'path', 'posix.join', ['a', '..', 'b'], 'b'],
  ['a builtin with node:', 'node:util', 'util', 'inspect', [{ a: 1 }], '{ a: 1 }'],
  ['a promise that is awaited', 'plain-functions', 'plain-functions', 'echoLater', ['value'], 'value']
]

describe('Packages', () => {
  after(removeWrittenFolders)

  describe('of every kind', () => {
    let pool: SpacePool
    before(async () => {
      pool = newPool()
      const specs = new Map(kinds.map(([, spec, name]) => [name, spec]))
      await pool.add([...specs.values()])
    })
    after(destroyPools)

    for (const [title, , name, path, parameters, answer] of kinds) {
      it(`are called: ${title}`, async () => {
        expect(await pool.call(name, path, parameters)).to.deep.equal(answer)
      })
    }

    it('are called by a file: URL, or with node: before a builtin, as well as by the canonical name', async () => {
      expect(await pool.call(pathToFileURL(numbers).href, 'double', [4])).to.equal(8)
      expect(await pool.call('node:path', 'posix.basename', ['/a/b'])).to.equal('b')
    })

    it('that throw reject the call with that error, and the stack of both sides', async () => {
      async function caller(): Promise<unknown> {
        return await pool.call('plain-functions', 'throwError', ['on purpose'])
      }
      const error = await caller().catch((thrown: unknown) => thrown as Error)
      expect(error).to.be.instanceOf(Error).and.have.property('message', 'on purpose')
      const { stack } = error as Error
      expect(stack).to.match(/^Error: on purpose\n.*plain-functions[\\/]index\.js/s)
      expect(stack).to.match(/in a space.*caller.*packages\.test\.ts/s)
    })

    it('that throw or reject what is no error reject the call with that value', async () => {
      for (const value of ['text', 0, undefined, null, { reason: 'object' }]) {
        for (const path of ['throwValue', 'rejectValue']) {
          const outcome = await pool.call('plain-functions', path, [value]).then(
            () => 'no rejection',
            (thrown: unknown) => ({ thrown })
          )
          expect(outcome).to.deep.equal({ thrown: value })
        }
      }
    })

    it('without the function that is called tell what there is', async () => {
      const error = await errorOf(
        'ERR_SPACEPOOL_FUNCTION_NOT_FOUND',
        pool.call('plain-functions', 'strings.deepr.lower')
      )
      expect(error).to.include({ package: 'plain-functions', path: 'strings.deepr.lower', segment: 'deepr' })
      expect(error.available).to.include('upper')
      await errorOf('ERR_SPACEPOOL_FUNCTION_NOT_FOUND', pool.call('plain-functions', 'version'))
      await errorOf('ERR_SPACEPOOL_FUNCTION_NOT_FOUND', pool.call('plain-functions', ''))
    })
  })

  describe('in folders of their own', () => {
    afterEach(destroyPools)

    it('are found through "paths" of the pool or of the set, two versions of one package beside each other', async () => {
      const [first, second] = ['1.0.0', '2.0.0'].map((version) =>
        writtenFolder({
          'node_modules/versioned/package.json': JSON.stringify({ name: 'versioned', version }),
          'node_modules/versioned/index.js': `exports.version = () => '${version}'`
        })
      ) as [string, string]
      const pool = newPool({ paths: [join(first, 'node_modules')] })
      const sets = await Promise.all([
        pool.add('versioned'),
        pool.add('versioned', { paths: [join(second, 'node_modules')] }),
        pool.add('versioned', { paths: [pathToFileURL(second).href, ...paths] })
      ])
      const versions = await Promise.all(sets.map((set) => set.call('versioned', 'version')))
      expect(versions).to.deep.equal(['1.0.0', '2.0.0', '2.0.0'])
      expect(new Set(sets.map(({ key }) => key))).to.have.property('size', 3)
    })

    it('that are added with a file: URL or a path are the same', async () => {
      const pool = newPool()
      const set = await pool.add(numbers)
      expect(await pool.add(pathToFileURL(numbers).href)).to.equal(set)
      expect(await set.call(numbers, 'double', [4])).to.equal(8)
    })

    it('keep their state from call to call, and each set has its own', async () => {
      const pool = newPool()
      const specs = ['one', 'two'].map((as) => ({ name: 'class-with-state', as, parameters: [0] }))
      const [one, two] = await Promise.all(specs.map((spec) => pool.add(spec)))
      await one?.call('one', 'increment', [5])
      await one?.call('one', 'increment', [5])
      expect(await one?.call('one', 'value')).to.equal(10)
      expect(await two?.call('two', 'value')).to.equal(0)
    })

    it('are evaluated once in a space, however often they are in its set', async () => {
      const pool = newPool()
      const set = await pool.add(['esm-top-level-await', { name: 'esm-top-level-await', as: 'again' }])
      expect(await set.call('esm-top-level-await', 'evaluations')).to.equal(1)
      expect(await set.call('again', 'when')).to.equal(await set.call('esm-top-level-await', 'when'))
    })
  })
})
