import type { BaseMessage, Operation } from './chain.js'
import type { Packed } from './packed.js'
import type { RefusalCode } from './refusal.js'

/**
 * The protocol between host and space, whole, with its numbers in message-tags.ts and its limits in protocol-limits.ts.
 * Both sides speak it through the same Connection.
 *
 * Perspective: ids and references are always those of the side that made them. `id` is the sender's number of a
 * request, `reference` the number under which the sender of the function lent it.
 *
 * Frames. The pipe carries frames: 4 bytes little endian, the two highest bits a kind, the others a length.
 * - Kind 0, a batch: that many bytes of messages, one after the other (at most BATCH_LIMIT and one message).
 * - Kind 1, a chunk: 4 bytes, the number of a parcel, then that many bytes of it: CHUNK_SIZE, or what is left of one of
 *   its parts.
 *
 * A message is its type (1 byte) and its fields in the order below. A number is variable-length, an `id` 4 bytes (with a sign), a
 * text a string value. A `Body` is 1 byte (how it was encoded) and a value:
 * - 0: in place, with the tables of shapes and targets of the connection;
 * - 1: packed, with tables of its own, after the list of the references it uses (a number of them, then each);
 * - 2 and 3: live, that is, what is no plain data crosses by reference (tags.ts, REFERENCE): packed, and in place. The
 *   whole of it may be what came of an iterator (ITEMS), where each item counts its objects from 0;
 * - 4: the numbers of the sockets and servers that move with it (how many, then each), then form 1 or 2.
 *
 * Sockets and servers move by Node's IPC channel, as messages `{ spacepoolHandle: number }` with the handle, or without
 * it when it could not be sent. A call or script that names one waits in the space until it has come (10 s at most),
 * and the requests behind it wait as well.
 *
 * A message of more than MESSAGE_LIMIT bytes, or one with attachments (binary values of 64 KiB or more that find no room
 * in it), travels as a parcel: announced in a batch with the sizes of its parts, then sent in chunks that take turns
 * with those of other parcels and with batches. A message of up to ANNOUNCED_LIMIT bytes that has attachments stands in
 * the announcement, behind the sizes, and only they follow. When the last byte is there, the receiver handles the message as if it had just come.
 * Parcels under way are bounded in number (PARCELS_LIMIT) and together in bytes (maxBytes, one alone may have more).
 *
 * Order. Messages arrive in the order sent, except that parcels are overtaken. Invocations, and results of calls that
 * hold callbacks, never overtake each other: while one travels as a parcel, those behind it do as well.
 *
 * Story of a space: the host writes `hello`, the space answers `ready`; `add` and `call` are requests and each gets
 * exactly one of `result`, `failure` or `refused`; `stop` asks the space to end. Everything the space sends is checked;
 * bytes that are no valid message, an id that is not waiting, a type from the wrong side end the space.
 */
export const PROTOCOL_VERSION = 1

/** Host to space, first. The space ends itself when the version is not its own. */
export interface Hello {
  type: 'hello'
  version: number
  /**
   * What one value may take, in bytes. Its objects may take four times as much in memory; beyond that a value that is
   * nothing but objects is refused too.
   */
  maxBytes: number
  /** Functions lent to the other side at the same time. */
  maxCallbacks: number
}
/** Space to host, the answer to `hello`: the event loop runs. */
export interface Ready {
  type: 'ready'
  version: number
}

/** One package to load, under the name calls will use. */
export interface PackageLoad {
  name: string
  as: string
  /** Where to look it up, in order. */
  paths: readonly string[]
}
/**
 * Host to space, a request: load a package; the result is undefined. With `parameters` a package that exports a
 * function is instantiated; undefined: it is kept as exported; null: it is both, as exported and instantiated without
 * parameters, and a path leads to a function on either.
 */
export interface Add {
  type: 'add'
  id: number
  load: PackageLoad
  parameters: unknown[] | Packed | null | undefined
}
/** A function of a package. The same object for every call of it, so that both sides can keep things with it. */
export interface Target {
  package: string
  path: string
  /** The result is undefined, whatever the function returns: callbacks tell what it has to say. Default false. */
  silent?: boolean
  /** The path in parts, where somebody has taken it apart. */
  segments?: readonly string[]
}
/**
 * Host to space, a request: call a function. The target is a number from the table of targets (2 and up), or 0 and two
 * texts and a byte (1: silent), which enter the table, or 1 and the same, which does not.
 */
export interface Call {
  type: 'call'
  id: number
  target: Target
  parameters: unknown[] | Packed
  /** The one it is made in, if any. */
  contexts?: readonly [unknown] | undefined
}
/**
 * Host to space: nobody waits for this request any more. If it still runs the space answers it with `refused`
 * (CANCELED) at once and drops its result later; if it was answered already, nothing. Either way the host hears an
 * answer soon, unless the event loop of the space is blocked: which is how it knows.
 */
export interface Cancel {
  type: 'cancel'
  id: number
}
/** Host to space, a request: say that the event loop runs; the result is undefined. */
export interface Ping {
  type: 'ping'
  id: number
}
/** Host to space: collect garbage, so that callbacks nobody holds are released. */
export interface Collect {
  type: 'collect'
}
/** Host to space: write what is left and exit with code 0. */
export interface Stop {
  type: 'stop'
}
/**
 * Space to host: resident memory in bytes, when a package is loaded and at most once in REPORT_EVERY while there is
 * work. More than that ends the space.
 */
export interface Report {
  type: 'report'
  memory: number
}
/**
 * Space to host: a callback could not be told something, which no promise of the host would show. A package that calls
 * one in a loop brings about any number of them, so the host reads them all, and tells its program of some. The details
 * are brief: within UNASKED_LIMIT.
 */
export interface Trouble {
  type: 'trouble'
  code: RefusalCode
  details: Record<string, unknown>
}

/** Both ways: the answer to a request that is no script. */
export interface Result {
  type: 'result'
  id: number
  value: unknown
  /** Of a function that was lent live. Told by the form of the value. */
  live?: boolean
}
/** Both ways, the answer to a request that is no script: the function threw or its promise rejected, with this. */
export interface Failure {
  type: 'failure'
  id: number
  error: unknown
}
/** Both ways: the request, which may be a script, was not carried out, or its answer cannot cross. */
export interface Refused {
  type: 'refused'
  id: number
  code: RefusalCode
  details: Record<string, unknown>
}
/**
 * Both ways, a request: call a function that the receiver lent. A negative id is one more than that of the one before
 * (the first is -2^31, and that comes after -1). In this order the receiver says of each, by `begun` or an answer, that it
 * has come to it; it was told of all of them before it tells anything else that is ordered. Behind one with a negative id
 * further ones of the same function may stand in the same batch as AGAIN.
 */
export interface Invoke {
  type: 'invoke'
  id: number
  reference: number
  parameters: unknown[]
  /** The function was lent live: what is no plain data crosses by reference. Told by the form of the parameters. */
  live?: boolean
}
/**
 * Both ways: `count` invocations of the receiver, from `id` on, were carried out in a row. They returned undefined, which
 * is their answer; or, `areLater`, promises, and each will be answered on its own.
 */
export interface Begun {
  type: 'begun'
  id: number
  count: number
  areLater: boolean
}
/**
 * Both ways: a function that the receiver lent is not held any more. `count`: how often it had arrived until then, once at
 * least.
 */
export interface Release {
  type: 'release'
  reference: number
  count: number
}

/**
 * One step of a script: 1 byte for what it does (its place among `operations`, 128 more when its outcome is wanted, 64
 * more when its path is in a target), 1 for its base, and a text or a number; then the path, a number of texts; and a
 * Body, the parameters, undefined where there are none. With a target, written as that of a call, the path is the
 * target's, in parts that contain no dot, and a base that is a package is the target's too and not written before it.
 */
export interface StepMessage {
  operation: Operation
  base: BaseMessage
  path: readonly string[]
  /** What its package and its path came as. */
  target?: Target | undefined
  parameters: unknown[] | Packed
  wanted: boolean
  /** Its place among the contexts of the script. */
  context?: number | undefined
}
/**
 * Both ways, a request: carry out these steps in their order. One whose base or parameters are not settled yet waits
 * for them, and those behind it that do not need it go on. Each that is wanted gets one outcome; one at least is, or
 * the request would have no answer. Of a stream that the receiver lent one thing of each kind is asked at a time, by one
 * stand-in: `pull`, `write`, `over`, `end`, `destroy`.
 */
export interface ScriptMessage {
  type: 'script'
  id: number
  steps: readonly StepMessage[]
  contexts?: readonly unknown[] | undefined
}
/**
 * Both ways, the answer to a step that is wanted: its value; or what was thrown, or why it was not carried out, by the
 * step `at`. With the last one the request is answered.
 */
export interface Outcome {
  type: 'outcome'
  id: number
  step: number
  last: boolean
  state: 'value' | 'failed' | 'refused'
  at: number
  /** What was thrown; `{ code, details }` where it was refused. */
  value: unknown
  /** The value is no live one. Told by its form. */
  copied: boolean
}

export type Answer = Result | Failure | Refused
export type SharedMessage = Answer | Invoke | Begun | Release | ScriptMessage | Outcome
export type HostMessage = Hello | Add | Call | Cancel | Ping | Collect | Stop | SharedMessage
export type SpaceMessage = Ready | Report | Trouble | SharedMessage
export type Message = HostMessage | SpaceMessage
/** Messages that get an answer. */
export type Request = Add | Call | Ping | Invoke | ScriptMessage
