import { once } from 'node:events'
import { expect } from 'chai'
import whole, { singleSpace } from '../../lib/compat.js'
import { isSpacePoolError } from '../../lib/errors.js'
import { add, call, callFor, destroySingleSpaces, newSingleSpace } from '../support/single-spaces.js'
import { isRunning } from '../support/running.js'
import { thrownBy } from '../support/thrown-by.js'
import { until } from '../support/waiting.js'

describe('The older API', () => {
  it('is one function, which carries itself under its name and as default', () => {
    expect(singleSpace).to.equal(whole)
    expect(whole).to.include({ singleSpace: whole, default: whole })
  })

  describe('with a configuration', () => {
    afterEach(destroySingleSpaces)

    for (const [title, config, option] of [
      ['that is no object', 'fast', 'config'],
      ['that is null', null, 'config'],
      ['that is a Map', new Map(), 'config'],
      ['with a timeout that is no number', { inactivityTimeout: '1000' }, 'inactivityTimeout'],
      ['with a negative timeout', { inactivityTimeout: -1 }, 'inactivityTimeout'],
      ['with paths that are no array', { paths: '/packages' }, 'paths'],
      ['with a path that is no string', { paths: [7] }, 'paths[0]']
    ] as const) {
      it(`${title} throws INVALID_OPTION before a process is started`, () => {
        const error = thrownBy(() => singleSpace(config as never))
        expect(isSpacePoolError(error, 'ERR_SPACEPOOL_INVALID_OPTION')).to.equal(true)
        expect(error).to.include({ option })
      })
    }

    it('of a JSON file, where nothing may be false or null, has the defaults', () => {
      const space = newSingleSpace({ inactivityTimeout: null })
      expect(space.resetInactivity()).to.include({ _idleTimeout: 3_600_000 })
    })

    it('of a larger program ignores what is not for it, and what is inherited', () => {
      const config = Object.create({ inactivityTimeout: 'polluted' }) as object
      const space = newSingleSpace(Object.assign(config, { port: 8080 }) as singleSpace.SingleSpaceConfig)
      expect(space.isKilled()).to.equal(false)
    })
  })

  describe('asked for what cannot be done', () => {
    let space: singleSpace.SingleSpace

    before(async () => {
      space = newSingleSpace()
      await add(space, 'plain-functions')
    })

    after(destroySingleSpaces)

    const wrongAdds: [title: string, parameters: unknown[], sentence: RegExp][] = [
      ['a package that is no string', [7, []], /Argument "package".*got 7/],
      ['no package', [undefined, []], /Argument "package".*got undefined/],
      ['a relative path', ['../x', []], /"\.\.\/x" cannot be the name of a package/],
      ['a data: URL', ['data:text/javascript,1', []], /cannot be the name of a package/],
      ['__proto__', ['__proto__', []], /cannot be the name of a package/],
      ['300 characters', ['x'.repeat(300), []], /more than 214 characters/],
      ['parameters that are no array', ['path', 'none'], /Argument "parameters".*got the string "none"/],
      ['parameters that are null', ['path', null], /Argument "parameters".*got null/],
      ['a cb: without a number', ['path', ['cb:x']], /Argument "parameters\[0\]".*'cb:2'.*"cb:x"/],
      ['a parameter that cannot cross', ['path', [Symbol('no')]], /parameters\[0\]/],
      ['a package that is not there', ['not-there', []], /"not-there" was not found in/],
      [
        'a package that does not load',
        ['throws-at-load', []],
        /"throws-at-load" failed to load: refused to load/
      ],
      ['a class that does not take the parameters', ['class-with-state', ['7']], /start is no number/]
    ]
    for (const [title, parameters, sentence] of wrongAdds) {
      it(`answers add() of ${title} once, with false and a sentence, and lives on`, async () => {
        const [name, given] = parameters as [string, unknown[]]
        const { request, status, response } = await add(space, name, given)
        expect(status).to.equal(false)
        expect(response).to.match(sentence)
        expect(request).to.include({ type: 'add', package: name, parameters: given })
        expect(await call(space, 'plain-functions', 'add', [1, 2])).to.include({ status: true, response: 3 })
      })
    }

    const wrongCalls: [title: string, parameters: unknown[], sentence: RegExp][] = [
      ['a package that is no string', [7, 'f', []], /Argument "package".*got 7/],
      ['a package that was not added', ['path', 'join', []], /"path" has not been added/],
      ['a function that is no string', ['plain-functions', 7, []], /Argument "function".*got 7/],
      ['a function that is not there', ['plain-functions', 'nothing', []], /no function "nothing"/],
      ['a value that is no function', ['plain-functions', 'version', []], /no function "version"/],
      ['constructor.constructor', ['plain-functions', 'constructor.constructor', []], /through constructor/],
      ['a.__proto__.b', ['plain-functions', 'a.__proto__.b', []], /through __proto__/],
      ['parameters that are no array', ['plain-functions', 'echo', {}], /Argument "parameters"/],
      ['a promise that is no boolean', ['plain-functions', 'echo', [], 'yes'], /Argument "promise".*"yes"/],
      ['a cb: without a number', ['plain-functions', 'echo', ['cb:x']], /Argument "parameters\[0\]".*"cb:x"/],
      ['a parameter that cannot cross', ['plain-functions', 'echo', [Symbol('no')]], /parameters\[0\]/]
    ]
    for (const [title, parameters, sentence] of wrongCalls) {
      it(`answers call() of ${title} once, with false and a sentence, and lives on`, async () => {
        const [name, path, given, promise] = parameters as [string, string, unknown[], boolean]
        const { request, status, response } = await call(space, name, path, given, promise)
        expect(status).to.equal(false)
        expect(response).to.match(sentence)
        expect(request).to.include({ type: 'call', package: name, function: path, parameters: given })
        expect(await call(space, 'plain-functions', 'add', [1, 2])).to.include({ status: true, response: 3 })
      })
    }

    it('answers only after the method has returned', async () => {
      let returned = false
      const answered = new Promise<boolean>((resolve) => space.add('../x', [], () => resolve(returned)))
      returned = true
      expect(await answered).to.equal(true)
    })

    it('warns of a failure that no callback is told of, and throws nothing', async () => {
      for (const [act, sentence] of [
        [() => space.add('not-there'), /add\("not-there", …\) failed.*was not found/],
        [
          () => space.call('plain-functions', 'nothing'),
          /call\("plain-functions", …\).*no function "nothing"/
        ],
        [() => space.call('plain-functions', 'throwError', ['oh']), /call\("plain-functions", …\).*oh/],
        [() => space.add('path', [], 'later' as never), /Argument "callback".*got the string "later"/],
        [
          () => space.call('plain-functions', 'echo', (() => {}) as never),
          /Argument "parameters".*got a function/
        ]
      ] as const) {
        const warning = await warnedBy(act)
        expect(warning.name).to.equal('SpacePoolWarning')
        expect(warning.message).to.match(sentence)
      }
    })

    it('does not warn that what was in flight without a callback is lost when the space is destroyed', async () => {
      const another = newSingleSpace()
      await add(another, 'plain-functions')
      const warning = warnedBy(() => another.call('plain-functions', 'neverSettles'))
      const lost = call(another, 'plain-functions', 'neverSettles')
      another.destroy()
      expect(await lost).to.include({ status: false })
      process.emitWarning('the first')
      expect((await warning).message).to.equal('the first')
    })

    it('leaves what a callback throws to the process, and suffers nothing from it', async () => {
      await add(space, 'callbacks')
      const thrown = uncaught(3)
      const fail = (place: string) => () => {
        throw new Error(place)
      }
      space.add('path', [], fail('in add'))
      space.call('callbacks', 'keepsOne', [], false, fail('in call'))
      // Answered without waiting for the callback: a call that is lost with the space would be told, too.
      space.call('callbacks', 'repeat', [1, 'cb:1'], false, fail('in cb'))
      expect((await thrown).map(({ message }) => message)).to.have.members(['in add', 'in call', 'in cb'])
      expect(await call(space, 'plain-functions', 'add', [1, 2])).to.include({ status: true, response: 3 })
    })
  })

  describe('adding packages', () => {
    afterEach(destroySingleSpaces)

    it('answers a second add of the same package with false, also under another of its names', async () => {
      const space = newSingleSpace()
      const answers = await Promise.all([add(space, 'fs'), add(space, 'fs'), add(space, 'node:fs')])
      expect(answers.map(({ status }) => status)).to.deep.equal([true, false, false])
      expect(answers[1]?.response).to.equal('Package is already added to space')
    })

    it('adds a package again that did not load the first time', async () => {
      const space = newSingleSpace()
      const answers = await Promise.all([
        add(space, 'class-with-state', ['x']),
        add(space, 'class-with-state', [5])
      ])
      expect(answers.map(({ status }) => status)).to.deep.equal([false, true])
      expect(await call(space, 'class-with-state', 'value')).to.include({ response: 5 })
    })

    it('lets calls wait for it, in their order, and reads their parameters when they are made', async () => {
      const space = newSingleSpace()
      const adding = add(space, 'class-with-state', [10])
      const parameters = [5]
      const first = call(space, 'class-with-state', 'increment', parameters)
      parameters[0] = 1000
      const second = call(space, 'class-with-state', 'increment', [1])
      expect(await adding).to.include({ status: true })
      expect([(await first).response, (await second).response]).to.deep.equal([15, 16])
    })

    it('answers calls that waited for an add that failed with its sentence', async () => {
      const space = newSingleSpace()
      const adding = add(space, 'throws-at-load')
      const calling = call(space, 'throws-at-load', 'anything')
      expect((await adding).status).to.equal(false)
      expect(await calling).to.include({ status: false, response: (await adding).response })
    })

    it('instantiates a class with the parameters, and calls the methods of the instance', async () => {
      const space = newSingleSpace()
      expect(await add(space, 'class-with-state', [40])).to.include({ status: true })
      expect(await call(space, 'class-with-state', 'increment', [2])).to.include({
        status: true,
        response: 42
      })
      expect(await call(space, 'class-with-state', 'startingAt', [1])).to.include({ status: false })
    })

    it('without parameters calls the own functions of the export there, and others on an instance', async () => {
      const space = newSingleSpace()
      await add(space, 'class-with-state')
      expect((await call(space, 'class-with-state', 'startingAt', [1])).response).to.equal('starting at 1')
      expect((await call(space, 'class-with-state', 'increment')).response).to.equal(1)
      expect((await call(space, 'class-with-state', 'increment')).response).to.equal(2)
      await add(space, 'lodash')
      expect((await call(space, 'lodash', 'chunk', [[1, 2, 3], 2])).response).to.deep.equal([[1, 2], [3]])
    })

    it('uses a package as exported that cannot be instantiated without parameters, and says so', async () => {
      const space = newSingleSpace()
      expect(await add(space, 'ms')).to.include({ status: true })
      expect((await call(space, 'ms', '', ['1h'])).response).to.equal(3_600_000)
      const { status, response } = await call(space, 'ms', 'parse')
      expect(status).to.equal(false)
      expect(response).to.match(
        /no function "parse".*could not be instantiated without parameters: val is not/
      )
    })

    it('adds packages of every kind', async () => {
      const space = newSingleSpace()
      for (const [name, parameters, path, given, expected] of [
        ['factory-function', ['you'], 'greet', [], 'hello you'],
        ['async-factory', ['you'], 'greet', [], 'hello you'],
        ['esm-default-class', ['you'], 'greet', [], 'hello you'],
        ['esm-only', [], '', [], undefined],
        ['@scoped/package', [], '', [], undefined],
        ['semver', [], 'inc', ['1.2.3', 'minor'], '1.3.0'],
        ['node:path', [], 'basename', ['/a/b'], 'b']
      ] as const) {
        expect(await add(space, name, parameters), name).to.include({ status: true })
        if (path !== '') expect((await call(space, name, path, given)).response, name).to.equal(expected)
      }
      await add(space, 'esm-default-object')
      await add(space, 'commonjs-default-export')
      expect((await call(space, 'commonjs-default-export', 'greet')).response).to.equal('hello you')
      expect((await call(space, 'commonjs-default-export', 'describe')).response).to.equal('greets by name')
      expect((await call(space, 'commonjs-default-export', 'version')).response).to.equal('2.0.0')
    })
  })

  describe('calling functions', () => {
    afterEach(destroySingleSpaces)

    let space: singleSpace.SingleSpace

    beforeEach(async () => {
      space = newSingleSpace()
      await Promise.all([add(space, 'plain-functions'), add(space, 'callbacks')])
    })

    it('answers with true and the error when the function throws or its promise rejects', async () => {
      for (const [path, promise] of [
        ['throwError', false],
        ['rejectError', true],
        ['rejectError', false]
      ] as const) {
        const { status, response } = await call(space, 'plain-functions', path, ['oh'], promise)
        expect(status).to.equal(true)
        expect(response).to.be.an.instanceOf(Error).with.property('message', 'oh')
      }
      expect(await call(space, 'plain-functions', 'throwValue', [null])).to.include({
        status: true,
        response: null
      })
    })

    it('answers with what a promise settles with, whether or not one was announced', async () => {
      for (const promise of [true, false]) {
        const answer = await call(space, 'plain-functions', 'echoLater', [{ deep: [1] }], promise)
        expect(answer.response).to.deep.equal({ deep: [1] })
      }
    })

    it('answers with true and an error when what the function returns cannot cross', async () => {
      await add(space, 'values')
      const { status, response } = await call(space, 'values', 'make', ['symbol'])
      expect(status).to.equal(true)
      expect(isSpacePoolError(response, 'ERR_SPACEPOOL_NOT_CLONEABLE')).to.equal(true)
    })

    it('answers each time a callback is called, with all that it was given, and with nothing else', async () => {
      const answers = await callFor(3, space, 'callbacks', 'repeat', [3, 'cb:1'])
      expect(answers.map(({ status, response }) => [status, response])).to.deep.equal([
        [true, [0]],
        [true, [1]],
        [true, [2]]
      ])
      const [one] = await callFor(1, space, 'callbacks', 'callWith', ['cb:3', 1, 'two', { three: 3 }])
      expect(one?.response).to.deep.equal([1, 'two', { three: 3 }])
      expect(one?.request.parameters[0]).to.equal('cb:3')
    })

    it('answers for all of several callbacks', async () => {
      const answers = await callFor(2, space, 'callbacks', 'callTwo', ['cb:1', 'cb:1'])
      expect(answers.map(({ response }) => response)).to.deep.equal([['first'], ['second']])
    })

    it('answers for callbacks within objects and arrays', async () => {
      const options = { onData: 'cb:1', inner: { list: ['cb:1'] } }
      const answers = await callFor(2, space, 'callbacks', 'inOptions', [options])
      expect(answers.map(({ response }) => response)).to.deep.equal([['outer'], ['inner']])
    })

    it('answers with the error of a callback, in the way of Node', async () => {
      const [answer] = await callFor(1, space, 'callbacks', 'errorFirstFailing', ['oh', 'cb:2'])
      expect(answer?.status).to.equal(true)
      expect((answer?.response as Error[] | undefined)?.[0])
        .to.be.an.instanceOf(Error)
        .with.property('message', 'oh')
    })

    it('does not answer with what a function with callbacks returns, unless a promise was announced', async () => {
      const answers = await callFor(1, space, 'callbacks', 'ignoreFailure', ['cb:0'])
      expect(answers[0]?.response).to.deep.equal([])
      const both: unknown[] = []
      await new Promise<void>((resolve) => {
        space.call('callbacks', 'interval', [1, 2, 'cb:1'], true, (request, status, response) => {
          both.push(response)
          if (both.length === 3) resolve()
        })
      })
      expect(both).to.deep.equal([[0], [1], 2])
    })

    it('leaves in the space what a function with callbacks returns, be it the whole list of its timers', async () => {
      const calls = Array.from({ length: 12_000 }, async (unused, number) => {
        const [answer] = await callFor(1, space, 'callbacks', 'errorFirst', [number, 'cb:2'])
        return answer?.response
      })
      const answers = (await Promise.all(calls)) as [null, number][]
      expect(answers.every(([error, value], number) => error === null && value === number)).to.equal(true)
    })

    it('answers with the error of a function with callbacks that throws or rejects', async () => {
      for (const path of ['throwError', 'rejectError']) {
        const [answer] = await callFor(1, space, 'plain-functions', path, ['oh', 'cb:1'])
        expect(answer).to.include({ status: true })
        expect(answer?.response).to.have.property('message', 'oh')
      }
    })

    it('calls functions that were given as they are', async () => {
      const given: unknown[] = []
      const answer = await call(space, 'callbacks', 'sum', [
        [1, 2],
        (value: number) => (given.push(value), value * 10)
      ])
      expect(answer.response).to.equal(30)
      expect(given).to.deep.equal([1, 2])
    })

    it('warns once of what a callback cannot be told', async () => {
      const warning = await warnedBy(() => {
        space.call('callbacks', 'sendUncloneable', ['cb:1'], false, () => {})
        space.call('callbacks', 'sendUncloneable', ['cb:1'], false, () => {})
      })
      expect(warning.message).to.match(
        /A callback was not called: parameters\[0\] cannot go to another process/
      )
    })
  })

  describe('when its space crashes', () => {
    afterEach(destroySingleSpaces)

    it('answers what was in flight with false, and has its packages again at once', async () => {
      const space = newSingleSpace()
      await Promise.all([add(space, 'exits'), add(space, 'class-with-state', [7])])
      const before = space.build()
      expect((await call(space, 'class-with-state', 'value')).response).to.equal(7)
      const lost = call(space, 'exits', 'kill', ['SIGKILL'])
      const { status, response } = await lost
      expect(status).to.equal(false)
      expect(response).to.match(/"exits", "class-with-state" was killed by SIGKILL.*in flight/)
      expect(space.isKilled()).to.equal(false)
      expect(await call(space, 'class-with-state', 'increment')).to.include({ status: true, response: 8 })
      expect(space.build().pid).to.not.equal(before.pid)
    })

    it('answers a call whose callback was not called yet, and no other', async () => {
      const space = newSingleSpace()
      await Promise.all([add(space, 'exits'), add(space, 'callbacks')])
      const answers: unknown[] = []
      const kept = new Promise<void>((resolve) => {
        space.call('callbacks', 'keep', ['cb:1'], false, (request, status) => {
          answers.push(['kept', status])
          resolve()
        })
      })
      space.call(
        'callbacks',
        'repeat',
        [1, 'cb:1'],
        false,
        (request, status) => void answers.push(['called', status])
      )
      expect((await call(space, 'exits', 'exit1')).status).to.equal(false)
      await kept
      expect(await call(space, 'callbacks', 'keepsOne')).to.include({ status: true, response: false })
      expect(answers).to.deep.equal([
        ['called', true],
        ['kept', false]
      ])
    })

    it('is rebuilt when nothing was in flight, too', async () => {
      const space = newSingleSpace()
      await add(space, 'exits')
      const { pid } = space.build()
      await call(space, 'exits', 'exitLater', [1])
      await until(() => space.build().pid !== pid)
      expect((await call(space, 'exits', 'pid')).response).to.equal(space.build().pid)
    })

    it('answers an add that ended the space, and keeps the other packages', async () => {
      const space = newSingleSpace()
      await add(space, 'plain-functions')
      const { status, response } = await add(space, 'exits-at-load')
      expect(status).to.equal(false)
      expect(response).to.match(/ended by itself with exit code 7 while it was loading a package/)
      expect((await call(space, 'plain-functions', 'add', [1, 2])).response).to.equal(3)
      expect((await call(space, 'exits-at-load', 'any')).response).to.match(/has not been added/)
    })

    it('is rebuilt by a request when it crashed before its packages were back', async () => {
      const space = newSingleSpace()
      await add(space, 'plain-functions')
      const first = space.build()
      first.kill('SIGKILL')
      await until(() => space.build().pid !== first.pid)
      const second = space.build()
      const waiting = call(space, 'plain-functions', 'add', [1, 2])
      second.kill('SIGKILL')
      expect(await waiting).to.include({ status: false })
      expect(space.isKilled()).to.equal(false)
      expect(await call(space, 'plain-functions', 'add', [1, 2])).to.include({ status: true, response: 3 })
    })

    it('is rebuilt by a request only, after five crashes within a minute', async () => {
      const space = newSingleSpace()
      await add(space, 'exits')
      const pids = new Set<unknown>()
      for (let crash = 1; crash <= 6; crash++) {
        pids.add((await call(space, 'exits', 'pid')).response)
        expect(await call(space, 'exits', 'exit1')).to.include({ status: false })
      }
      expect(pids.size).to.equal(6)
      expect(space.resetInactivity()).to.include({ _destroyed: true })
      pids.add((await call(space, 'exits', 'pid')).response)
      expect(pids.size).to.equal(7)
    })

    it('is empty when it is built anew instead', async () => {
      const space = newSingleSpace()
      await add(space, 'exits')
      for (let crash = 1; crash <= 6; crash++) await call(space, 'exits', 'exit1')
      expect(space.build()).to.include({ killed: false, connected: true })
      expect((await call(space, 'exits', 'pid')).response).to.match(/has not been added/)
    })
  })

  describe('destroyed', () => {
    afterEach(destroySingleSpaces)

    it('has sent SIGTERM when destroy() returns, and the process ends by it', async () => {
      const space = newSingleSpace()
      await add(space, 'path')
      const child = space.destroy()
      expect(child).to.include({ killed: true, connected: true, exitCode: null, signalCode: null })
      expect(space.isKilled()).to.equal(true)
      expect(space.destroy()).to.equal(child)
      expect(await once(child, 'exit')).to.deep.equal([null, 'SIGTERM'])
    })

    it('answers what was in flight with false, and later requests as well', async () => {
      const space = newSingleSpace()
      await add(space, 'plain-functions')
      const inFlight = call(space, 'plain-functions', 'neverSettles')
      const adding = add(space, 'lodash')
      const waiting = call(space, 'lodash', 'chunk')
      space.destroy()
      const later = [add(space, 'path'), call(space, 'plain-functions', 'add', [1, 2])]
      for (const answer of [inFlight, adding, waiting]) {
        expect(await answer).to.include({
          status: false,
          response: 'Space was destroyed before it answered, build a space first'
        })
      }
      for (const answer of later) {
        expect(await answer).to.include({
          status: false,
          response: 'Space is not alive, build a space first'
        })
      }
    })

    it('is killed later when it does not end by SIGTERM', async () => {
      const space = newSingleSpace()
      await add(space, 'ignores-signals')
      expect(await once(space.destroy(), 'exit')).to.deep.equal([null, 'SIGKILL'])
    })

    it('is built anew, empty, and is another process', async () => {
      const space = newSingleSpace()
      await add(space, 'path')
      const first = space.destroy()
      const second = space.build()
      expect(second).to.include({ killed: false, connected: true })
      expect(second.pid).to.be.a('number').and.not.equal(first.pid)
      expect(space.isKilled()).to.equal(false)
      expect((await call(space, 'path', 'join')).response).to.match(/has not been added/)
      expect(await add(space, 'path')).to.include({ status: true })
      await until(() => !isRunning(first.pid as number))
    })

    it('leaves no timer', () => {
      const space = newSingleSpace()
      space.destroy()
      expect(space.resetInactivity()).to.include({ _destroyed: true })
    })
  })

  describe('without activity', () => {
    afterEach(destroySingleSpaces)

    it('is destroyed after the timeout', async () => {
      const space = newSingleSpace({ inactivityTimeout: 50 })
      const child = space.build()
      expect(await once(child, 'exit')).to.deep.equal([null, 'SIGTERM'])
      expect(space.isKilled()).to.equal(true)
      expect(await add(space, 'path')).to.include({ status: false })
    })

    it('counts requests, calls in flight and callbacks that are called as activity', async () => {
      const space = newSingleSpace({ inactivityTimeout: 1200 })
      await add(space, 'plain-functions')
      await add(space, 'callbacks')
      expect(await call(space, 'plain-functions', 'sleep', [1500, 'slept'])).to.include({ response: 'slept' })
      await callFor(12, space, 'callbacks', 'start', [120, 'cb:1'])
      expect(space.isKilled()).to.equal(false)
      await call(space, 'callbacks', 'stop')
      await once(space.build(), 'exit')
      expect(space.isKilled()).to.equal(true)
    })

    it('lives on when the timeout is reset', async () => {
      const space = newSingleSpace({ inactivityTimeout: 60 })
      const exit = once(space.build(), 'exit')
      const begun = performance.now()
      const timer = setInterval(() => {
        if (performance.now() - begun > 250) clearInterval(timer)
        space.resetInactivity()
      }, 20)
      await exit
      expect(performance.now() - begun).to.be.greaterThan(250)
    })
  })
})

/** The next warning of the process, which is not printed. */
async function warnedBy(act: () => void): Promise<Error> {
  const warnings = insteadOfListeners('warning', 1)
  act()
  return (await warnings)[0] as Error
}

/** The next uncaught exceptions, which mocha would take for failures. */
function uncaught(count: number): Promise<Error[]> {
  return insteadOfListeners('uncaughtException', count)
}

function insteadOfListeners(event: 'warning' | 'uncaughtException', count: number): Promise<Error[]> {
  const listeners = process.rawListeners(event) as ((error: Error) => void)[]
  process.removeAllListeners(event)
  const errors: Error[] = []
  return new Promise((resolve) => {
    process.on(event, (error: Error) => {
      // Node may have something of its own to say.
      if (event === 'warning' && !/^(SpacePool)?Warning$/.test(error.name)) return
      if (errors.push(error) < count) return
      process.removeAllListeners(event)
      for (const listener of listeners) process.on(event, listener)
      resolve(errors)
    })
  })
}
