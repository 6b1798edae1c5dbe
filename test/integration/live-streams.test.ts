import { expect } from 'chai'
import type * as processes from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream, readFileSync, rmSync, mkdtempSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex, PassThrough, Readable, Transform, Writable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { ReadableWritablePair } from 'node:stream/web'
import { createGzip, gunzipSync } from 'node:zlib'
import { isSpacePoolError } from '../../lib/errors.js'
import { release, stream } from '../../lib/live.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { destroyPools, newPool } from '../support/pools.js'
import { rejectionOf } from '../support/rejections.js'
import { streaming, type AnyFunction, type Document, type Streaming } from '../support/streaming.js'
import { nextEvent, until } from '../support/waiting.js'

const wait = async <T>(chain: unknown): Promise<T> => (await chain) as T

describe('Streams of live objects', () => {
  let pool: SpacePool
  let streams: Streaming
  let folder: string

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'live-streams-'))
    pool = newPool()
    streams = streaming(pool)
    await pool.add('streams')
  })
  after(async () => {
    rmSync(folder, { recursive: true })
    await destroyPools()
  })
  const references = (): number => pool.stats().sets.reduce((sum, { references: own }) => sum + own, 0)
  const noneIsLeft = (): Promise<void> => until(() => references() === 0)

  describe('A Readable that a package returns', () => {
    it('is a Readable, with objects where it has objects, until its last item', async () => {
      const readable = await wait<Readable>(streams.numbers(5000))
      expect(readable).to.be.an.instanceOf(Readable)
      expect(readable.readableObjectMode).to.equal(true)
      expect(await readable.toArray()).to.deep.equal([...Array(5000).keys()])
      await noneIsLeft()
    })

    it('brings all of its bytes, and goes through a pipeline', async () => {
      const path = join(folder, 'bytes')
      await pipeline(await wait<Readable>(streams.bytes(500, 10_000)), createWriteStream(path))
      const written = readFileSync(path)
      expect(written.length).to.equal(5_000_000)
      for (const place of [0, 1, 499]) expect(written[place * 10_000 + 9_999]).to.equal(place % 256)
      await noneIsLeft()
    })

    it('brings large chunks', async () => {
      expect((await buffer(await wait<Readable>(streams.bytes(5, 3_000_000)))).length).to.equal(15_000_000)
    })

    it('brings texts where it has an encoding', async () => {
      const readable = await wait<Readable>(streams.text('grüße 🙂'))
      const [chunk] = (await once(readable, 'data')) as [unknown]
      expect(chunk).to.equal('grüße 🙂')
    })

    it('brings values with their classes', async () => {
      const items = await (await wait<Readable>(streams.objects())).toArray()
      expect(items).to.deep.equal([new Date(0), new Map([['a', 1]]), { text: 'b' }, ['c']])
    })

    it('is asked for nothing before it is read, and for no more than a window ahead', async () => {
      const readable = await wait<Readable>(streams.bytes(2000, 10_000))
      expect(await streams.made()).to.equal(0)
      await once(
        readable.on('readable', () => undefined),
        'readable'
      )
      readable.read(1)
      await until(() => readable.readableLength >= 200_000)
      const made = await wait<number>(streams.made())
      expect(made).to.be.within(10, 150)
      expect(await wait<number>(streams.made())).to.equal(made)
      readable.destroy()
      await noneIsLeft()
    })

    it('fails with the error it failed with there, after what came before', async () => {
      const seen: unknown[] = []
      const readable = await wait<Readable>(streams.failing(3))
      const error = await rejectionOf(
        (async () => {
          for await (const item of readable) seen.push(item)
        })()
      )
      expect(seen).to.deep.equal([0, 1, 2])
      expect(error).to.be.an.instanceOf(RangeError).with.property('message', 'no more of it')
      expect(error).to.have.property('code', 'E_NO_MORE')
      await noneIsLeft()
    })

    it('fails when it is first read, if it failed before, and the space goes on', async () => {
      const readable = await wait<Readable>(streams.failsAtOnce())
      expect(await rejectionOf(readable.toArray())).to.have.property('message', 'it never began')
      expect(await streams.made()).to.be.a('number')
    })

    it('is destroyed there with the error that it is destroyed with here', async () => {
      const readable = await wait<Readable>(streams.numbers(10))
      readable.on('error', () => undefined)
      readable.destroy(new Error('not any more'))
      expect(await streams.fate()).to.deep.equal({ error: 'not any more', destroyed: true })
      await noneIsLeft()
    })

    it('is destroyed there when a loop over it is left', async () => {
      for await (const item of await wait<Readable>(streams.numbers(1_000_000))) if (item === 20) break
      expect(await streams.fate()).to.include({ destroyed: true })
      await noneIsLeft()
    })

    it('is destroyed there though nothing comes of it', async () => {
      const readable = await wait<Readable>(streams.quiet())
      readable.resume().destroy()
      expect(await streams.fate()).to.include({ destroyed: true })
      await noneIsLeft()
    })

    it('is the stream itself when it goes back, and the same stream here when it comes again', async () => {
      const readable = await wait<Readable>(streams.numbers(3))
      expect(await streams.isLast(readable)).to.equal(true)
      await streams.keep(readable)
      expect(await streams.give()).to.equal(readable)
      readable.destroy()
    })

    it('can be passed on without being awaited', async () => {
      expect(await streams.list(streams.numbers(3))).to.deep.equal([0, 1, 2])
    })

    it('ends with an error when it is released before its end', async () => {
      const readable = await wait<Readable>(streams.numbers(1000))
      release(readable)
      const error = await rejectionOf(readable.toArray())
      expect(isSpacePoolError(error, 'ERR_SPACEPOOL_REFERENCE_RELEASED')).to.equal(true)
      await noneIsLeft()
    })

    it('may be given to a function of this process, which may return one', async () => {
      const swapped = streams.exchange(async (given: Readable) => {
        expect(await text(given)).to.equal('from there')
        return Readable.from(['from here'], { objectMode: false })
      })
      expect(await swapped).to.equal('from here')
      await noneIsLeft()
    })

    it('is a value within a value', async () => {
      const made = await wait<{ stream: unknown; taken: object; count: object }>(streams.collector())
      expect(made.stream).to.be.an.instanceOf(Writable)
      ;(made.stream as Writable).destroy()
      release(made.taken)
      release(made.count)
      await noneIsLeft()
    })
  })

  describe('A Writable that a package returns', () => {
    it('takes all that is written before it has finished', async () => {
      const writable = await wait<Writable>(streams.sum())
      expect(writable).to.be.an.instanceOf(Writable)
      const items = Readable.from([...Array(1000).keys()].map((value) => ({ value })))
      await pipeline(items, writable)
      expect(await streams.total()).to.equal(499_500)
      await noneIsLeft()
    })

    it('slows down who writes to it', async () => {
      const writable = await wait<Writable>(streams.sluggish())
      await streams.begin()
      let written = 0
      const source = new Readable({
        read() {
          written += 10_000
          this.push(Buffer.alloc(10_000))
        }
      })
      const ending = rejectionOf(pipeline(source, writable))
      await until(() => written > 200_000)
      await streams.made()
      const before = written
      await streams.made()
      expect(written).to.equal(before).and.to.be.below(1_000_000)
      source.destroy(new Error('that is all'))
      expect(await ending).to.have.property('message', 'that is all')
      expect(await streams.fate()).to.deep.equal({ error: 'that is all', destroyed: true })
      await noneIsLeft()
    })

    it('fails with the error it failed with there', async () => {
      const error = await rejectionOf(
        pipeline(Readable.from(['a', 'b']), await wait<Writable>(streams.rejecting()))
      )
      expect(error).to.have.property('message', 'it does not fit')
      await noneIsLeft()
    })
  })

  it('that is written to is told at once when it has ended there', async () => {
    const dying = await wait<Writable>(streams.dying())
    const [error] = (await once(dying, 'error')) as [Error]
    expect(error).to.have.property('message', 'it died by itself')
  })

  describe('A Duplex that a package returns', () => {
    it('is written to and read from', async () => {
      const upper = await wait<Duplex>(streams.upper())
      expect(upper).to.be.an.instanceOf(Duplex)
      expect(await text(Readable.from(['a', 'b', 'c']).pipe(upper))).to.equal('ABC')
      await noneIsLeft()
    })

    it('carries more than both sides hold', async () => {
      const upper = await wait<Duplex>(streams.upper())
      const chunks = Array.from({ length: 300 }, () => 'x'.repeat(10_000))
      expect((await text(Readable.from(chunks).pipe(upper))).length).to.equal(3_000_000)
    })

    it('of a class of the package stays a reference with methods, and is a stream on demand', async () => {
      const { Loud } = streams
      const loud = await wait<{ setMark: AnyFunction }>(new Loud('!'))
      expect(loud).to.not.be.an.instanceOf(Transform)
      await loud.setMark('?')
      const local = (await stream(loud)) as Duplex
      expect(local).to.be.an.instanceOf(Duplex)
      expect(await stream(local)).to.equal(local)
      expect(await text(Readable.from(['a', 'b']).pipe(local))).to.equal('a?b?')
      const other = (await stream(new Loud('.'))) as Duplex
      expect(await text(Readable.from(['a']).pipe(other))).to.equal('a.')
      release(loud)
      await noneIsLeft()
    })

    it('cannot be made of what is no stream', async () => {
      expect(await rejectionOf(stream(streams.made()))).to.be.an.instanceOf(TypeError)
      expect(await rejectionOf(stream(new PassThrough()))).to.satisfy((error: unknown) =>
        isSpacePoolError(error, 'ERR_SPACEPOOL_INVALID_ARGUMENT')
      )
    })
  })

  describe('A stream that is given to a package', () => {
    it('is a stream of the same kind there, whatever its class', async () => {
      class Own extends Readable {}
      const given = [new Own(), new PassThrough(), createGzip(), new Writable(), Readable.from([1])]
      expect(await streams.classes(...given)).to.deep.equal([
        'Readable',
        'Duplex',
        'Duplex',
        'Writable',
        'Readable'
      ])
    })

    it('is read to its end', async () => {
      expect(await streams.read(Readable.from(['a', 'b', 'c'], { objectMode: false }))).to.equal('abc')
      const file = join(folder, 'given')
      await pipeline(Readable.from([Buffer.alloc(3_000_001)]), createWriteStream(file))
      expect(await streams.count(createReadStream(file))).to.equal(3_000_001)
      expect(await streams.list(Readable.from([{ a: 1 }, [2]]))).to.deep.equal([{ a: 1 }, [2]])
    })

    it('is not read ahead without bound', async () => {
      let read = 0
      const source = new Readable({
        read() {
          read += 10_000
          this.push(Buffer.alloc(10_000))
        }
      })
      await streams.firstOf(source)
      expect(read).to.be.below(2_000_000)
      await until(() => source.destroyed)
    })

    it('fails there with its error', async () => {
      const source = new Readable({ read: () => source.destroy(new RangeError('nothing to read')) })
      const error = await rejectionOf(wait(streams.read(source)))
      expect(error).to.be.an.instanceOf(RangeError).with.property('message', 'nothing to read')
    })

    it('is destroyed with the error that it is destroyed with there', async () => {
      const source = new Readable({ read: () => undefined })
      const failed = once(source, 'error')
      await streams.breakOff(source)
      expect((await failed)[0]).to.have.property('message', 'enough of it')
    })

    it('is written to, until all was taken', async () => {
      const sink = new PassThrough()
      const taken = text(sink)
      await streams.write(sink, ['a', 'b', 'ü'])
      expect(await taken).to.equal('abü')
    })

    it('slows down the package that writes to it', async () => {
      let release = (): void => undefined
      const sink = new Writable({
        write(chunk, encoding, done) {
          release = done
        }
      })
      const filling = wait<number>(streams.fill(sink, 4_000_000))
      await until(() => sink.writableLength > 10_000)
      const before = await wait<number>(streams.filled())
      expect(before).to.be.below(1_000_000)
      expect(await wait<number>(streams.filled())).to.be.below(1_000_000)
      sink._write = (chunk, encoding, done) => done()
      sink._writev = undefined as never
      release()
      expect(await filling).to.be.at.least(4_000_000)
    })

    it('fails there when it is written to, with its error', async () => {
      const sink = new Writable({ write: (chunk, encoding, done) => done(new TypeError('no room here')) })
      expect(await streams.writeAndWait(sink)).to.deep.include({ message: 'no room here' })
    })

    it('is the stream itself when it comes back', async () => {
      const source = Readable.from(['a'])
      await streams.keep(source)
      expect(await streams.give()).to.equal(source)
      expect(await streams.same(source)).to.equal(true)
    })

    it('goes through a pipeline there with another', async () => {
      const target = new PassThrough()
      const taken = buffer(target)
      await streams.pipe(Readable.from(['some text'], { objectMode: false }).pipe(createGzip()), target)
      expect(gunzipSync(await taken).toString()).to.equal('some text')
    })

    it('may be a request and a response of a server', async () => {
      const server = createServer((request, response) => void streams.pipe(request, response))
      await once(server.listen(0), 'listening')
      const { port } = server.address() as AddressInfo
      const answer = await fetch(`http://localhost:${port}`, { method: 'POST', body: 'x'.repeat(500_000) })
      expect((await answer.text()).length).to.equal(500_000)
      server.close()
    })

    it('is told when the one who reads from it is gone', async () => {
      const server = createServer((request, response) => {
        void streams.endless(response)
        gone = once(response, 'close')
      })
      let gone: Promise<unknown> = Promise.resolve()
      await once(server.listen(0), 'listening')
      const request = get({ port: (server.address() as AddressInfo).port, agent: false })
      request.on('error', () => undefined)
      const [response] = (await once(request, 'response')) as [Readable]
      await once(response, 'data')
      request.destroy()
      await gone
      await noneIsLeft()
      server.close()
    })

    it('may be made of a socket, which would move as a whole', async () => {
      const server = createTcpServer((socket) => {
        void streams.pipe(
          Readable.from(socket),
          new PassThrough().on('data', (chunk: Buffer) => socket.end(chunk))
        )
      })
      await once(server.listen(0), 'listening')
      const socket = connect((server.address() as AddressInfo).port)
      socket.write('there and back')
      expect(await text(socket)).to.equal('there and back')
      server.close()
    })
  })

  describe('A web stream', () => {
    it('that a package returns is a ReadableStream, and is read to its end', async () => {
      const web = await wait<ReadableStream<unknown>>(streams.web([1, 'b', { c: 3 }]))
      expect(web).to.be.an.instanceOf(ReadableStream)
      const items: unknown[] = []
      for await (const item of web) items.push(item)
      expect(items).to.deep.equal([1, 'b', { c: 3 }])
      await noneIsLeft()
    })

    it('is asked for nothing before it is read, and for little more than is read', async () => {
      await streams.begin()
      const web = await wait<ReadableStream<unknown>>(streams.readable())
      expect(await streams.made()).to.equal(0)
      const reader = web.getReader()
      expect((await reader.read()).done).to.equal(false)
      expect(await wait<number>(streams.made())).to.be.within(1, 400)
      await reader.cancel()
      await noneIsLeft()
    })

    it('fails with the error it failed with there, after what came before', async () => {
      const reader = (await wait<ReadableStream>(streams.web([1], 'it broke'))).getReader()
      expect(await reader.read()).to.deep.equal({ done: false, value: 1 })
      expect(await rejectionOf(reader.read())).to.have.property('message', 'it broke')
      await noneIsLeft()
    })

    it('is canceled there with the reason that it is canceled with here', async () => {
      const web = await wait<ReadableStream>(streams.web([1, 2]))
      await web.cancel(new Error('no need'))
      expect(await streams.canceled()).to.equal('no need')
      await noneIsLeft()
    })

    it('that a package returns is written to and closed', async () => {
      const writer = (await wait<WritableStream<unknown>>(streams.webSink())).getWriter()
      for (const item of [1, 'b']) await writer.write(item)
      await writer.close()
      expect(await streams.webTaken()).to.deep.equal([1, 'b', 'closed'])
      await noneIsLeft()
    })

    it('fails when what is written to it fails there, and is aborted there', async () => {
      const writer = (await wait<WritableStream<unknown>>(streams.webSink())).getWriter()
      const failed = rejectionOf(writer.closed)
      await writer.write('bad')
      expect(await failed).to.have.property('message', 'a bad chunk')
      const other = (await wait<WritableStream<unknown>>(streams.webSink())).getWriter()
      await other.abort(new Error('stop it'))
      expect(await streams.webTaken()).to.deep.equal(['aborted: stop it'])
      await noneIsLeft()
    })

    it('that is given to a package is one there, and goes through a pair of streams', async () => {
      const given = new Blob(['some text']).stream()
      expect(await streams.isWeb(given)).to.equal(true)
      const zipped = await wait<ReadableStream<Uint8Array>>(
        streams.through(new Blob(['some text']).stream(), new CompressionStream('gzip'))
      )
      expect(gunzipSync(await buffer(zipped)).toString()).to.equal('some text')
    })

    it('of two directions is a readable and a writable one', async () => {
      const pair = await wait<ReadableWritablePair<Uint8Array, Uint8Array>>(streams.gzip())
      const zipped = new Blob(['to and fro']).stream().pipeThrough(pair)
      expect(gunzipSync(await buffer(zipped)).toString()).to.equal('to and fro')
      await noneIsLeft()
    })
  })

  describe('The end of a space', () => {
    it('destroys the streams that come from it with its error', async () => {
      await using own = newPool()
      const remote = streaming(own)
      const [reading, idle] = await Promise.all([
        wait<Readable>(remote.crashing(3)),
        wait<Writable>(remote.sum())
      ])
      const failed = once(idle, 'error') as Promise<[Error]>
      const error = await rejectionOf(text(reading))
      expect(isSpacePoolError(error, 'ERR_SPACEPOOL_SPACE_CRASHED')).to.equal(true)
      expect(isSpacePoolError((await failed)[0], 'ERR_SPACEPOOL_SPACE_CRASHED')).to.equal(true)
    })

    it('destroys the streams that were given to it with its error', async () => {
      await using own = newPool()
      const remote = streaming(own)
      const [source, sink] = [new Readable({ read: () => undefined }), new PassThrough()]
      const ended = Promise.all([source, sink].map((one) => once(one, 'error'))) as Promise<
        [[Error], [Error]]
      >
      const reading = rejectionOf(wait(remote.read(source)))
      await remote.keep(sink)
      remote.crash().then(undefined, () => undefined)
      for (const [error] of await ended) {
        expect(isSpacePoolError(error, 'ERR_SPACEPOOL_SPACE_CRASHED')).to.equal(true)
      }
      await reading
    })

    it('errors web streams', async () => {
      await using own = newPool()
      const remote = streaming(own)
      const web = await wait<ReadableStream>(remote.readable())
      remote.crash().then(undefined, () => undefined)
      const error = await rejectionOf(web.getReader().closed)
      expect(isSpacePoolError(error, 'ERR_SPACEPOOL_SPACE_CRASHED')).to.equal(true)
    })

    it('does not end this process when nobody listens for the error of a stream: it is an event', async () => {
      await using own = newPool()
      const remote = streaming(own)
      const unheard = await wait<Readable>(remote.quiet())
      const told = nextEvent(own, 'error')
      remote.crash().then(undefined, () => undefined)
      expect(isSpacePoolError((await told).error, 'ERR_SPACEPOOL_SPACE_CRASHED')).to.equal(true)
      expect(unheard.errored).to.equal((await told).error)
    })

    it('does not come while a stream is waited for, and waiting is no call', async () => {
      await using own = newPool()
      await own.add('streams', { inactivityTimeout: 30, concurrency: 1, callTimeout: 3000 })
      const remote = streaming(own)
      const quiet = await wait<Readable>(remote.quiet())
      quiet.resume()
      const down = nextEvent(own, 'spaceEvict')
      for (let round = 0; round < 5; round++) {
        await new Promise((resolve) => setTimeout(resolve, 700))
        expect(own.stats().spaces).to.have.length(1)
        expect(own.stats().inFlight).to.equal(0)
      }
      expect(await remote.made()).to.be.a('number')
      quiet.destroy()
      await down
    })
  })

  describe('Real packages', () => {
    it('write a document into a stream of this process', async () => {
      await using own = newPool()
      const remote = own.use<unknown>('pdfkit') as new () => Document
      const path = join(folder, 'one.pdf')
      const file = createWriteStream(path)
      const done = once(file, 'close')
      const document = (await new remote()) as Document
      await document.pipe(file)
      await document.text('hello').end()
      await done
      expect(readFileSync(path).subarray(0, 5).toString()).to.equal('%PDF-')
      release(document)
    })

    it('give a document as a stream of this process', async () => {
      await using own = newPool()
      const remote = own.use<unknown>('pdfkit') as new () => Document
      const document = (await new remote()) as Document
      const readable = (await stream(document)) as Readable
      const all = buffer(readable)
      await document.text('hello').end()
      expect((await all).subarray(0, 5).toString()).to.equal('%PDF-')
      release(document)
      await noneIsLeft()
    })

    it('compress and read files', async () => {
      await using own = newPool()
      const path = join(folder, 'text')
      await pipeline(Readable.from(['a line\n'.repeat(50_000)]), createWriteStream(path))
      const zlib = own.use<unknown>('zlib') as Record<'createGzip' | 'createGunzip', AnyFunction>
      const fs = own.use<unknown>('fs') as Record<'createReadStream' | 'createWriteStream', AnyFunction>
      const unzipped = await wait<Duplex>(zlib.createGunzip())
      const zipped = await wait<Duplex>(zlib.createGzip())
      const read = await wait<Readable>(fs.createReadStream(path))
      expect((await text(read.pipe(zipped).pipe(unzipped))).length).to.equal(350_000)
      const copied = await wait<Writable>(fs.createWriteStream(`${path}-copy`))
      await pipeline(createReadStream(path), copied)
      expect(readFileSync(`${path}-copy`).length).to.equal(350_000)
      const missing = await wait<Readable>(fs.createReadStream(join(folder, 'missing')))
      expect(await rejectionOf(text(missing))).to.have.property('code', 'ENOENT')
    })

    it('start processes whose output is read', async () => {
      await using own = newPool()
      const remote = own.use<typeof processes>('child_process')
      const child = await remote.spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'])
      const [input, output] = await Promise.all([stream(child.stdin), stream(child.stdout)])
      input.end('through a child')
      expect(await text(output)).to.equal('through a child')
      release(child)
      await noneIsLeft()
    })
  })

  it('leaves nothing behind when many have ended', async () => {
    await Promise.all(
      Array.from({ length: 200 }, async (nothing, place) => {
        const readable = await wait<Readable>(streams.numbers(0))
        if (place % 2 === 0) readable.destroy()
        else await readable.toArray()
        await streams.read(Readable.from(['x'], { objectMode: false }))
      })
    )
    await noneIsLeft()
    await until(() => pool.stats().sets.every(({ callbacks }) => callbacks === 0))
  })
})
