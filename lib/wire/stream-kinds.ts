import fs from 'node:fs'
import stream from 'node:stream'
import { types } from 'node:util'
import { classOf } from './class-of.js'

/** What a stream is on the other side, by its place on the wire. */
export const flavours = ['readable', 'writable', 'duplex', 'webReadable', 'webWritable'] as const
export type Flavour = (typeof flavours)[number]

/** What is told of a stream, so that one like it can stand for it. */
export interface StreamKind {
  readonly flavour: Flavour
  readonly readsObjects: boolean
  readonly writesObjects: boolean
  /** Of a Duplex: its writable side goes on when the readable one has ended. */
  readonly isHalfOpen: boolean
  /** Of the texts that are read; empty where they are bytes. */
  readonly encoding: string
  /** The name of its class. */
  readonly label: string
}

/** A TransformStream, or what is used like one. */
export interface WebPair {
  readonly readable: ReadableStream
  readonly writable: WritableStream
}

type NodeStream = stream.Readable & stream.Writable

/** Undefined when it is no stream. Runs no getter but those of streams. */
export function streamKindOf(value: object): StreamKind | undefined {
  const web = webFlavourOf(value)
  if (web !== undefined) return { ...plain, flavour: web, label: webClassOf(value) }
  const [reads, writes] = [canBeRead(value), canBeWritten(value)]
  if (!reads && !writes) return undefined
  const stream = value as NodeStream
  return {
    flavour: nodeFlavour(stream, reads, writes),
    readsObjects: reads && stream.readableObjectMode,
    writesObjects: writes && stream.writableObjectMode,
    isHalfOpen: (value as { allowHalfOpen?: boolean }).allowHalfOpen !== false,
    encoding: reads ? (stream.readableEncoding ?? '') : '',
    label: classOf(value)
  }
}

/** Whether it is a stream of Node, or of a package that has them as Node does, or a web stream. */
export function isStream(value: object): boolean {
  return canBeRead(value) || canBeWritten(value) || webFlavourOf(value) !== undefined
}

/** One that has two streams: a TransformStream, CompressionStream and the like. */
export function isWebPair(value: object): value is WebPair {
  return !types.isProxy(value) && pairNames.includes(classOf(value)) && isOwnClass(value)
}

/** It has no methods but those of its kind: its class is one of Node's for streams, files and compression. */
export function isPlainStream(value: object): boolean {
  return webFlavourOf(value) !== undefined || plainPrototypes().has(Object.getPrototypeOf(value) as object)
}

/** Of two sides, one that is over already does not count. */
function nodeFlavour(candidate: NodeStream, reads: boolean, writes: boolean): Flavour {
  if (!writes) return 'readable'
  if (!reads) return 'writable'
  const { readableEnded, writableEnded } = candidate
  if (readableEnded === writableEnded) return 'duplex'
  return readableEnded ? 'writable' : 'readable'
}

/** Node makes its web streams when they are first asked for: it is only asked when there is one. */
function webFlavourOf(value: object): 'webReadable' | 'webWritable' | undefined {
  const name = webClassOf(value)
  if (name === 'ReadableStream' && isOwnClass(value)) return 'webReadable'
  return name === 'WritableStream' && isOwnClass(value) ? 'webWritable' : undefined
}

/**
 * Those that Node 20 makes itself, for a TransformStream or by `tee`, are of a class that extends the one that everybody
 * knows, and adds nothing to it.
 */
function webClassOf(value: object): string {
  const name = classOf(value)
  return /^Internal(?:Readable|Writable)Stream$/.test(name) ? name.slice('Internal'.length) : name
}

function isOwnClass(value: object): boolean {
  const name = webClassOf(value)
  const known: unknown = (globalThis as Record<string, unknown>)[name]
  if (typeof known !== 'function') return false
  const prototype = Object.getPrototypeOf(value) as object
  return known.prototype === (name === classOf(value) ? prototype : Object.getPrototypeOf(prototype))
}

let known: Set<object> | undefined

/** Read when the first stream crosses: classes for compression take a while to load. */
function plainPrototypes(): Set<object> {
  if (known !== undefined) return known
  const zlib = process.getBuiltinModule('node:zlib') as unknown as Record<string, unknown>
  known = new Set<object>([
    ...[stream.Readable, stream.Writable, stream.Duplex, stream.Transform, stream.PassThrough].map(
      prototypeOf
    ),
    ...[fs.ReadStream, fs.WriteStream].map(prototypeOf),
    ...Object.keys(zlib).flatMap((name) => (/^[A-Z][a-z]/.test(name) ? prototypeOf(zlib[name]) : []))
  ])
  return known
}

function prototypeOf(made: unknown): object {
  return (made as { prototype: object }).prototype
}

/** Whether it is a Readable of Node, or of a package that has them as Node does. */
export function canBeRead(value: object): value is stream.Readable {
  if (types.isProxy(value) || !('readableHighWaterMark' in value)) return false
  return isMethod((value as stream.Readable).read) && isMethod((value as stream.Readable).on)
}

function canBeWritten(value: object): value is stream.Writable {
  if (types.isProxy(value) || !('writableHighWaterMark' in value)) return false
  return isMethod((value as stream.Writable).write) && isMethod((value as stream.Writable).on)
}

function isMethod(value: unknown): boolean {
  return typeof value === 'function'
}

const pairNames = [
  'TransformStream',
  'CompressionStream',
  'DecompressionStream',
  'TextEncoderStream',
  'TextDecoderStream'
]

const plain = { readsObjects: true, writesObjects: true, isHalfOpen: true, encoding: '' } as const
