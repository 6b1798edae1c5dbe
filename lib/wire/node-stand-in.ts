import { Duplex, Readable, Writable } from 'node:stream'
import { MOST_BYTES, MOST_ITEMS } from './batch.js'
import { ProtocolViolation } from './byte-reader.js'
import { pull, whenLost, type FarStream } from './far-stream.js'
import { asError } from './node-stream-end.js'
import type { StreamKind } from './stream-kinds.js'

/** A stream of Node that stands here for one of the other side. Nothing is asked of that before this one is used. */
export function nodeStandIn(kind: StreamKind, far: FarStream): Readable | Writable | Duplex {
  const standIn = new NodeStandIn(kind, far)
  whenLost(standIn.stream, standIn.fail)
  return standIn.stream
}

type Done = (error?: Error | null) => void

interface Methods {
  read(this: void): void
  write(this: void, chunk: unknown, encoding: string, done: Done): void
  writev(this: void, chunks: { chunk: unknown }[], done: Done): void
  final(this: void, done: Done): void
  destroy(this: void, error: Error | null, done: Done): void
}

class NodeStandIn {
  readonly stream: Readable | Writable | Duplex
  private isPulling = false
  private wasPulled = false
  /** More was wanted while something came. */
  private wantsMore = false
  /** What comes of it has ended, or there never was anything. */
  private isRead: boolean
  /** The same for what goes there. */
  private isWritten: boolean

  constructor(
    private readonly kind: StreamKind,
    private readonly far: FarStream
  ) {
    this.isRead = kind.flavour === 'writable'
    this.isWritten = kind.flavour === 'readable'
    this.stream = this.make(kind)
    if (!this.isWritten) this.watch()
  }

  /** Ends it with what the other side failed with. */
  readonly fail = (reason: unknown): void => {
    if (this.stream.destroyed) return
    this.observe(reason)
    this.stream.destroy(asError(reason))
  }

  private make({ readsObjects, writesObjects, isHalfOpen, encoding }: StreamKind): NodeStandIn['stream'] {
    const reading = readsObjects ? MOST_ITEMS : MOST_BYTES
    const writing = writesObjects ? MOST_ITEMS : MOST_BYTES
    const methods = this.methods()
    const options = encoding === '' ? methods : { ...methods, encoding: encoding as BufferEncoding }
    if (this.isWritten) return new Readable({ ...options, objectMode: readsObjects, highWaterMark: reading })
    if (this.isRead) return new Writable({ ...methods, objectMode: writesObjects, highWaterMark: writing })
    return new Duplex({
      ...options,
      readableObjectMode: readsObjects,
      writableObjectMode: writesObjects,
      readableHighWaterMark: reading,
      writableHighWaterMark: writing,
      allowHalfOpen: isHalfOpen
    })
  }

  private methods(): Methods {
    return {
      read: () => {
        this.wantsMore = true
        if (!this.isPulling) void this.pull()
      },
      write: (chunk, encoding, done) => this.ask('write', [[chunk]], done),
      writev: (chunks, done) => this.ask('write', [chunks.map(({ chunk }) => chunk)], done),
      final: (done) => this.ask('end', [], done),
      destroy: (error, done) => this.leave(error, done)
    }
  }

  /** What is not read would not be noticed to have ended. Nobody else holds this one for that. */
  private watch(): void {
    const weak = new WeakRef(this)
    this.far.ask('over', []).then(
      () => weak.deref()?.noticeEnd(),
      (reason: unknown) => weak.deref()?.noticeEnd({ reason })
    )
  }

  private noticeEnd(failure?: { reason: unknown }): void {
    if (this.wasPulled) return
    if (failure !== undefined) return this.fail(failure.reason)
    if (this.isRead) return
    this.isRead = true
    const stream = this.stream as Duplex
    stream.push(null)
    // Its end is told though nobody reads.
    stream.read(0)
  }

  private async pull(): Promise<void> {
    const stream = this.stream as Readable
    this.isPulling = true
    this.wasPulled = true
    try {
      while (this.wantsMore && !this.isRead && !stream.destroyed) {
        this.wantsMore = false
        const { chunks, done } = await pull(this.far)
        if (stream.destroyed) break
        if (!chunks.every(this.isChunk)) throw new ProtocolViolation('no chunks of such a stream')
        for (const chunk of chunks) stream.push(chunk, this.kind.encoding as BufferEncoding)
        this.isRead = done
        if (done) stream.push(null)
        else this.wantsMore ||= chunks.length === 0
      }
    } catch (error) {
      this.fail(error)
    }
    this.isPulling = false
  }

  /** Node would emit an error for another one, as it does for one behind null: nobody has to listen for that here. */
  private readonly isChunk = (chunk: unknown): boolean =>
    this.kind.readsObjects ? chunk !== null : typeof chunk === 'string' || chunk instanceof Uint8Array

  private ask(request: 'write' | 'end', parameters: unknown[], done: Done): void {
    this.far.ask(request, parameters).then(
      () => {
        if (request === 'end') this.isWritten = true
        done()
      },
      (reason: unknown) => {
        this.observe(reason)
        done(asError(reason))
      }
    )
  }

  /** An error that nobody listens for must not end this process: it comes from another one. */
  private observe(reason: unknown): void {
    if (this.stream.listenerCount('error') > 0) return
    this.stream.on('error', ignore)
    this.far.unobserved(reason)
  }

  private leave(error: Error | null, done: Done): void {
    if (!this.isRead || !this.isWritten) this.far.ask('destroy', [error ?? undefined]).catch(ignore)
    this.far.release()
    done(error)
  }
}

const ignore = (): void => undefined
