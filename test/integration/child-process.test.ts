import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import type { PackageSet } from '../../lib/package-set.js'
import type { Remote } from '../../lib/remote.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { codeWords, tableRows } from '../support/markdown.js'
import { destroyPools, newPool } from '../support/pools.js'
import { errorOf, rejectionOf } from '../support/rejections.js'
import { nextEvent } from '../support/waiting.js'

// What docs/child-process.md says: for each row of its table one test, which has the title that the row gives.

type Listener = (...given: never[]) => void
type Output = AsyncIterable<Buffer> & { on(event: string, listener: Listener): Output }
interface Input {
  write(text: string): boolean
  end(text?: string): void
}
interface Child {
  readonly pid: number
  readonly connected: boolean
  readonly killed: boolean
  readonly exitCode: number | null
  readonly signalCode: string | null
  readonly spawnargs: string[]
  readonly spawnfile: string
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly stdio: { readonly length: number; readonly [place: number]: Output }
  on(event: string, listener: Listener): Child
  once(event: string, listener: Listener): Child
  kill(signal?: string): boolean
  send(message: unknown, handle?: unknown): boolean
  disconnect(): void
  ref(): void
  unref(): void
}
interface Finished {
  readonly status: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  readonly output: unknown[]
}
type Answer = (
  error: (Error & { code?: unknown; killed?: boolean }) | null,
  stdout: string,
  stderr: string
) => void
/** The overloads of Node's types that are used here. */
interface Processes {
  spawn(file: string, parameters: readonly string[], options?: object): Child
  exec(command: string, options: object, answer: Answer): Child
  execFile(file: string, parameters: readonly string[], options: object, answer: Answer): Child
  fork(path: string, parameters?: readonly string[], options?: object): Child
  spawnSync(file: string, parameters: readonly string[], options?: object): Finished
  execSync(command: string, options?: object): string
  execFileSync(file: string, parameters: readonly string[], options?: object): string
}
interface Sockets {
  hold(thing: unknown): { close(): void }
}
interface Listening {
  listen(port: number, host: string): Listening
  address(): AddressInfo
  close(): void
}

const node = process.execPath
const forked = resolve(__dirname, '../fixtures/programs/forked.cjs')
const page = readFileSync(resolve(__dirname, '../../docs/child-process.md'), 'utf8')
const HOLDS = ['-e', 'process.stdin.resume()']

describe('child_process in a space', function () {
  let pool: SpacePool
  let set: PackageSet
  let processes: Remote<Processes>

  before(async () => {
    pool = newPool({ handles: true })
    set = await pool.add(['child_process', 'fs', 'net', 'util', 'process', 'sockets'])
    processes = set.use<Processes>('child_process')
  })
  after(destroyPools)

  describe('gives every event', () => {
    it('tells when a process was spawned', async () => {
      const heard = new Heard()
      await processes
        .spawn(node, ['-v'])
        .once('spawn', heard.note('spawn'))
        .once('close', heard.note('close'))
      expect(await heard.first('spawn')).to.deep.equal([])
      await heard.first('close')
      const ready = nextEvent(pool, 'spaceReady')
      const other = await pool.add('os')
      expect((await ready).pid).to.be.a('number')
      await other.remove()
    })

    it('tells how a process exited', async () => {
      const heard = new Heard()
      await processes.spawn(node, ['-e', 'process.exit(3)']).once('exit', heard.note('exit'))
      expect(await heard.first('exit')).to.deep.equal([3, null])
      const other = await pool.add({ name: 'process', as: 'ending' })
      const exit = nextEvent(pool, 'spaceExit')
      await errorOf('ERR_SPACEPOOL_SPACE_CRASHED', other.call('ending', 'exit', [4]))
      expect(await exit).to.include({ exitCode: 4, signal: null })
      await other.remove()
    })

    it('tells when the streams of a process are closed', async () => {
      const heard = new Heard()
      await processes
        .spawn(node, ['-e', 'process.exit(2)'])
        .once('exit', heard.note('exit'))
        .once('close', heard.note('close'))
      expect(await heard.first('close')).to.deep.equal([2, null])
      expect(heard.names).to.deep.equal(['exit', 'close'])
    })

    it('tells why a process could not be spawned', async () => {
      const heard = new Heard()
      await processes.spawn('/nowhere/nothing', []).once('error', heard.note('error'))
      const [error] = await heard.first('error')
      expect(error).to.be.an.instanceOf(Error).with.property('code', 'ENOENT')
      const failed = newPool({ execPath: '/nowhere/node' }).add('path')
      await errorOf('ERR_SPACEPOOL_SPACE_START_FAILED', failed)
    })

    it('tells when the channel of messages is closed', async () => {
      const heard = new Heard()
      const child = await processes
        .fork(forked)
        .once('disconnect', heard.note('disconnect'))
        .once('close', heard.note('close'))
      await child.send('disconnect')
      await heard.first('disconnect')
      expect(await child.connected).to.equal(false)
      await heard.first('close')
    })

    it('brings messages of a process', async () => {
      const heard = new Heard()
      const child = await processes.fork(forked).on('message', heard.note('message'))
      await child.send({ text: 'hello', list: [1, 2] })
      const [answer] = await heard.first('message')
      expect(answer).to.deep.include({ message: { text: 'hello', list: [1, 2] } })
      await endOf(child)
    })
  })

  describe('gives every member of a process', () => {
    it('writes to the standard input', async () => {
      const child = await processes.spawn('cat', [])
      child.stdin.write('one ')
      child.stdin.end('two')
      expect(await textOf(child.stdout)).to.equal('one two')
    })

    it('reads standard output and standard error', async () => {
      const heard = new Heard()
      const program = 'console.log("out"); console.error("err")'
      const child = processes.spawn(node, ['-e', program])
      child.stderr.on('data', heard.note('err'))
      expect(await textOf(child.stdout)).to.equal('out\n')
      const [chunk] = await heard.first('err')
      expect(String(chunk)).to.equal('err\n')
    })

    it('has all pipes in a list', async () => {
      const spawning = processes.spawn(node, ['-e', 'fs.writeSync(4, "four")'], {
        stdio: ['pipe', null, null, null, 'pipe']
      })
      // In the tick that spawns: what nobody reads when the process ends is lost.
      const written = textOf(spawning.stdio[4] as typeof spawning.stdout)
      const child = await spawning
      expect(await child.stdio.length).to.equal(5)
      expect(await child.stdio[3]).to.equal(null)
      expect(await written).to.equal('four')
    })

    it('knows the number of the process', async () => {
      const spawning = processes.spawn(node, ['-p', 'process.pid'])
      const printed = textOf(spawning.stdout)
      const child = await spawning
      expect(await printed).to.equal(`${await child.pid}\n`)
      const [space] = pool.stats().spaces
      expect(await set.use<{ pid: number }>('process').pid).to.equal(space?.pid)
    })

    it('knows whether a process is connected', async () => {
      const child = await processes.fork(forked)
      expect(await child.connected).to.equal(true)
      await endOf(child)
      const lone = await processes.spawn('cat', [])
      expect(await lone.connected).to.equal(false)
      await endOf(lone)
    })

    it('knows with which code or signal a process ended', async () => {
      const heard = new Heard()
      const child = await processes.spawn(node, ['-e', 'process.exit(5)']).once('exit', heard.note('exit'))
      await heard.first('exit')
      expect([await child.exitCode, await child.signalCode]).to.deep.equal([5, null])
      const killed = await processes.spawn('cat', [])
      await endOf(killed, 'SIGKILL')
      expect([await killed.exitCode, await killed.signalCode]).to.deep.equal([null, 'SIGKILL'])
    })

    it('knows what was spawned', async () => {
      const child = await processes.spawn('cat', ['-u'])
      expect([await child.spawnfile, await child.spawnargs]).to.deep.equal(['cat', ['cat', '-u']])
      await endOf(child)
    })

    it('sends signals', async () => {
      const heard = new Heard()
      const program =
        'process.on("SIGHUP", () => console.log("hangup")); console.log("on"); setInterval(() => 0, 1e3)'
      const child = await processes.spawn(node, ['-e', program]).once('exit', heard.note('exit'))
      child.stdout.on('data', heard.note('data'))
      await heard.first('data')
      const second = heard.next('data')
      expect(await child.kill('SIGHUP')).to.equal(true)
      expect(String((await second)[0])).to.equal('hangup\n')
      expect(await child.kill()).to.equal(true)
      expect(await heard.first('exit')).to.deep.equal([null, 'SIGTERM'])
      expect(await child.killed).to.equal(true)
    })

    it('sends messages', async () => {
      const heard = new Heard()
      const child = await processes.fork(forked).on('message', heard.note('message'))
      expect(await child.send('text')).to.equal(true)
      expect((await heard.first('message'))[0]).to.include({ message: 'text', kind: 'String' })
      await endOf(child)
    })

    it('sends a server of the space to a process', async () => {
      const heard = new Heard()
      const net = set.use<{ createServer(): Listening }>('net')
      const server = await net.createServer().listen(0, '127.0.0.1')
      const { port } = await server.address()
      const child = await processes.fork(forked).on('message', heard.note('message'))
      await child.send('server', server)
      expect(await heard.first('message')).to.deep.equal(['serving', undefined])
      await server.close()
      expect(await answerOf(connect(port, '127.0.0.1'))).to.equal(`server ${await child.pid}`)
      await endOf(child)
    })

    it('sends a server of the program to a process', async () => {
      const heard = new Heard()
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const child = await processes.fork(forked).on('message', heard.note('message'))
      const held = await set.use<Sockets>('sockets').hold(server)
      server.close()
      await child.send('server', held)
      await heard.first('message')
      await held.close()
      expect(await answerOf(connect(port, '127.0.0.1'))).to.equal(`server ${await child.pid}`)
      await endOf(child)
    })

    it('sends a socket of the program to a process', async () => {
      const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
      const [socket] = (await once(server, 'connection')) as [Socket]
      const child = await processes.fork(forked)
      await child.send('socket', socket)
      expect(await answerOf(client)).to.equal(`socket ${await child.pid}`)
      server.close()
      await endOf(child)
    })

    it('sends a dgram socket of the program to a process', async () => {
      const heard = new Heard()
      const [socket, asking] = [await bound(), await bound()]
      const { port } = socket.address()
      const child = await processes.fork(forked).on('message', heard.note('message'))
      const held = await set.use<Sockets>('sockets').hold(socket)
      socket.close()
      await child.send('dgram', held)
      await heard.first('message')
      await held.close()
      asking.send('hello', port, '127.0.0.1')
      const [answer] = (await once(asking, 'message')) as [Buffer]
      expect(String(answer)).to.equal(`hello ${await child.pid}`)
      asking.close()
      await endOf(child)
    })

    it('disconnects from a process', async () => {
      const heard = new Heard()
      const child = await processes.fork(forked).once('exit', heard.note('exit'))
      await child.disconnect()
      expect(await child.connected).to.equal(false)
      expect(await heard.first('exit')).to.deep.equal([0, null])
    })

    it('lets a process go, and holds it again', async () => {
      const child = await processes.spawn('cat', [])
      await child.unref()
      await child.ref()
      await endOf(child)
    })
  })

  describe('takes every form of stdio', () => {
    it('takes one word for all three', async () => {
      const ignored = await processes.spawn(node, ['-p', '1'], { stdio: 'ignore' })
      expect([await ignored.stdin, await ignored.stdout]).to.deep.equal([null, null])
      const piped = processes.spawn(node, ['-p', '1'], { stdio: 'pipe' })
      expect(await textOf(piped.stdout)).to.equal('1\n')
    })

    it('passes output on as that of the space', async () => {
      const line = nextEvent(pool, 'spaceOutput', (event) => event.line === 'inherited')
      await processes.spawn(node, ['-e', 'console.log("inherited")'], { stdio: 'inherit' })
      expect(await line).to.include({ stream: 'stdout' })
    })

    it('opens a channel of messages', async () => {
      const heard = new Heard()
      await processes
        .spawn(node, ['-e', 'process.send({ up: true })'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
        .on('message', heard.note('message'))
        .once('exit', heard.note('exit'))
      expect((await heard.first('message'))[0]).to.deep.equal({ up: true })
      await heard.first('exit')
    })

    it('writes into a stream or a descriptor of the space', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'spacepool-'))
      const files = set.use<{
        openSync(path: string, flags: string): number
        closeSync(descriptor: number): void
        createWriteStream(path: string): { once(event: string, listener: Listener): object }
      }>('fs')
      const descriptor = await files.openSync(join(folder, 'err'), 'w')
      const heard = new Heard()
      const stream = await files.createWriteStream(join(folder, 'out')).once('open', heard.note('open'))
      await heard.first('open')
      const program = 'console.log("out"); console.error("err")'
      await processes
        .spawn(node, ['-e', program], { stdio: ['ignore', stream, descriptor] })
        .once('close', heard.note('close'))
      await heard.first('close')
      await files.closeSync(descriptor)
      const written = ['out', 'err'].map((name) => readFileSync(join(folder, name), 'utf8'))
      rmSync(folder, { recursive: true })
      expect(written).to.deep.equal(['out\n', 'err\n'])
    })
  })

  describe('takes every option', () => {
    it('spawns in another folder', async () => {
      const folder = realpathSync(tmpdir())
      const child = processes.spawn(node, ['-p', 'process.cwd()'], { cwd: folder })
      expect(await textOf(child.stdout)).to.equal(`${folder}\n`)
      const other = await pool.add({ name: 'process', as: 'elsewhere' }, { cwd: folder })
      expect(await other.call('elsewhere', 'cwd')).to.equal(folder)
      await other.remove()
    })

    it('spawns with another environment', async () => {
      const child = processes.spawn(node, ['-p', 'process.env.COLOR'], { env: { COLOR: 'teal' } })
      expect(await textOf(child.stdout)).to.equal('teal\n')
      const other = await pool.add({ name: 'process', as: 'tinted' }, { env: { COLOR: 'red' } })
      expect(await other.use<NodeJS.Process>('tinted').env['COLOR']).to.equal('red')
      await other.remove()
    })

    it('gives a process another name', async () => {
      const child = processes.spawn(node, ['-p', 'process.argv0'], { argv0: 'other' })
      expect(await textOf(child.stdout)).to.equal('other\n')
    })

    it('detaches a process, which outlives its space', async () => {
      const other = await pool.add({ name: 'child_process', as: 'starting' })
      const starting = other.use<Processes>('starting')
      const child = await starting.spawn(node, ['-e', 'setInterval(() => 0, 1e3)'], {
        detached: true,
        stdio: 'ignore'
      })
      const pid = await child.pid
      await child.unref()
      await other.remove()
      expect(process.kill(pid, 0)).to.equal(true)
      process.kill(-pid, 'SIGKILL')
    })

    it('spawns as another user and group', async () => {
      const [uid, gid] = [process.getuid?.(), process.getgid?.()]
      const child = processes.spawn(node, ['-p', '[process.getuid(), process.getgid()].join()'], {
        uid,
        gid
      })
      expect(await textOf(child.stdout)).to.equal(`${uid},${gid}\n`)
    })

    it('spawns through a shell', async () => {
      const child = processes.spawn('echo $((6 * 7))', [], { shell: true })
      expect(await textOf(child.stdout)).to.equal('42\n')
    })

    it('ends a process after a time by a signal of choice', async () => {
      const heard = new Heard()
      await processes
        .spawn(node, HOLDS, { timeout: 100, killSignal: 'SIGINT' })
        .once('exit', heard.note('exit'))
      expect((await heard.first('exit'))[1]).to.equal('SIGINT')
    })

    it('ends a process by an AbortSignal of the program', async () => {
      const heard = new Heard()
      const controller = new AbortController()
      const { signal } = controller
      await processes
        .spawn(node, HOLDS, { signal })
        .once('error', heard.note('error'))
        .once('exit', heard.note('exit'))
      controller.abort()
      expect((await heard.first('error'))[0])
        .to.be.an.instanceOf(Error)
        .with.property('code', 'ABORT_ERR')
      expect(await heard.first('exit')).to.deep.equal([null, 'SIGTERM'])
    })

    it('sends messages with the values of structuredClone', async () => {
      const heard = new Heard()
      const child = await processes
        .fork(forked, [], { serialization: 'advanced' })
        .on('message', heard.note('message'))
      await child.send(new Map([['key', 1n]]))
      expect((await heard.first('message'))[0]).to.deep.include({
        kind: 'Map',
        message: new Map([['key', 1n]])
      })
      await endOf(child)
    })

    it('takes what only Windows heeds', async () => {
      const child = processes.spawn(node, ['-p', '1'], {
        windowsHide: true,
        windowsVerbatimArguments: true
      })
      expect(await textOf(child.stdout)).to.equal('1\n')
    })
  })

  describe('has every function', () => {
    it('spawns a command', async () => {
      const child = processes.spawn(node, ['-p', '6 * 7'])
      expect(await textOf(child.stdout)).to.equal('42\n')
    })

    it('joins two processes by a pipe', async () => {
      const [first, second] = [await processes.spawn('cat', []), await processes.spawn('cat', [])]
      const source = first.stdout as unknown as { pipe(to: unknown): Promise<unknown> }
      await source.pipe(await second.stdin)
      first.stdin.end('one two')
      expect(await textOf(second.stdout)).to.equal('one two')
    })

    it('runs a command in a shell and calls back with its output', async () => {
      const heard = new Heard()
      await processes.exec('echo out; echo err >&2; exit 3', {}, heard.note('done'))
      const [error, stdout, stderr] = await heard.first('done')
      expect(error).to.be.an.instanceOf(Error).with.property('code', 3)
      expect([stdout, stderr]).to.deep.equal(['out\n', 'err\n'])
    })

    it('runs a command and gives its output as a promise', async () => {
      const promisify = set.use<{ promisify(run: unknown): (command: string) => Promise<object> }>('util')
      const result = await promisify.promisify(processes.exec)('echo out; echo err >&2')
      expect(result).to.deep.equal({ stdout: 'out\n', stderr: 'err\n' })
    })

    it('runs a file and calls back with its output', async () => {
      const heard = new Heard()
      await processes.execFile(node, ['-p', '6 * 7'], {}, heard.note('done'))
      expect(await heard.first('done')).to.deep.equal([null, '42\n', ''])
    })

    it('decodes output as asked', async () => {
      const heard = new Heard()
      await processes.execFile(node, ['-p', '1'], { encoding: 'hex' }, heard.note('hex'))
      expect((await heard.first('hex'))[1]).to.equal('310a')
      await processes.execFile(node, ['-p', '1'], { encoding: 'buffer' }, heard.note('buffer'))
      expect((await heard.first('buffer'))[1]).to.deep.equal(Buffer.from('1\n'))
    })

    it('ends a command that prints too much', async () => {
      const heard = new Heard()
      await processes.exec('yes', { maxBuffer: 1000 }, heard.note('done'))
      const [error, stdout] = await heard.first('done')
      expect(error).to.have.property('code', 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
      expect(stdout).to.have.length(1000)
    })

    it('forks a module with parameters', async () => {
      const heard = new Heard()
      const child = await processes.fork(forked, ['a', 'b']).on('message', heard.note('message'))
      await child.send('who')
      expect((await heard.first('message'))[0]).to.deep.include({ parameters: ['a', 'b'] })
      await endOf(child)
    })

    it('forks with another Node and flags for it', async () => {
      const heard = new Heard()
      const options = { execPath: node, execArgv: ['--expose-gc'] }
      const child = await processes.fork(forked, [], options).on('message', heard.note('message'))
      await child.send('who')
      expect((await heard.first('message'))[0]).to.deep.include({
        flags: ['--expose-gc'],
        node: realpathSync(node)
      })
      await endOf(child)
      const other = await pool.add({ name: 'process', as: 'flagged' }, { execArgv: ['--expose-gc'] })
      expect(await other.use<NodeJS.Process>('flagged').execArgv).to.include('--expose-gc')
      await other.remove()
    })

    it('forks silently', async () => {
      const heard = new Heard()
      const forking = processes.fork(forked, [], { silent: true })
      forking.stdout.on('data', heard.note('data'))
      const child = await forking
      expect(String((await heard.first('data'))[0])).to.equal('forked\n')
      await endOf(child)
    })

    it('runs a command to its end and returns everything', async () => {
      const program = 'console.log("out"); process.exitCode = 3'
      const { status, signal, stdout } = await processes.spawnSync(node, ['-e', program], {
        encoding: 'utf8'
      })
      expect({ status, signal, stdout }).to.deep.equal({ status: 3, signal: null, stdout: 'out\n' })
    })

    it('runs a command in a shell to its end and returns its output', async () => {
      expect(await processes.execSync('echo $((6 * 7))', { encoding: 'utf8' })).to.equal('42\n')
      const failed = await rejectionOf(Promise.resolve(processes.execSync('exit 3', { stdio: 'ignore' })))
      expect(failed).to.have.property('status', 3)
    })

    it('runs a file to its end and returns its output', async () => {
      const input = { input: 'from here', encoding: 'utf8' }
      expect(await processes.execFileSync('cat', [], input)).to.equal('from here')
    })
  })
})

describe('The page on child processes', () => {
  const source = readFileSync(__filename, 'utf8')
  const titles = new Set([...source.matchAll(/^ +it\('([^']+)'/gm)].map(([, title]) => title))
  const rows = tableRows(page, 'feature')

  it('names a test for each row that is there, and each test once', () => {
    const named = rows.map((cells) => cells.at(-1))
    for (const title of named) expect(titles).to.include(title)
    expect(new Set(named).size).to.equal(named.length)
    expect([...titles].filter((title) => !named.includes(title))).to.deep.equal([
      'names a test for each row that is there, and each test once',
      'has a row for every feature',
      'links to what is there'
    ])
  })

  it('has a row for every feature', () => {
    const words = new Set(rows.flatMap(([feature]) => codeWords(feature)))
    for (const feature of FEATURES) expect(words, feature).to.include(feature)
  })

  it('links to what is there', () => {
    for (const [, target = ''] of page.matchAll(/\]\((\.\.\/[^)#]+)[^)]*\)/g)) {
      expect(existsSync(resolve(__dirname, '../../docs', target)), target).to.equal(true)
    }
  })
})

/** What Node's manual has on child processes. */
const FEATURES = [
  ...["'spawn'", "'exit'", "'close'", "'error'", "'disconnect'", "'message'"],
  ...['stdin', 'stdout', 'stderr', 'stdio', 'pid', 'connected', 'exitCode', 'signalCode', 'spawnargs'],
  ...['spawnfile', 'kill()', 'killed', 'send()', 'disconnect()', 'ref()', 'unref()'],
  ...["'pipe'", "'ignore'", "'inherit'", "'ipc'", 'cwd', 'env', 'argv0', 'detached', 'uid', 'gid', 'shell'],
  ...['timeout', 'killSignal', 'signal', 'serialization', 'windowsHide', 'encoding', 'maxBuffer', 'execPath'],
  ...['execArgv', 'silent', 'spawn()', 'exec()', 'execFile()', 'fork()', 'spawnSync()', 'execSync()'],
  ...['execFileSync()']
]

/** Notes what listeners hear. */
class Heard {
  readonly names: string[] = []
  private readonly heard = new Map<string, unknown[]>()
  private readonly emitter = new EventEmitter()

  note(name: string): (...given: unknown[]) => void {
    return (...given) => {
      this.names.push(name)
      if (!this.heard.has(name)) this.heard.set(name, given)
      this.emitter.emit(`heard ${name}`, ...given)
    }
  }

  async first(name: string): Promise<unknown[]> {
    return this.heard.get(name) ?? this.next(name)
  }

  next(name: string): Promise<unknown[]> {
    return once(this.emitter, `heard ${name}`)
  }
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

async function answerOf(client: Socket): Promise<string> {
  let text = ''
  client.on('data', (data) => (text += String(data)))
  await once(client, 'close')
  return text
}

async function bound(): Promise<DatagramSocket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

/** For a process that would not end by itself. */
async function endOf(child: Remote<Child>, signal = 'SIGTERM'): Promise<void> {
  const heard = new Heard()
  await child.once('exit', heard.note('exit'))
  await child.kill(signal)
  await heard.first('exit')
}
