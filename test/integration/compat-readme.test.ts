import { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { WebSocketServer } from 'ws'
import { packages } from '../spaces/fixtures.js'
import { isRunning } from '../support/running.js'
import { add, call, callFor, destroySingleSpaces, newSingleSpace } from '../support/single-spaces.js'
import { until } from '../support/waiting.js'

// Each sentence of the older README, in its order and its words. What it says of Mac and Windows, of security and of
// the name to install is not for a test.

describe("The older README's", () => {
  afterEach(destroySingleSpaces)

  describe('introduction', () => {
    it('Create child processes and run pre-installed npm packages inside them', async () => {
      const npa = newSingleSpace()
      expect(npa.build()).to.be.an.instanceOf(ChildProcess)
      await add(npa, 'semver')
      expect((await call(npa, 'semver', 'inc', ['1.2.3', 'minor'])).response).to.equal('1.3.0')
    })

    it('a nodejs module for loading nodejs/js packages or modules in a separate process', async () => {
      const npa = newSingleSpace()
      await add(npa, 'exits')
      await add(npa, join(packages, 'plain-functions/lib/numbers.js'))
      const { response } = await call(npa, 'exits', 'pid')
      expect(response).to.equal(npa.build().pid).and.not.equal(process.pid)
    })
  })

  describe('config', () => {
    it('"inactivityTimeout" : 3600000, "paths" : false', async () => {
      const npa = newSingleSpace({ inactivityTimeout: 3600000, paths: false })
      expect(await add(npa, 'semver')).to.include({ status: true })
    })

    it('inactivityTimeout | Number | 3600000', () => {
      expect(newSingleSpace({}).resetInactivity()).to.include({ _idleTimeout: 3600000 })
      expect(newSingleSpace({ inactivityTimeout: 5000 }).resetInactivity()).to.include({ _idleTimeout: 5000 })
    })

    it('Timeout for destroying space after no request is recieved', async () => {
      const npa = newSingleSpace({ inactivityTimeout: 100 })
      const exit = once(npa.build(), 'exit')
      await add(npa, 'path')
      expect(npa.isKilled()).to.equal(false)
      expect(await exit).to.deep.equal([null, 'SIGTERM'])
      expect(npa.isKilled()).to.equal(true)
      expect((await call(npa, 'path', 'sep')).response).to.equal('Space is not alive, build a space first')
    })

    it('paths | Array | module.paths', async () => {
      const npa = newSingleSpace({ paths: undefined })
      const { request } = await add(npa, 'path')
      expect(request.paths).to.include.members([resolve(__dirname, '../../node_modules'), '/node_modules'])
    })

    it('Array with strings where to look for installed packages', async () => {
      const npa = newSingleSpace({ paths: [packages] })
      const { request, status } = await add(npa, 'exchange')
      expect(request.paths).to.deep.equal([packages])
      expect(status).to.equal(true)
    })

    it("const npa = require('./node-package-api')(config);", () => {
      const npa = newSingleSpace({})
      const methods = ['add', 'call', 'build', 'destroy', 'isKilled', 'resetInactivity']
      expect(npa).to.have.all.keys(methods)
      for (const method of methods) expect(npa).to.have.property(method).that.is.a('function')
    })
  })

  describe('tips', () => {
    it(
      'The success parameter returns true if package and function is found and executed, not if the function itself ' +
        'returns an error or response.',
      async () => {
        const npa = newSingleSpace()
        await add(npa, 'plain-functions')
        expect(await call(npa, 'plain-functions', 'returnNothing')).to.include({
          status: true,
          response: undefined
        })
        const failing = await call(npa, 'plain-functions', 'throwError', ['its own business'])
        expect(failing.status).to.equal(true)
        expect(failing.response).to.have.property('message', 'its own business')
        expect(await call(npa, 'plain-functions', 'no-such-function')).to.include({ status: false })
        expect(await call(npa, 'no-such-package', 'echo')).to.include({ status: false })
        expect(await add(npa, 'no-such-package')).to.include({ status: false })
      }
    )

    it('Only one space per node-package-api can be build.', () => {
      const npa = newSingleSpace()
      const space = npa.build()
      expect(npa.build()).to.equal(space)
      expect(newSingleSpace().build()).to.not.equal(space)
    })

    it('Multiple packages can be loaded per space/node-package-api.', async () => {
      const npa = newSingleSpace()
      await Promise.all([add(npa, 'exits'), add(npa, 'exchange'), add(npa, 'path')])
      expect((await call(npa, 'exits', 'pid')).response).to.equal(npa.build().pid)
      expect((await call(npa, 'exchange', 'whoAmI')).response).to.deep.equal(['no key', 'no secret'])
      expect((await call(npa, 'path', 'basename', ['/a/b'])).response).to.equal('b')
    })

    it('Packages must be installed on your system in a path specified in native module.paths or custom config.paths.', async () => {
      expect(await add(newSingleSpace({ paths: false }), 'lodash')).to.include({ status: true })
      expect(await add(newSingleSpace({ paths: false }), 'exchange')).to.include({ status: false })
      expect(await add(newSingleSpace({ paths: [packages] }), 'exchange')).to.include({ status: true })
    })

    it(
      'Websockets in packages can be used. On first callback the result of opening the websocket is returned. ' +
        'Subsequent calls return the websocket data.',
      async () => {
        const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
        server.on('connection', (socket) =>
          [1, 2, 3].forEach((price) => socket.send(JSON.stringify({ price })))
        )
        await once(server, 'listening')
        const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
        const npa = newSingleSpace()
        await add(npa, 'exchange')
        const answers = await callFor(4, npa, 'exchange', 'websockets.trades', [address, 'cb:1'])
        expect(answers.map(({ status }) => status)).to.deep.equal([true, true, true, true])
        expect(answers.map(({ response }) => response)).to.deep.equal([
          ['opened'],
          [{ price: 1 }],
          [{ price: 2 }],
          [{ price: 3 }]
        ])
        for (const client of server.clients) client.terminate()
        server.close()
      }
    )

    it('Nested functions can be called by using a dot, like "websockets.websocketfunction".', async () => {
      const npa = newSingleSpace()
      await add(npa, 'plain-functions')
      expect((await call(npa, 'plain-functions', 'strings.upper', ['a'])).response).to.equal('A')
      expect((await call(npa, 'plain-functions', 'strings.deeper.lower', ['A'])).response).to.equal('a')
      expect((await call(npa, 'plain-functions', 'counter.next')).response).to.equal(1)
    })

    it(
      "Any place where you want to insert a callback in a functions parameters, just add 'cb:' with the number of " +
        "parameters it has in de parameters array, like ['param1', 'param2', 'cb:2', 'param3', 'cb:1'].",
      async () => {
        const npa = newSingleSpace()
        await add(npa, 'exchange')
        const parameters = ['param1', 'param2', 'cb:2', 'param3', 'cb:1']
        const answers = await callFor(2, npa, 'exchange', 'order', parameters)
        expect(answers.map(({ response }) => response)).to.deep.equal([
          ['param1', 'param2', 'param3', 2],
          [1]
        ])
      }
    )

    it(
      'All callbacks parameters will be returned in an array in the main callback as third parameter (called res in ' +
        'documentation).',
      async () => {
        const npa = newSingleSpace()
        await add(npa, 'exchange')
        const [answer] = await callFor(1, npa, 'exchange', 'price', ['ETH', 'BTC', 'cb:2'])
        expect(answer?.response).to.deep.equal([null, 'ETH in BTC'])
      }
    )

    it('A space is the forked childprocess.', async () => {
      const npa = newSingleSpace()
      await add(npa, 'process')
      const space = npa.build()
      expect(space).to.be.an.instanceOf(ChildProcess)
      expect(space.connected).to.equal(true)
      expect((await call(npa, 'process', 'cwd')).response).to.equal(process.cwd())
    })

    it(
      'Communicating with the childprocess is async, so make sure to wait for the package to be added before calling ' +
        'functions on it.',
      async () => {
        const npa = newSingleSpace()
        let isAdded = false
        const added = new Promise<boolean>((settle) => npa.add('path', [], () => settle((isAdded = true))))
        expect(isAdded).to.equal(false)
        expect(await added).to.equal(true)
        expect(await call(npa, 'path', 'basename', ['/a/b'])).to.include({ status: true, response: 'b' })
      }
    )
  })

  describe('add', () => {
    it('adds specified package to the space (childprocess)', async () => {
      const npa = newSingleSpace()
      expect(await call(npa, 'path', 'basename', ['/a/b'])).to.include({ status: false })
      const { request, status, response } = await add(npa, 'path')
      expect([status, response]).to.deep.equal([true, 'Package is added to space'])
      expect(Object.keys(request)).to.deep.equal(['id', 'package', 'parameters', 'type', 'paths'])
      expect(request).to.deep.include({ package: 'path', parameters: [], type: 'add' })
      expect(request.id).to.be.a('number')
      expect(await call(npa, 'path', 'basename', ['/a/b'])).to.include({ status: true })
    })

    it('npa.add(package, parameters, callback);', () => {
      const npa = newSingleSpace()
      expect(npa.add('path', [], () => {})).to.equal(undefined)
    })

    it('package | String | | yes | Name of package which should be added to space', async () => {
      const npa = newSingleSpace()
      expect(await add(npa, undefined as never)).to.include({ status: false })
      expect(await add(npa, 'path')).to.include({ status: true })
    })

    it(
      'parameters | Array | [] | no | Array where every index represents a parameter needed when instantiating the ' +
        'package.',
      async () => {
        const npa = newSingleSpace()
        await add(npa, 'exchange', ['my key', { secret: 'my secret' }])
        expect((await call(npa, 'exchange', 'whoAmI')).response).to.deep.equal(['my key', 'my secret'])
        const without = newSingleSpace()
        without.add('exchange')
        const { response } = await call(without, 'exchange', 'whoAmI')
        expect(response).to.deep.equal(['no key', 'no secret'])
      }
    )

    it('callback | function | null | no | Callback function which will be called when the package is instantiated', async () => {
      const npa = newSingleSpace()
      npa.add('path', [], null)
      expect(await call(npa, 'path', 'basename', ['/a/b'])).to.include({ status: true })
      expect(await add(npa, 'async-factory', ['you'])).to.include({ status: true })
      expect((await call(npa, 'async-factory', 'greet')).response).to.equal('hello you')
    })
  })

  describe('call', () => {
    it('calls a function on the specified package', async () => {
      const npa = newSingleSpace()
      await add(npa, 'path')
      const { request, status, response } = await call(npa, 'path', 'dirname', [__dirname])
      expect([status, response]).to.deep.equal([true, resolve(__dirname, '..')])
      expect(Object.keys(request)).to.deep.equal([
        'id',
        'package',
        'parameters',
        'type',
        'function',
        'promise'
      ])
      const expected = {
        package: 'path',
        parameters: [__dirname],
        type: 'call',
        function: 'dirname',
        promise: false
      }
      expect(request).to.deep.include(expected)
      expect(request.id).to.be.a('number')
    })

    it('npa.call(package, function, parameters, promise, callback);', async () => {
      const npa = newSingleSpace()
      await add(npa, 'path')
      expect(npa.call('path', 'dirname', [__dirname], false, () => {})).to.equal(undefined)
    })

    it('package | String | | yes | Package in space to call function on', async () => {
      const npa = newSingleSpace()
      expect(await call(npa, undefined as never, 'dirname')).to.include({ status: false })
    })

    it('function | String | | yes | Function to call on specified package', async () => {
      const npa = newSingleSpace()
      await add(npa, 'path')
      expect(await call(npa, 'path', undefined as never)).to.include({ status: false })
    })

    it(
      "parameters | Array | [] | no | Array where every index represents a parameter needed when calling a package's " +
        'function',
      async () => {
        const npa = newSingleSpace()
        await add(npa, 'plain-functions')
        expect((await call(npa, 'plain-functions', 'add', [3, 4])).response).to.equal(7)
        const count = await new Promise((settle) => {
          npa.call('plain-functions', 'countParameters', undefined, undefined, (req, status, res) =>
            settle(res)
          )
        })
        expect(count).to.equal(0)
      }
    )

    it("promise | Boolean | false | no | Pass true if package's function returns a promise", async () => {
      const npa = newSingleSpace()
      await add(npa, 'exchange')
      const answer = await call(npa, 'exchange', 'balance', ['ETH'], true)
      expect(answer.request.promise).to.equal(true)
      expect([answer.status, answer.response]).to.deep.equal([true, { ETH: 7 }])
      const { status, response } = await call(npa, 'exchange', 'balance', ['none'], true)
      expect(status).to.equal(true)
      expect(response).to.be.an.instanceOf(Error).with.property('message', 'no such currency')
    })

    it(
      'callback | function | null | no | Callback function which will be called the functions result is returned from ' +
        "the space. This is not the callback for package's function itself.",
      async () => {
        const npa = newSingleSpace()
        await add(npa, 'plain-functions')
        npa.call('plain-functions', 'counter.next', [], false, null)
        npa.call('plain-functions', 'counter.next')
        expect((await call(npa, 'plain-functions', 'counter.next')).response).to.equal(3)
        expect((await call(npa, 'plain-functions', 'countParameters', ['one'])).response).to.equal(1)
      }
    )

    it(
      "If the packacge's function has callback(s), you need to insert them in the parameters array, like following " +
        'example.',
      async () => {
        const npa = newSingleSpace()
        await add(npa, 'exchange')
        const [answer] = await callFor(1, npa, 'exchange', 'price', ['parameter1', 'parameter2', 'cb:2'])
        expect(answer?.response).to.deep.equal([null, 'parameter1 in parameter2'])
      }
    )

    it(
      "The 'callback strings' are automatically converted to a callback with the number of wanted parameters specified " +
        "behind the ':'.",
      async () => {
        const npa = newSingleSpace()
        await add(npa, 'exchange')
        const parameters = ['test_parameter_1', 'test_parameter_2', 'cb:4', 'test_parameter_3', 'cb:1']
        const [filled, closed] = await callFor(2, npa, 'exchange', 'order', parameters)
        expect(filled?.response).to.deep.equal([
          'test_parameter_1',
          'test_parameter_2',
          'test_parameter_3',
          4
        ])
        expect(closed?.response).to.deep.equal([1])
      }
    )

    it("The main function cb will be called for every 'cb:' parameter passed.", async () => {
      const npa = newSingleSpace()
      await add(npa, 'callbacks')
      const answers = await callFor(2, npa, 'callbacks', 'callTwo', ['cb:1', 'cb:1'])
      expect(answers.map(({ status, response }) => [status, response])).to.deep.equal([
        [true, ['first']],
        [true, ['second']]
      ])
      expect(answers[0]?.request).to.equal(answers[1]?.request)
    })
  })

  describe('destroy', () => {
    it("Destroys space/childprocess and thus all containing packages won't be available anymore", async () => {
      const npa = newSingleSpace()
      await add(npa, 'path')
      const destroyed = npa.destroy()
      const answer = await call(npa, 'path', 'basename', ['/a/b'])
      expect(answer).to.include({ status: false, response: 'Space is not alive, build a space first' })
      await until(() => !isRunning(destroyed.pid as number))
    })

    it('let destroyed = npa.destroy(); ChildProcess { connected: true, killed: true, … }', () => {
      const npa = newSingleSpace()
      expectSpace(npa.destroy(), true)
    })
  })

  describe('build', () => {
    it('creates new space/childprocess. Only when space is destroyed before (so there is no existing space yet);', async () => {
      const npa = newSingleSpace()
      await add(npa, 'path')
      const first = npa.build()
      expect(npa.build()).to.equal(first)
      npa.destroy()
      const second = npa.build()
      expect(second).to.not.equal(first)
      expect(second.pid).to.not.equal(first.pid)
      expect(await call(npa, 'path', 'basename', ['/a/b'])).to.include({ status: false })
      expect(await add(npa, 'path')).to.include({ status: true })
    })

    it('let build = npa.build(); ChildProcess { connected: true, killed: false, … }', () => {
      const npa = newSingleSpace()
      npa.destroy()
      expectSpace(npa.build(), false)
    })
  })

  describe('isKilled', () => {
    it('see if space is killed', () => {
      const npa = newSingleSpace()
      expect(npa.isKilled()).to.equal(false)
      npa.destroy()
      expect(npa.isKilled()).to.equal(true)
      npa.build()
      expect(npa.isKilled()).to.equal(false)
    })
  })

  describe('resetInactivity', () => {
    it('reset inactivity timer to prevent killing of space after inactivity', async () => {
      const npa = newSingleSpace({ inactivityTimeout: 150 })
      const exit = once(npa.build(), 'exit')
      const begun = performance.now()
      for (let times = 1; times <= 6; times++) {
        await new Promise((settle) => setTimeout(settle, 50))
        npa.resetInactivity()
      }
      expect(npa.isKilled()).to.equal(false)
      await exit
      expect(performance.now() - begun).to.be.greaterThan(440)
    })

    it('Timeout { _idleTimeout: 3600000, _repeat: null, _destroyed: false, [Symbol(refed)]: true }', () => {
      const timeout = newSingleSpace().resetInactivity()
      expect(timeout.constructor.name).to.equal('Timeout')
      expect(timeout).to.include({ _idleTimeout: 3600000, _repeat: null, _destroyed: false })
      expect(timeout.hasRef()).to.equal(true)
    })
  })
})

function expectSpace(space: ChildProcess, killed: boolean): void {
  expect(space).to.be.an.instanceOf(ChildProcess)
  const { connected, signalCode, exitCode, spawnfile, spawnargs, stdin, stdout, stderr } = space
  expect({
    connected,
    signalCode,
    exitCode,
    spawnfile,
    stdin,
    stdout,
    stderr,
    killed: space.killed
  }).to.deep.equal({
    ...{ connected: true, signalCode: null, exitCode: null, spawnfile: process.execPath },
    ...{ stdin: null, stdout: null, stderr: null, killed }
  })
  expect(spawnargs[0]).to.equal(process.execPath)
  expect(space.pid).to.be.a('number')
  expect(space.channel).to.be.an('object')
  for (const method of ['send', 'disconnect'] as const) expect(space[method]).to.be.a('function')
}
