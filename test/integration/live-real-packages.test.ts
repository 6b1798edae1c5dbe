import type * as ChildProcess from 'node:child_process'
import { once, EventEmitter } from 'node:events'
import type * as Acorn from 'acorn'
import type * as Walk from 'acorn-walk'
import { expect } from 'chai'
import type Sharp from 'sharp'
import type * as Ws from 'ws'
import { WebSocketServer } from 'ws'
import { copy, release } from '../../lib/live.js'
import type { Remote } from '../../lib/remote.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { destroyPools, newPool } from '../support/pools.js'
import { rejectionOf } from '../support/rejections.js'

/** Gathers what callbacks say, until there is enough of it. */
class Heard<T> extends EventEmitter {
  readonly all: T[] = []

  readonly note = (value: T): void => {
    this.all.push(value)
    this.emit('more')
  }

  async first(count: number): Promise<T[]> {
    while (this.all.length < count) await once(this, 'more')
    return this.all
  }
}

/** What arrives at a socket, which may come in pieces. */
function textOf(data: Ws.RawData): string {
  return Buffer.concat([data].flat().map((part) => Buffer.from(part as Buffer))).toString()
}

describe('Live objects of real packages:', function () {
  let pool: SpacePool

  before(async () => {
    pool = newPool()
    const names = ['sharp', 'libsql', 'ws', 'pdfkit', 'streaming-iterables', 'child_process']
    await Promise.all([...names.map((name) => pool.add(name)), pool.add(['acorn', 'acorn-walk'])])
  })
  after(destroyPools)

  const references = (): number => pool.stats().sets.reduce((sum, set) => sum + set.references, 0)

  describe('sharp, a native addon', () => {
    let sharp: Remote<typeof Sharp>
    const create = { width: 64, height: 32, channels: 3 as const, background: 'teal' }

    before(() => {
      sharp = pool.use<typeof Sharp>('sharp')
    })

    it('makes an image in one chain, and reads it in another', async () => {
      const png = await sharp({ create }).resize(16).png().toBuffer()
      expect(png).to.be.an.instanceOf(Buffer)
      const { format, width, height } = await sharp(png).metadata()
      expect([format, width, height]).to.deep.equal(['png', 16, 8])
    })

    it('keeps an image there for further steps, as a reference', async () => {
      const image = await sharp({ create }).png()
      const sizes = await Promise.all(
        [8, 16].map(async (width) => sharp(await image.clone().resize(width).toBuffer()).metadata().width)
      )
      expect(sizes).to.deep.equal([8, 16])
      release(image)
    })

    it('composes one image with the unawaited result of another', async () => {
      const dot = sharp({ create: { ...create, width: 2, height: 2, background: 'red' } })
        .png()
        .toBuffer()
      const composed = sharp({ create })
        .composite([{ input: dot, left: 1, top: 1 }])
        .removeAlpha()
        .raw()
        .toBuffer()
      const pixels = (await composed) as unknown as Buffer
      expect([...pixels.subarray(0, 3)]).to.deep.equal([0, 128, 128])
      expect([...pixels.subarray((64 + 1) * 3, (64 + 1) * 3 + 3)]).to.deep.equal([255, 0, 0])
    })

    it('says in an error at which step of the chain it failed', async () => {
      const failing = sharp(Buffer.from('no image')).resize(16).png().toBuffer()
      const error = (await rejectionOf(Promise.resolve(failing))) as Error
      expect(error.message).to.match(/unsupported image format/)
      expect(error.stack).to.match(/sharp\(…\)\.resize\(…\)\.png\(…\) → toBuffer/)
    })
  })

  describe('libsql, a database with statements and iterators', () => {
    type Row = Record<string, number | string>
    interface Statement {
      run(...values: unknown[]): { changes: number }
      get(...values: unknown[]): Row
      all(...values: unknown[]): Row[]
      iterate(...values: unknown[]): IterableIterator<Row>
    }
    interface Database {
      prepare(sql: string): Statement
      exec(sql: string): void
      close(): void
    }
    let Database: Remote<new (path: string) => Database>

    before(() => {
      Database = pool.use<new (path: string) => Database>('libsql')
    })

    it('prepares a statement once, runs it a thousand times in order, and ends with the block', async () => {
      const before = references()
      {
        using database = await new Database(':memory:')
        await database.exec('create table readings (id integer primary key, value integer)')
        using insert = await database.prepare('insert into readings (value) values (?)')
        await Promise.all([...Array(1000).keys()].map((value) => insert.run(value)))
        const last = await database.prepare('select id, value from readings order by id desc').get()
        expect(last).to.include({ id: 1000, value: 999 })
        expect(references()).to.equal(before + 2)
      }
      expect(references()).to.equal(before)
    })

    it('streams rows, and stops where the loop stops', async () => {
      using database = await new Database(':memory:')
      const endless = 'with recursive c(x) as (select 1 union all select x + 1 from c) select x from c'
      let sum = 0
      for await (const { x } of database.prepare(endless).iterate()) {
        sum += Number(x)
        if (x === 1000) break
      }
      expect(sum).to.equal(500_500)
      expect(await database.prepare('select 1 as one').get()).to.include({ one: 1 })
    })

    it('tells the errors of SQL as they are', async () => {
      using database = await new Database(':memory:')
      const error = await rejectionOf(Promise.resolve(database.prepare('select from').all()))
      expect(error).to.include({ name: 'SqliteError', code: 'SQLITE_ERROR' })
    })
  })

  describe('ws, sockets', () => {
    it('has a client in a space: what it hears comes here, in order, until it is closed', async () => {
      const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
      await once(server, 'listening')
      server.on('connection', (socket) => {
        for (let count = 0; count < 100; count++) socket.send(String(count))
        socket.on('message', (data) => socket.close(1000, textOf(data)))
      })
      const { WebSocket } = pool.use<typeof Ws>('ws')
      const heard = new Heard<string>()
      const url = `ws://127.0.0.1:${(server.address() as { port: number }).port}`
      const socket = await new WebSocket(url).on('message', (data) => heard.note(textOf(data)))
      const closed = new Heard<string>()
      await socket.on('close', (...given) => closed.note(String(given[1])))
      expect(await heard.first(100)).to.deep.equal([...Array(100).keys()].map(String))
      await socket.send('thank you')
      expect(await closed.first(1)).to.deep.equal(['thank you'])
      release(socket)
      await new Promise((resolve) => server.close(resolve))
    })

    it('has a server in a space, whose sockets answer from here', async () => {
      const { WebSocket, WebSocketServer: Server } = pool.use<typeof Ws>('ws')
      const server = await new Server({ host: '127.0.0.1', port: 0 })
      await server.on('connection', (socket) => {
        socket.on('message', (data) => socket.send(`you said ${textOf(data)}`))
      })
      const { port } = (await server.address()) as { port: number }
      const heard = new Heard<string>()
      const connecting = new WebSocket(`ws://127.0.0.1:${port}`)
      const opened = new Promise<void>((resolve) => void connecting.on('open', () => resolve()))
      const client = await connecting.on('message', (data) => heard.note(textOf(data)))
      await opened
      for (const word of ['one', 'two', 'three']) await client.send(word)
      expect(await heard.first(3)).to.deep.equal(['you said one', 'you said two', 'you said three'])
      await client.terminate()
      await new Promise((resolve) => void server.close(resolve))
      release(client)
      release(server)
    })
  })

  describe('pdfkit, a writer that streams', () => {
    interface Document extends AsyncIterable<Buffer> {
      fontSize(size: number): Document
      text(text: string): Document
      addPage(): Document
      on(event: 'data', listener: (chunk: Buffer) => void): Document
      on(event: 'end', listener: () => void): Document
      end(): void
    }
    let PDFDocument: Remote<new (options?: object) => Document>

    before(() => {
      PDFDocument = pool.use<new (options?: object) => Document>('pdfkit')
    })

    it('is written in one chain per page, and read as a stream', async () => {
      const document = await new PDFDocument({ compress: false })
      for (const page of [1, 2, 3]) void document.addPage().fontSize(20).text(`Page ${page}`)
      void document.end()
      const chunks: Buffer[] = []
      for await (const chunk of document) chunks.push(chunk)
      const pdf = Buffer.concat(chunks).toString('latin1')
      expect(pdf).to.match(/^%PDF-1\.3/)
      expect(pdf).to.match(/\/Count 4/)
      expect(pdf.trimEnd()).to.match(/%%EOF$/)
      release(document)
    })

    it('is told to listeners of its events as well', async () => {
      const heard = new Heard<Buffer | 'end'>()
      const document = await new PDFDocument()
        .on('data', (chunk) => heard.note(chunk))
        .on('end', () => heard.note('end'))
      await document.text('Events').end()
      while (!heard.all.includes('end')) await once(heard, 'more')
      expect(Buffer.concat(heard.all.slice(0, -1) as Buffer[]).subarray(0, 5)).to.deep.equal(
        Buffer.from('%PDF-')
      )
      release(document)
    })
  })

  describe('acorn and acorn-walk, a parser that calls visitors', () => {
    const source = 'const area = width * height(2)'

    it('walks a tree that never leaves the space, with visitors that are here', async () => {
      const acorn = pool.use<typeof Acorn>('acorn')
      const walk = pool.use<typeof Walk>('acorn-walk')
      const kinds: string[] = []
      const nodes: unknown[] = []
      const visitors = {
        Identifier: (node: unknown) => {
          kinds.push('Identifier')
          nodes.push(node)
        },
        Literal: () => kinds.push('Literal')
      }
      await walk.simple(acorn.parse(source, { ecmaVersion: 2022 }), visitors)
      expect(kinds).to.deep.equal(['Identifier', 'Identifier', 'Literal'])
      const names = await Promise.all(
        nodes.map(async (node) => {
          const { name } = await copy<{ name: string }>(node as never)
          return name
        })
      )
      expect(names).to.deep.equal(['width', 'height'])
      for (const node of nodes) release(node)
    })

    it('gives the tree as a copy', async () => {
      const acorn = pool.use<typeof Acorn>('acorn')
      const tree = await copy(acorn.parse(source, { ecmaVersion: 2022 }))
      expect((tree as { body: object[] }).body[0]).to.include({ type: 'VariableDeclaration', kind: 'const' })
    })

    it('tells where the source is wrong', async () => {
      const acorn = pool.use<typeof Acorn>('acorn')
      const error = await rejectionOf(Promise.resolve(acorn.parse('let let', { ecmaVersion: 2022 })))
      expect(error).to.be.an.instanceOf(SyntaxError)
      expect(error).to.include({ pos: 4 }).and.have.deep.property('loc')
    })
  })

  describe('streaming-iterables, async generators', () => {
    interface Iterables {
      batch<T>(size: number, iterable: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T[]>
      parallelMap<T, R>(
        concurrency: number,
        map: (value: T) => R | Promise<R>,
        iterable: Iterable<T> | AsyncIterable<T>
      ): AsyncGenerator<R>
    }
    let iterables: Remote<Iterables>

    before(() => {
      iterables = pool.use<Iterables>('streaming-iterables')
    })

    it('are iterated over from here, as a chain and as a reference', async () => {
      const chained: unknown[] = []
      for await (const part of iterables.batch(2, [1, 2, 3, 4, 5])) chained.push(part)
      const generator = await iterables.batch(3, [1, 2, 3, 4, 5])
      const referred: unknown[] = []
      for await (const part of generator) referred.push(part)
      expect(chained).to.deep.equal([[1, 2], [3, 4], [5]])
      expect(referred).to.deep.equal([
        [1, 2, 3],
        [4, 5]
      ])
      release(generator)
    })

    it('call functions that are here, and pass on what those throw', async () => {
      const doubled: unknown[] = []
      for await (const value of iterables.parallelMap(2, async (value) => Number(value) * 2, [1, 2, 3])) {
        doubled.push(value)
      }
      expect(doubled).to.deep.equal([2, 4, 6])
      const failing = iterables.parallelMap(1, () => Promise.reject(new RangeError('no')), [1])
      const error = await rejectionOf(
        (async () => {
          for await (const value of failing) expect.fail(`it gave ${String(value)}`)
        })()
      )
      expect(error).to.be.an.instanceOf(RangeError)
    })

    it('iterate over generators that are here, no faster than they are used', async () => {
      let made = 0
      let ended = false
      async function* numbers(): AsyncGenerator<number> {
        try {
          for (;;) yield await Promise.resolve(++made)
        } finally {
          ended = true
        }
      }
      for await (const [last = 0] of iterables.batch(1, numbers())) if (last === 100) break
      expect(made).to.be.within(100, 5000)
      while (!ended) await new Promise((resolve) => setImmediate(resolve))
    })
  })

  describe('child_process itself', () => {
    let processes: Remote<typeof ChildProcess>

    before(() => {
      processes = pool.use<typeof ChildProcess>('child_process')
    })

    it('starts a process, reads what it prints, and hears how it ended', async () => {
      const exit = new Heard<unknown>()
      const starting = processes.spawn(process.execPath, ['-e', 'console.log(6 * 7); process.exitCode = 3'])
      void starting.once('close', (code) => exit.note(code))
      let printed = ''
      for await (const chunk of starting.stdout) printed += String(chunk)
      expect(printed).to.equal('42\n')
      expect(await exit.first(1)).to.deep.equal([3])
    })

    it('calls back once with all of its output', async () => {
      const heard = new Heard<unknown[]>()
      await processes.execFile(process.execPath, ['-p', '6 * 7'], (...given) => heard.note(given))
      expect(await heard.first(1)).to.deep.equal([[null, '42\n', '']])
    })

    it('ends one by a signal', async () => {
      const exit = new Heard<unknown[]>()
      const child = await processes
        .spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
        .on('exit', (...given) => exit.note(given))
      expect(await child.pid).to.be.a('number')
      expect(await child.kill('SIGTERM')).to.equal(true)
      expect(await exit.first(1)).to.deep.equal([[null, 'SIGTERM']])
      release(child)
    })
  })
})
