/**
 * The first byte of every value on the wire. What follows each is written beside it: `n` is a variable-length
 * unsigned integer, `value` any value again. 0x00 to 0x7f are the integers 0 to 127, and 0x80 to 0x9f a string of
 * 0 to 31 Latin-1 bytes.
 */
export const SHORT_STRING = 0x80
export const SHORT_STRING_LIMIT = 32

export const UNDEFINED = 0xa0
export const NULL = 0xa1
export const FALSE = 0xa2
export const TRUE = 0xa3
/** 4 bytes, signed, little endian. */
export const INT32 = 0xa4
/** 8 bytes, little endian. */
export const DOUBLE = 0xa5
/** A string value: the digits in base 16, with a minus sign where it is below zero. */
export const BIGINT = 0xa6
/** n bytes, one character each. */
export const LATIN1 = 0xa7
/** n bytes, two for a UTF-16 code unit, so that a lone surrogate survives. */
export const UTF16 = 0xa8

/** n values. */
export const ARRAY = 0xa9
/** n (length), n (how many entries), then a string value and a value for each entry: holes and extra properties. */
export const SPARSE_ARRAY = 0xaa
/** n (index in the table of shapes), then a value for every key of that shape. */
export const SHAPED_OBJECT = 0xab
/** n (keys), a string value for each, then a value for each: also adds these keys to the table of shapes. */
export const NEW_SHAPE = 0xac
/** n (keys), then a string value and a value for each. */
export const OBJECT = 0xad
/** n: the object that was n-th to begin in this message, counted from 0. */
export const SEEN = 0xae

/** 8 bytes: the time as a double. */
export const DATE = 0xaf
/** Two string values: source and flags. */
export const REGEXP = 0xb0
/** n, then a key and a value for each. */
export const MAP = 0xb1
/** n values. */
export const SET = 0xb2
/** A primitive value in its wrapper: Number, String, Boolean, BigInt. */
export const BOXED = 0xb3
/**
 * 1 byte (class), then values: message, stack, name (each undefined where it is the default); then for every further
 * property 1 byte (1 hidden, 2 enumerable), a string value and a value; a byte 0 ends it.
 */
export const ERROR = 0xb4
/** n bytes: an ArrayBuffer. */
export const ARRAY_BUFFER = 0xb5
/** n (maxByteLength), n bytes: a resizable ArrayBuffer. */
export const RESIZABLE_BUFFER = 0xb6
/** 1 byte (kind of view), n bytes. */
export const VIEW = 0xb7
/** 1 byte (kind of view, or ARRAY_BUFFER_KIND), n (which attachment of the parcel). */
export const ATTACHMENT = 0xb8
/** n (reference), n (length), a string value (name): a function that stays where it is. */
export const FUNCTION = 0xb9
/** The same, but the first n is a place in the list of references at the head of the message. */
export const LISTED_FUNCTION = 0xba
/** 1 byte, then: 1 and a value, the reason why it was aborted; or 0 and a function that tells when it is. */
export const ABORT_SIGNAL = 0xbb

/**
 * Something that stays where it is, in a live value: 1 byte, then
 * - 0: n (number), a string value (class): an object of the sender;
 * - 1: n (number), n (length), a string value (name): a function of the sender;
 * - 2: n (number) and a path: what the receiver lent;
 * - 3: n (index) and a path: what a step of this script results in;
 * - 4: a string value (package) and a path: a package, or what it exports;
 * - 5: a stream of the sender;
 * - 6: two streams of the sender, a readable and a writable one.
 * A path is n and so many string values. A stream is n (number), 1 byte (its place among the flavours), 1 byte (1: its
 * readable side has objects, 2: its writable side has, 4: that one goes on when the readable one has ended), and two
 * string values: the encoding of the texts that come of it, if it has one, and its class.
 */
export const REFERENCE = 0xbc
/** n: a place in the list of such things at the head of the message. */
export const LISTED_REFERENCE = 0xbd
/** n: the number of a socket or server that comes by another way, in the parameters of calls and steps. */
export const MOVED = 0xbe
/** n: a place in the list of such numbers at the head of the message. */
export const LISTED_MOVED = 0xbf
/**
 * 1 byte (1: these were the last), n values: what came of an iterator, where it is the whole of a live value. Each item
 * counts its objects from 0.
 */
export const ITEMS = 0xc0
export const referenceKinds = {
  object: 0,
  function: 1,
  home: 2,
  step: 3,
  root: 4,
  stream: 5,
  pair: 6,
  /** A function with a member called `apply`, `bind` or `call` that is not the one which all functions have. */
  namesake: 7
} as const
/** Added up in the byte of a stream. */
export const streamFlags = { readsObjects: 1, writesObjects: 2, isHalfOpen: 4 } as const

/** The built-in error classes, by their place on the wire. */
export const errorClasses: readonly ErrorConstructor[] = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError as unknown as ErrorConstructor
]

/** The kinds of view, by their place on the wire. `Buffer` and `DataView` first; Float16Array is newer than Node 20. */
export const viewKinds: readonly string[] = [
  'Buffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array'
]
export const ARRAY_BUFFER_KIND = 0xff

/** What is told of a function: more parameters, or characters of its name, are cut off. */
export const FUNCTION_LENGTH_LIMIT = 255
export const FUNCTION_NAME_LIMIT = 255

/** Objects nest at most this deep, as in `structuredClone`, which ends between 1000 and 2000 (Node 20). */
export const DEPTH_LIMIT = 1000
/**
 * What objects take in memory beside the bytes that describe them, roughly: for each object, each element or property,
 * each Map or Set and each of their entries, each AbortSignal and stream. Two bytes make an empty Map of 200.
 */
export const OBJECT_WEIGHT = 64
export const MEMBER_WEIGHT = 8
export const COLLECTION_WEIGHT = 128
export const ENTRY_WEIGHT = 48
export const SIGNAL_WEIGHT = 1024
export const STREAM_WEIGHT = 4096

/** What all objects of a value may weigh: so much that only values made to be heavy come near, yet bounded. */
export function weightLimit(maxBytes: number): number {
  return WEIGHT_OF_A_BYTE * (maxBytes + MESSAGE_SLACK)
}

export const WEIGHT_OF_A_BYTE = 4

/** What a message may take beyond its value: ids, names, lists. */
export const MESSAGE_SLACK = 1024 * 1024

/** Characters of all regular expressions in a message. They are compiled on arrival, at up to 30 us for each `\p{L}`. */
export const EXPRESSION_LIMIT = 64 * 1024

/**
 * Binary values of this many bytes or more travel beside the codec and are not copied by the sender, unless they fit in
 * a message of INLINE_LIMIT bytes: copied with it they are there sooner (64 KiB there and back takes half of the
 * processor time, 250 KiB nine tenths, Node 20).
 */
export const ATTACHMENT_THRESHOLD = 64 * 1024
export const INLINE_LIMIT = 256 * 1024
/** As many of them as a message may have; what is more goes through the codec. */
export const ATTACHMENTS_LIMIT = 4095
