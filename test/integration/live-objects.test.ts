import { expect } from 'chai'
import { EventEmitter } from 'node:events'
import { inspect } from 'node:util'
import { copy, release } from '../../lib/live.js'
import type { Remote } from '../../lib/remote.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { living, newLivingPool, type Living } from '../support/living.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf } from '../support/rejections.js'
import { thrownBy } from '../support/thrown-by.js'

/** A host's object that a space uses. */
class Wheel {
  turns = 0

  next(): this {
    this.turns++
    return this
  }

  total(): number {
    return this.turns
  }

  use(value: unknown): unknown {
    return value ?? this
  }
}

interface Within {
  list: Wheel[]
  map: Map<Wheel, () => void>
}

describe('A package in use', () => {
  let pool: SpacePool
  let remote: Remote<Living>

  before(async () => {
    pool = newPool()
    remote = living(pool)
    await pool.add('living')
  })
  after(destroyPools)

  it('is there at once, and nothing is started before it is used', () => {
    const idle = newPool()
    const unused = living(idle)
    expect(unused.holder.deep.deeper).to.be.a('function')
    expect(idle.stats()).to.deep.include({ spaces: [], sets: [] })
  })

  it('is added by itself, and used as if it were here', async () => {
    await using own = newPool()
    const [first, second] = [living(own), living(own)]
    expect(
      await Promise.all([first.greet('you'), first.isTool(second.tool('of the same package'))])
    ).to.deep.equal(['hello you', true])
    expect(own.stats().sets.map(({ key, calls }) => [key, calls])).to.deep.equal([['living', 2]])
  })

  it('rejects what begins at a package that cannot be added', async () => {
    const failing = [pool.use<Living>('not-there').greet('you'), pool.use<Living>('not-there').holder.number]
    for (const chain of failing) await errorOf('ERR_SPACEPOOL_PACKAGE_NOT_FOUND', wait(chain))
    await errorOf('ERR_SPACEPOOL_INVALID_NAME', wait(pool.use<Living>('../up').greet('you')))
  })

  it('takes a name only', () => {
    for (const name of [undefined, 7, {}]) {
      expect(thrownBy(() => pool.use(name as string))).to.have.property(
        'code',
        'ERR_SPACEPOOL_INVALID_ARGUMENT'
      )
    }
  })

  it('is that of the set it is used from, which must hold it', async () => {
    await using own = newPool()
    const set = await own.add({ name: 'living', as: 'mine' })
    expect(await set.use<Living>('mine').greet('you')).to.equal('hello you')
    await errorOf('ERR_SPACEPOOL_PACKAGE_NOT_ADDED', wait(set.use<Living>('living').greet('you')))
    expect(own.stats().sets).to.have.length(1)
  })

  it('has members that can be read at any depth, by index as well, and what is not there is undefined', async () => {
    expect(await remote.holder.number).to.equal(7)
    expect(await remote.holder.deep.deeper('down')).to.equal('deeper down')
    expect(await remote.list[1]).to.equal(2)
    expect(await remote.list[2].use('by index').count()).to.be.above(0)
    expect(await remote.holder.missing).to.equal(undefined)
    expect(await remote.nothing()).to.equal(undefined)
  })

  it('gives data by value, and functions and instances of classes by reference', async () => {
    const plain = await remote.plain()
    expect(plain).to.deep.equal({ a: 1, when: new Date(0), bytes: Buffer.from('bytes') })
    const add = await remote.adder(2)
    expect(await add(3)).to.equal(5)
    const tool = await new remote.Tool('new one')
    expect(await tool.name).to.equal('new one')
    expect(await (await remote.Tool.made('static')).use().count()).to.equal(1)
  })

  it('keeps references apart from data at any depth, one object staying one', async () => {
    const all = await remote.inStructures()
    expect(all.plain).to.deep.equal({ a: 1 })
    expect(all.self).to.equal(all)
    expect([all.list[0], all.map.get('key'), [...all.set][0]]).to.deep.equal([all.tool, all.tool, all.tool])
    expect(await all.tool.name).to.equal('one')
  })

  it('gives the same reference for the same object', async () => {
    const tool = await remote.tool('same')
    expect(await tool.self()).to.equal(tool)
    expect(await tool.use()).to.equal(tool)
    expect(await remote.tool('same')).not.to.equal(tool)
  })

  it('gets its own objects back as they are, wherever they are in a structure', async () => {
    const tool = await remote.tool('home')
    expect(await remote.isTool(tool)).to.equal(true)
    await remote.keep(tool)
    expect(await remote.sameAsKept(tool)).to.equal(true)
    const structure = {
      inObject: { tool },
      inList: [[tool]],
      inMap: new Map([['tool', tool]]),
      inSet: new Set([tool]),
      self: {}
    }
    structure.self = structure
    expect(await remote.holdsOnly(tool, structure)).to.deep.equal([true, true, true, true, true])
  })

  it('gives calls their values by call(), as ever', async () => {
    const set = await pool.add('living')
    expect(await set.call('living', 'tool', ['by value'])).to.deep.equal({ name: 'by value', uses: 0 })
    const tool = await remote.tool('live')
    const error = await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', set.call('living', 'isTool', [tool]))
    expect(error)
      .to.include({ place: 'parameters[0]' })
      .and.have.property('message')
      .that.matches(/chains of use\(\)/)
  })

  it('gets objects of the host by reference and can use them there', async () => {
    const wheel = new Wheel()
    expect(await remote.typesOf(wheel, () => undefined, { a: 1 })).to.deep.equal([
      'object',
      'function',
      'object'
    ])
    expect(await remote.chainOn(wheel)).to.equal(2)
    expect(wheel.turns).to.equal(2)
    expect(await remote.readFrom(wheel, 'turns')).to.equal(2)
    const emitter = new EventEmitter()
    const heard: unknown[] = []
    emitter.on('use', (value) => heard.push(value))
    expect(await remote.useFrom({ use: (value: unknown) => emitter.emit('use', value) }, 7)).to.equal(true)
    expect(heard).to.deep.equal([7])
  })

  it('gives the host its own objects back as they are', async () => {
    const wheel = new Wheel()
    const callback = (): void => undefined
    expect(await remote.note(wheel)).to.equal(wheel)
    expect(await remote.note(callback)).to.equal(callback)
    const within = (await remote.note({ list: [wheel], map: new Map([[wheel, callback]]) })) as Within
    expect(within.list[0]).to.equal(wheel)
    expect(within.map.get(wheel)).to.equal(callback)
    expect(await remote.useFrom(wheel, wheel)).to.equal(wheel)
    expect(await remote.sameOf(wheel, wheel)).to.equal(true)
  })

  it('gives functions that can be called in each way functions are called, as listeners are', async () => {
    const emitter = new EventEmitter()
    await remote.useFrom({ use: (note: () => void) => void emitter.on('heard', note) }, remote.note)
    await remote.done()
    emitter.emit('heard', 'by an emitter of the host')
    expect(await remote.done()).to.deep.equal(['by an emitter of the host'])
    const add = (await remote.adder(1)) as unknown as (...parameters: unknown[]) => PromiseLike<unknown>
    const sums = [add.call(undefined, 1), add.apply(undefined, [2]), add.bind(undefined, 3)()]
    expect(await Promise.all(sums)).to.deep.equal([2, 3, 4])
    expect(inspect(add)).to.equal('Remote <anonymous>')
    const namesake = await remote.namesake()
    expect([await namesake.call('it'), await namesake.bind('it')]).to.deep.equal(['call of it', 'bind of it'])
    const error = await errorOf('ERR_SPACEPOOL_FUNCTION_NOT_FOUND', wait(namesake.apply(undefined, [])))
    expect(error.package).to.equal('Namesake')
  })

  it('gives references to callbacks, which may return them', async () => {
    const seen: unknown[] = []
    const give = (tool: unknown): unknown => {
      seen.push(tool)
      return tool
    }
    const returned = await remote.callbackWith(give)
    expect(returned).to.equal(seen[0])
    expect(inspect(returned)).to.equal('Remote <Tool>')
  })

  it('gives a copy by value of anything, of what a chain leads to as well', async () => {
    const tool = await remote.tool('original')
    expect(await copy(tool)).to.deep.equal({ name: 'original', uses: 0 })
    expect(await copy(remote.tool('another').use())).to.deep.equal({ name: 'another', uses: 1 })
    expect(await copy(remote.plain())).to.have.property('a', 1)
    await errorOf('ERR_SPACEPOOL_NOT_CLONEABLE', copy(remote.uncopyable()))
    await errorOf('ERR_SPACEPOOL_INVALID_ARGUMENT', copy({ no: 'live object' }))
  })

  it('merges a default export: call and new mean it, members of both are there', async () => {
    await using pool = newPool()
    const greet = pool.use<{ default: (name: string) => string }>('esm-default-function')
    expect(await greet('you')).to.equal('hello you')
    expect(await greet.default('you')).to.equal('hello you')
    type Greeter = new (name: string) => { greet(): string }
    const esm = pool.use<{ default: Greeter & { describe(): string }; version(): string }>(
      'esm-default-class'
    )
    expect(await new esm('you').greet()).to.equal('hello you')
    expect(await esm.describe()).to.equal('greets by name')
    expect(await esm.version()).to.equal('2.0.0')
    const commonjs = pool.use<{ default: Greeter; version(): string }>('commonjs-default-export')
    expect(await new commonjs('you').greet()).to.equal('hello you')
    expect(await commonjs.version()).to.equal('2.0.0')
    const both = pool.use<{ default: { greet(name: string): string; both(): string }; both(): string }>(
      'esm-default-object'
    )
    expect([await both.greet('you'), await both.both()]).to.deep.equal(['hello you', 'from the namespace'])
  })

  it('has none of its members shadowed', async () => {
    const shadow = remote.shadow
    for (const name of ['release', 'copy', 'dispose', 'path', 'kind', 'catch', 'finally'] as const) {
      expect(await shadow[name]()).to.equal(`its own ${name}`)
    }
  })
})

describe('A live object', () => {
  let pool: SpacePool
  let remote: Remote<Living>

  before(async () => {
    ;({ pool, remote } = await newLivingPool())
  })
  after(destroyPools)

  it('is not thenable, and neither is a package: both can be returned from async functions', async () => {
    const tool = await remote.tool('returned')
    expect(Reflect.get(tool, 'then')).to.equal(undefined)
    expect(Reflect.get(remote, 'then')).to.equal(undefined)
    const give = async (): Promise<typeof tool> => tool
    const giveRoot = async (): Promise<Remote<Living>> => remote
    expect(await give()).to.equal(tool)
    expect(await giveRoot()).to.equal(remote)
    expect(Reflect.get(remote.tool('x'), 'then')).to.be.a('function')
    expect(Reflect.get(remote.holder, 'then')).to.be.a('function')
  })

  it('settles to what a promise or another thenable settles to', async () => {
    expect(await (await remote.toolLater('later')).name).to.equal('later')
    expect(await remote.thenable()).to.equal('settled')
  })

  it('has a property read when it is awaited, and only then', async () => {
    await remote.done()
    const tool = await remote.tool('read')
    const read = tool.label
    expect(await remote.done()).to.deep.equal(['new read'])
    expect(await read).to.equal('the read')
    expect(await tool.label).to.equal('the read')
    expect(await remote.done()).to.deep.equal(['read read.label', 'read read.label'])
  })

  it('asks the object for its toJSON when the program calls that, and not for JSON.stringify', async () => {
    const { toJSON } = remote.holder as unknown as { toJSON: Remote<() => string> }
    const calls = (): number | undefined => pool.stats().sets[0]?.calls
    const before = calls()
    expect(JSON.stringify([remote.holder, toJSON])).to.equal(
      '["Remote <living.holder>","Remote <living.holder.toJSON>"]'
    )
    expect(calls()).to.equal(before)
    const error = await errorOf('ERR_SPACEPOOL_FUNCTION_NOT_FOUND', Promise.resolve(toJSON()))
    expect(error.segment).to.equal('toJSON')
    expect(calls()).to.equal(Number(before) + 1)
  })

  it('says what it is when it is looked at, and nothing is sent for that', async () => {
    const tool = await remote.tool('looked at')
    await remote.done()
    const looks = [tool, remote, remote.holder.deep, remote.greet('x')].map((one) => inspect(one))
    expect(looks).to.deep.equal([
      'Remote <Tool>',
      'Remote <living>',
      'Remote <living.holder.deep>',
      'Remote <living.greet(…)>'
    ])
    expect(inspect({ tool })).to.equal('{ tool: Remote <Tool> }')
    expect([text(tool), text(remote), JSON.stringify({ tool })]).to.deep.equal([
      'Remote <Tool>',
      'Remote <living>',
      '{"tool":"Remote <Tool>"}'
    ])
    expect([Object.keys(tool), 'name' in tool, tool instanceof Wheel]).to.deep.equal([[], false, false])
    expect({ ...tool }).to.deep.equal({})
    expect(tool).to.be.an('object')
    expect(tool).to.deep.equal(tool)
    expect(thrownBy(() => expect(tool).to.equal(7))).to.be.an('error')
    expect(thrownBy(() => expect([tool]).to.deep.equal([{ other: 1 }]))).to.be.an('error')
    expect(await remote.done()).to.deep.equal([])
  })

  it('cannot have its properties set from here, and says what to do', async () => {
    const tool = await remote.tool('set')
    expect(() => ((tool as { name: unknown }).name = 'another')).to.throw(
      TypeError,
      /Remote <Tool> is in another process.*"name".*Call a function/
    )
    expect(() => Reflect.deleteProperty(tool, 'name')).to.throw(TypeError)
    expect(() => Object.defineProperty(tool, 'name', { value: 1 })).to.throw(TypeError)
    expect(() => Object.assign(remote, { more: 1 })).to.throw(TypeError)
  })

  it('is released by release(), which says when it is given something else', async () => {
    const tool = await remote.tool('released')
    release(tool)
    release(tool)
    const error = await errorOf('ERR_SPACEPOOL_REFERENCE_RELEASED', wait(tool.use()))
    expect(error).to.have.property('generation', 1)
    expect(thrownBy(() => release({}))).to.have.property('code', 'ERR_SPACEPOOL_INVALID_ARGUMENT')
    expect(thrownBy(() => release(undefined))).to.have.property('code', 'ERR_SPACEPOOL_INVALID_ARGUMENT')
    release(remote)
    expect(await remote.greet('you')).to.equal('hello you')
  })
})

/** As `String(value)`. */
function text(value: unknown): string {
  return String(value)
}

/** A promise of what a chain settles to. */
async function wait(chain: PromiseLike<unknown>): Promise<unknown> {
  return await chain
}
