import type { Duplex, Readable, Writable } from 'node:stream'
import type { ReadableStream, WritableStream } from 'node:stream/web'
import { types } from 'node:util'
import { invalidArgument } from './errors.js'
import { handleOf, type Handle } from './wire/chain.js'
import type { Copied, InSpace } from './remote.js'
import { copyHandle, releaseHandle, streamOfHandle } from './wire/remote-proxy.js'

/**
 * Ends a reference: its object or function is not held for this process any more, and a later use of it rejects with
 * REFERENCE_RELEASED. Of a chain it ends what the chain leads to, as soon as that is there. Releasing again does
 * nothing; what is no live object throws INVALID_ARGUMENT.
 */
export function release(remote: unknown): void {
  releaseHandle(checked(remote))
}

/**
 * A copy by value of what lives in a space, or of what a chain leads to: what `structuredClone` would copy, instances of
 * classes as plain objects. Rejects with NOT_CLONEABLE where it cannot be copied, with INVALID_ARGUMENT when it is no
 * live object.
 */
export function copy<T>(remote: InSpace<T>): Promise<Copied<T>>
export function copy<T extends object>(remote: T): Promise<Copied<T>>
export async function copy(remote: unknown): Promise<unknown> {
  return copyHandle(checked(remote))
}

/** What stands here for a stream of this type. */
export type StreamOf<T> = unknown extends T
  ? unknown
  : T extends NodeJS.ReadWriteStream
    ? Duplex
    : T extends NodeJS.ReadableStream
      ? Readable
      : T extends NodeJS.WritableStream
        ? Writable
        : T extends ReadableStream | WritableStream
          ? T
          : never

/**
 * A stream of this process that stands for the one which a live object is, or which a chain leads to: a Readable,
 * Writable or Duplex of `node:stream`, or a web stream; both go on until the stream has ended. It works for instances
 * of classes that extend those of Node, which stay references so that their methods can be called. Rejects with a
 * TypeError when it is no stream, with INVALID_ARGUMENT when it is no live object.
 */
export function stream<T>(remote: InSpace<T>): Promise<StreamOf<T>>
export function stream(remote: unknown): Promise<unknown>
export async function stream(remote: unknown): Promise<unknown> {
  const handle = checked(remote)
  return types.isProxy(remote) ? await streamOfHandle(handle) : remote
}

function checked(remote: unknown): Handle {
  const isObject = (typeof remote === 'object' && remote !== null) || typeof remote === 'function'
  const handle = isObject ? handleOf(remote) : undefined
  if (handle === undefined) throw invalidArgument('remote', 'a live object or function of a space', remote)
  return handle
}
