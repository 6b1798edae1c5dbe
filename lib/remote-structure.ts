import type { ReadStream, WriteStream } from 'node:fs'
import type { Duplex, PassThrough, Readable, Transform, Writable } from 'node:stream'
import type { ReadableStream, WritableStream } from 'node:stream/web'
import type { BrotliCompress, Deflate, Gzip } from 'node:zlib'

// What crosses as a value and what as a reference, told by the structure of a type.

/** What always crosses by value. */
export type Value = Primitive | Date | RegExp | ArrayBufferLike | ArrayBufferView | Error | AbortSignal

export type Primitive = string | number | bigint | boolean | symbol | null | undefined | void

/** What crosses by reference: functions, and objects with a member that can be called. */
export type Staying<T> = T extends Value | readonly unknown[]
  ? never
  : IsStream<T> extends true
    ? never
    : T extends AnyFunction
      ? T
      : [Methods<T>] extends [never]
        ? never
        : T extends ReadonlyMap<infer K, infer V>
          ? Unless<keyof T extends keyof Map<K, V> ? true : false, T>
          : T extends ReadonlySet<infer V>
            ? Unless<keyof T extends keyof Set<V> ? true : false, T>
            : T

/** Streams of exactly these classes stand on the other side as streams; those of packages' own classes are references. */
interface Streams {
  readable: Readable
  writable: Writable
  duplex: Duplex
  transform: Transform
  passThrough: PassThrough
  fileToRead: ReadStream
  fileToWrite: WriteStream
  gzip: Gzip
  deflate: Deflate
  brotli: BrotliCompress
  webReadable: ReadableStream
  webWritable: WritableStream
}

export type IsStream<T> = true extends { [K in keyof Streams]: IsSame<T, Streams[K]> }[keyof Streams]
  ? true
  : false

type IsSame<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false

type Unless<Condition, T> = Condition extends true ? never : T

/** The names of members that can be called. */
export type Methods<T> = { [K in keyof T]-?: MethodName<T[K], K> }[keyof T]

export type RequiredMethods<T> = {
  [K in keyof T]-?: undefined extends T[K] ? never : MethodName<T[K], K>
}[keyof T]

type MethodName<M, K> = 0 extends 1 & M ? never : [Extract<M, AnyFunction>] extends [never] ? never : K

export type AnyFunction = ((...parameters: never) => unknown) | Newable

export type Newable = abstract new (...parameters: never) => unknown
