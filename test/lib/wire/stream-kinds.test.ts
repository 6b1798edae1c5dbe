import { expect } from 'chai'
import { createReadStream, createWriteStream } from 'node:fs'
import { ServerResponse, IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { Duplex, PassThrough, Readable, Transform, Writable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { isPlainStream, isStream, isWebPair, streamKindOf } from '../../../lib/wire/stream-kinds.js'

class Document extends Readable {
  write(): void {}
}
class Chat extends (ReadableStream as unknown as new () => object) {}

describe('The kind of a stream', () => {
  it('is what it can do', () => {
    const kinds = [
      [new Readable(), 'readable'],
      [new Writable(), 'writable'],
      [new PassThrough(), 'duplex'],
      [createGzip(), 'duplex'],
      [new Document(), 'readable'],
      [new ServerResponse(new IncomingMessage(new Socket())), 'writable'],
      [new ReadableStream(), 'webReadable'],
      [new WritableStream(), 'webWritable']
    ] as const
    for (const [stream, flavour] of kinds) {
      expect(isStream(stream)).to.equal(true)
      expect(streamKindOf(stream)?.flavour).to.equal(flavour)
    }
  })

  it('is that of one side when the other is over', async () => {
    const stream = new PassThrough().resume()
    stream.end()
    expect(streamKindOf(stream)?.flavour).to.equal('readable')
    const other = new Duplex({ read() {}, write() {} }).resume()
    other.push(null)
    await new Promise((resolve) => other.once('end', resolve))
    expect(streamKindOf(other)?.flavour).to.equal('writable')
  })

  it('tells of objects, of an encoding and of sides that end together', () => {
    expect(streamKindOf(new Readable({ objectMode: true }))).to.include({
      readsObjects: true,
      writesObjects: false
    })
    expect(streamKindOf(new Duplex({ writableObjectMode: true, allowHalfOpen: false }))).to.deep.equal({
      ...{ flavour: 'duplex', readsObjects: false, writesObjects: true, isHalfOpen: false },
      ...{ encoding: '', label: 'Duplex' }
    })
    expect(streamKindOf(new Readable().setEncoding('latin1'))).to.include({ encoding: 'latin1' })
  })

  it('is nothing for what is no stream', () => {
    for (const value of [
      {},
      [],
      new Map(),
      { pipe() {}, on() {} },
      new Proxy(new Readable(), {}),
      new Chat()
    ]) {
      expect(streamKindOf(value)).to.equal(undefined)
    }
  })

  it('is plain for the classes of Node for streams, files and compression, and for no others', () => {
    const file = createReadStream(__filename)
    const none = createWriteStream('/nowhere/at-all').on('error', () => undefined)
    for (const stream of [new Readable(), new Transform(), createGzip(), file, none, new ReadableStream()]) {
      expect(isPlainStream(stream)).to.equal(true)
    }
    file.destroy()
    for (const stream of [new Document(), new Socket(), new IncomingMessage(new Socket())]) {
      expect(isPlainStream(stream)).to.equal(false)
    }
  })

  it('is that of a pair for web streams with two sides', () => {
    for (const pair of [new TransformStream(), new CompressionStream('gzip'), new TextDecoderStream()]) {
      expect(streamKindOf(pair.readable)).to.include({ flavour: 'webReadable', label: 'ReadableStream' })
      expect(streamKindOf(pair.writable)).to.include({ flavour: 'webWritable', label: 'WritableStream' })
      expect(isWebPair(pair)).to.equal(true)
    }
    for (const none of [{ readable: 1, writable: 2 }, new ReadableStream(), new PassThrough()]) {
      expect(isWebPair(none)).to.equal(false)
    }
  })
})
