import type {
  AnyFunction,
  IsStream,
  Methods,
  Newable,
  Primitive,
  RequiredMethods,
  Staying,
  Value
} from './remote-structure.js'

/**
 * What `use<T>()` gives: a package in its space, where `T` is the type of what it exports. Its members can be read,
 * called and made with `new`, and so can whatever comes of that, as a {@link RemoteChain}. It is not thenable. Where `T`
 * is a namespace with a default export, that is what is called, and the members of both are there; of two with the same
 * name that of the namespace is taken. With `T` unknown or any everything goes, unchecked.
 *
 * Types go by structure, the program by prototypes. What TypeScript cannot carry over:
 * - type parameters. A generic function takes and gives what their constraints say, often `unknown`; where they depend
 *   on each other its calls are unchecked;
 * - all but the last sixteen overloads of a function, four of a constructor, and one of a callback;
 * - `this` of a callback, and what it ought to return: in the space its result is a promise;
 * - members named by a symbol, setters, and members named `then`, `prototype`, `constructor` or `__proto__`;
 * - whether an optional member is there, and which type of a union it is: all members can be written, and one that is
 *   not there rejects.
 */
export type Remote<T> = InSpace<T> & Exported<T>

/**
 * A call, a `new` or a property of something in a space. Awaiting it gives what {@link Settled} says; calls and
 * properties go on from it without that, on the result of a promise and on what may be null, too (then it rejects).
 * What can be iterated over in the space can be with `for await`.
 */
export type RemoteChain<T> = PromiseLike<Settled<T>> & InSpace<Awaited<T>> & Onward<T>

/** An object or a function that stays in its space, until it is released. It is not thenable. */
export type RemoteReference<T> = InSpace<T> & Owned & Onward<T>

/**
 * What awaiting gives. Plain data, and what is made of it, is a value: primitives, Date, RegExp, Map, Set, ArrayBuffer
 * and its views, Buffer, errors, AbortSignal, arrays, and objects without a member that can be called. Streams of Node's
 * own classes are streams. A function, or another object that has such a member, is a {@link RemoteReference}, within arrays, objects, maps and sets as well.
 */
export type Settled<T> = Crossed<Awaited<T>>

/** Ends a reference, or the one that a chain is going to settle to. What is none is let pass. */
export type Release = (reference: object) => void

/**
 * Gives a copy by value, with the data and without the methods. It takes any object, since one of a class without
 * methods is a value by its type and a reference in the program.
 */
export interface Copy {
  <T>(living: InSpace<T>): Promise<Copied<T>>
  <T extends object>(living: T): Promise<Copied<T>>
}

/** Something in a space that is a `T` there, and may be given to functions there that take one. */
export interface InSpace<out T> {
  /** For the compiler alone: nothing is there when the program runs. */
  readonly [original]: T
}

declare const original: unique symbol

interface Owned {
  /** Releases it. */
  [Symbol.dispose](): void
  /** Has the object dispose of itself, if it can, then releases it. */
  [Symbol.asyncDispose](): Promise<void>
}

type Exported<T> = unknown extends T
  ? Untyped
  : T extends AnyFunction
    ? Onward<T>
    : T extends { default: infer D }
      ? Onward<T> & DefaultExport<D, keyof T>
      : Onward<T>

/** CommonJS that was compiled from an ES module is, for an ES module, the default export and has one itself. */
type DefaultExport<D, Known> = unknown extends D
  ? D
  : D extends AnyFunction
    ? Calls<D> & News<D> & Others<D, Known>
    : D extends { default: infer E }
      ? Others<D, Known> & (E extends AnyFunction ? Calls<E> & News<E> & Others<E, Known | keyof D> : unknown)
      : Others<D, Known>

type Onward<T> = 0 extends 1 & T ? T : All<T extends unknown ? (all: Body<T>) => void : never>

/** Of a union all members go, as those of one object: nothing here can tell which of its types it is. */
type All<Takers> = [Takers] extends [(all: infer B) => void] ? B : never

type Body<T> = T extends Primitive
  ? unknown
  : T extends PromiseLike<infer V>
    ? keyof T extends keyof Promise<V>
      ? Onward<V>
      : Calls<T> & News<T> & Members<T> & Iteration<T>
    : Calls<T> & News<T> & Members<T> & Iteration<T>

type Members<T> = { readonly [K in keyof T as K extends Hidden ? never : K]-?: RemoteChain<T[K]> }

type Others<T, Known> = {
  readonly [K in keyof T as K extends Hidden | Known ? never : K]-?: RemoteChain<T[K]>
}

type Hidden = symbol | 'then' | 'prototype' | 'constructor' | '__proto__'

type Iteration<T> = T extends AsyncIterable<infer V> | Iterable<infer V> ? Iterated<V> : unknown

interface Iterated<V> {
  [Symbol.asyncIterator](): AsyncIterableIterator<Settled<V>>
}

/**
 * Where a function has fewer overloads the first one fills the places, and is one again in the intersection. As the
 * compiler does with overloads that are declared, those for a certain text, such as the name of an event, are tried
 * before those for any.
 */
type Calls<F> = F extends {
  (...parameters: infer P0): infer R0
  (...parameters: infer P1): infer R1
  (...parameters: infer P2): infer R2
  (...parameters: infer P3): infer R3
  (...parameters: infer P4): infer R4
  (...parameters: infer P5): infer R5
  (...parameters: infer P6): infer R6
  (...parameters: infer P7): infer R7
  (...parameters: infer P8): infer R8
  (...parameters: infer P9): infer R9
  (...parameters: infer P10): infer R10
  (...parameters: infer P11): infer R11
  (...parameters: infer P12): infer R12
  (...parameters: infer P13): infer R13
  (...parameters: infer P14): infer R14
  (...parameters: infer P15): infer R15
}
  ? Certain<[P0, R0], [P1, R1], [P2, R2], [P3, R3]> &
      Certain<[P4, R4], [P5, R5], [P6, R6], [P7, R7]> &
      Certain<[P8, R8], [P9, R9], [P10, R10], [P11, R11]> &
      Certain<[P12, R12], [P13, R13], [P14, R14], [P15, R15]> &
      Every<[P0, R0], [P1, R1], [P2, R2], [P3, R3]> &
      Every<[P4, R4], [P5, R5], [P6, R6], [P7, R7]> &
      Every<[P8, R8], [P9, R9], [P10, R10], [P11, R11]> &
      Every<[P12, R12], [P13, R13], [P14, R14], [P15, R15]>
  : F extends (...parameters: never) => unknown
    ? (...parameters: Untyped[]) => Untyped
    : unknown

/** The parameters and the result of an overload. */
type Overload = [unknown[], unknown]

type Certain<
  A extends Overload,
  B extends Overload,
  C extends Overload,
  D extends Overload
> = CertainCall<A> & CertainCall<B> & CertainCall<C> & CertainCall<D>

type CertainCall<O extends Overload> = string extends O[0][0]
  ? unknown
  : O[0][0] extends string
    ? Call<O>
    : unknown

type Every<A extends Overload, B extends Overload, C extends Overload, D extends Overload> = Call<A> &
  Call<B> &
  Call<C> &
  Call<D>

type Call<O extends Overload> = (...parameters: GivenAll<O[0]>) => RemoteChain<O[1]>

type News<F> = F extends {
  new (...parameters: infer P0): infer R0
  new (...parameters: infer P1): infer R1
  new (...parameters: infer P2): infer R2
  new (...parameters: infer P3): infer R3
}
  ? New<[P0, R0]> & New<[P1, R1]> & New<[P2, R2]> & New<[P3, R3]>
  : F extends new (...parameters: never) => unknown
    ? new (...parameters: Untyped[]) => Untyped
    : unknown

type New<O extends Overload> = new (...parameters: GivenAll<O[0]>) => RemoteChain<O[1]>

type GivenAll<P extends readonly unknown[]> = { [I in keyof P]: Given<P[I]> }

/** What may be given for a parameter: what it takes, or something in the space that is that, also within it. */
type Given<P> = unknown extends P ? P : Here<P> | InSpace<Awaited<P>>

/** An object with methods may be one of a class, which goes as it is, or one of callbacks. */
type Here<P> = P extends Value | Newable
  ? P
  : P extends readonly (infer V)[]
    ? number extends P['length']
      ? readonly Given<V>[]
      : GivenAll<P>
    : P extends (...parameters: infer A) => unknown
      ? Callback<A> | ([keyof P] extends [never] ? never : P)
      : [RequiredMethods<P>] extends [never]
        ? { [K in keyof P]: Given<P[K]> }
        : P | { [K in keyof P]: Given<P[K]> }

type Callback<P extends unknown[]> = (...parameters: CrossedAll<P>) => unknown

type CrossedAll<P> = { [K in keyof P]: Crossed<P[K]> }

/** What something is on the other side. */
type Crossed<T> = unknown extends T ? T : ValueOf<T> | ReferenceTo<Staying<T>>

type ReferenceTo<T> = [T] extends [never] ? never : RemoteReference<T>

type ValueOf<T> = T extends Value
  ? T
  : IsStream<T> extends true
    ? T
    : [Staying<T>] extends [never]
      ? T extends readonly (infer V)[]
        ? [V] extends [Value]
          ? T
          : number extends T['length']
            ? Crossed<V>[]
            : CrossedAll<T>
        : T extends ReadonlyMap<infer K, infer V>
          ? Map<Crossed<K>, Crossed<V>>
          : T extends ReadonlySet<infer V>
            ? Set<Crossed<V>>
            : [T[keyof T]] extends [Value]
              ? T
              : CrossedAll<T>
      : never

export type Copied<T> = unknown extends T ? T : CopyOf<T>

type CopyOf<T> = T extends Value
  ? T
  : T extends AnyFunction
    ? RemoteReference<T>
    : T extends readonly (infer V)[]
      ? number extends T['length']
        ? Copied<V>[]
        : { [I in keyof T]: Copied<T[I]> }
      : T extends ReadonlyMap<infer K, infer V>
        ? Map<Copied<K>, Copied<V>>
        : T extends ReadonlySet<infer V>
          ? Set<Copied<V>>
          : { [K in keyof T as K extends Methods<T> | symbol ? never : K]: Copied<T[K]> }

/** The type of values that nothing is known of, as of what is parsed. */
type Untyped = ReturnType<JSON['parse']>
