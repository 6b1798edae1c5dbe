import type * as childProcessModule from 'node:child_process'
import type { ReadStream } from 'node:fs'
import type * as pathModule from 'node:path'
import { Readable, type Duplex, type Writable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import type sharpModule from 'sharp'
import type * as sharpNamespace from 'sharp' with { 'resolution-mode': 'import' }
import type WebSocketModule from 'ws'
import { stream } from '../../lib/live.js'
import type {
  Copy,
  InSpace,
  Release,
  Remote,
  RemoteChain,
  RemoteReference,
  Settled
} from '../../lib/remote.js'

// What is tested here is whether this file compiles, with the errors that it expects and no others.

declare function use<T>(name: string): Remote<T>
declare const copy: Copy
declare const release: Release

/** A program that the compiler has to accept. It is not run. */
function compiles(program: () => unknown): void {
  expect(program).to.be.a('function')
}

type Anything = ReturnType<JSON['parse']>

interface Statement<Parameters extends unknown[], Result = unknown> {
  readonly source: string
  database: Database
  get(...parameters: Parameters): Result | undefined
  all(...parameters: Parameters): Result[]
  iterate(...parameters: Parameters): IterableIterator<Result>
  pluck(toggle?: boolean): this
}

interface Database {
  readonly name: string
  readonly open: boolean
  prepare<Parameters extends unknown[] | object = unknown[], Result = unknown>(
    source: string
  ): Parameters extends unknown[] ? Statement<Parameters, Result> : Statement<[Parameters], Result>
  function(name: string, body: (...parameters: Anything[]) => Anything): this
  function(name: string, options: { varargs?: boolean }, body: (...parameters: Anything[]) => Anything): this
  backup(
    file: string,
    options?: { progress: (state: { left: number }) => number }
  ): Promise<{ pages: number }>
  serialize(): Buffer
  close(): this
}

declare class SqliteError extends Error {
  code: string
}

interface DatabaseConstructor {
  new (file?: string | Buffer, options?: { readonly?: boolean }): Database
  (file?: string, options?: { readonly?: boolean }): Database
  prototype: Database
  SqliteError: typeof SqliteError
}

interface Point {
  x: number
  label?: string
}

interface Shapes {
  Shape: typeof Shape
}

declare class Shape {
  static readonly count: number
  static unit(): Shape
  constructor(name: string, corners?: Point[])
  readonly name: string
  get area(): number
  corners: Point[]
  parent: Shape | null
  style?: { color: string; blur(radius: number): Shape }
  onChange?: (shape: Shape) => void
  add(other: Shape): this
  addAll(others: readonly Shape[], options?: { behind?: Shape; at?: Point }): number
  load(): Promise<Shape>
  size(): Promise<{ width: number }>
  walk(visit: (shape: Shape, depth: number, next: (error?: Error) => void) => boolean): void
  watch(handlers: { changed?: (shape: Shape) => void; ended?: () => void }): void
  [Symbol.iterator](): Iterator<Shape>
  then?: never
}

describe('The type of a package in its space', () => {
  it('is called, chained and awaited as the package: an image library', () => {
    compiles(async () => {
      const photo = Buffer.alloc(0)
      const sharp = use<typeof sharpModule>('sharp')
      expectTypeOf(await sharp(photo).resize(320).png().toBuffer()).toExtend<Buffer>()
      expectTypeOf(await sharp(photo).metadata().width).toEqualTypeOf<number>()
      const { data, info } = await sharp(photo).toBuffer({ resolveWithObject: true })
      expectTypeOf(data).toExtend<Buffer>()
      expectTypeOf(info.width).toEqualTypeOf<number>()
      // @ts-expect-error A width is a number.
      sharp(photo).resize({ width: 'wide' })
    })
  })

  it('holds objects until the end of a block and streams what they iterate over: a database', () => {
    compiles(async () => {
      const Database = use<DatabaseConstructor>('better-sqlite3')
      using db = await new Database(':memory:')
      expectTypeOf(db).toEqualTypeOf<RemoteReference<Database>>()
      for await (const row of db.prepare('select 1').iterate()) expectTypeOf(row).toEqualTypeOf<unknown>()
      for await (const row of db.prepare('select ?').iterate(1)) expectTypeOf(row).toEqualTypeOf<unknown>()
      await using other = await new Database(db.serialize())
      expectTypeOf(await other.name).toEqualTypeOf<string>()
      expectTypeOf(await db.backup('file', { progress: ({ left }) => left })).toEqualTypeOf<{
        pages: number
      }>()
      release(db)
    })
  })

  it('gives streams of Node itself as streams, and those of other classes as references', () => {
    compiles(async () => {
      class Report extends Readable {
        pages = 1
      }
      const made = use<{
        read(): Promise<Readable>
        pair(): Duplex
        file(): ReadStream
        web: ReadableStream
        within(): { body: Writable }
        report(): Report
      }>('makes')
      expectTypeOf(await made.read()).toEqualTypeOf<Readable>()
      expectTypeOf(await made.pair()).toEqualTypeOf<Duplex>()
      expectTypeOf(await made.file()).toEqualTypeOf<ReadStream>()
      expectTypeOf(await made.web).toEqualTypeOf<ReadableStream>()
      expectTypeOf((await made.within()).body).toEqualTypeOf<Writable>()
      expectTypeOf(await made.report()).toEqualTypeOf<RemoteReference<Report>>()
      expectTypeOf(await stream(made.report())).toEqualTypeOf<Readable>()
    })
  })

  it('takes listeners, whose arguments are typed by the event: a socket', () => {
    compiles(async () => {
      const { WebSocket, WebSocketServer } = use<typeof WebSocketModule>('ws')
      const socket = await new WebSocket('ws://localhost').on('message', (data, isBinary) => {
        expectTypeOf(data).toExtend<Buffer | ArrayBuffer | Buffer[]>()
        expectTypeOf(isBinary).toEqualTypeOf<boolean>()
      })
      socket.on('close', (code, reason) => {
        expectTypeOf(code).toEqualTypeOf<number>()
        expectTypeOf(reason).toExtend<Buffer>()
      })
      const server = await new WebSocketServer({ port: 0 })
      server.on('connection', (client) => {
        expectTypeOf(client).not.toHaveProperty('then')
        client.send('hello')
      })
    })
  })

  it('has the functions of Node', () => {
    compiles(async () => {
      const path = use<typeof pathModule>('path')
      expectTypeOf(await path.join('a', path.posix.dirname('b'))).toEqualTypeOf<string>()
      const childProcess = use<typeof childProcessModule>('child_process')
      const child = await childProcess.spawn('ls', ['-l'], { stdio: 'pipe' })
      expectTypeOf(await child.pid).toEqualTypeOf<number | undefined>()
      child.on('exit', (code) => expectTypeOf(code).toEqualTypeOf<number | null>())
      for await (const chunk of child.stdout) expectTypeOf(chunk).toBeAny()
      childProcess.execFile('ls', ['-l'], (error, stdout) => expectTypeOf(stdout).toEqualTypeOf<string>())
    })
  })

  it('has the members of a default export and those beside it', () => {
    interface Both {
      default: { (text: string): number; unit: string; same: number }
      named(): boolean
      same: string
    }
    compiles(async () => {
      const both = use<Both>('both')
      expectTypeOf(await both('text')).toEqualTypeOf<number>()
      expectTypeOf(await both.default('text')).toEqualTypeOf<number>()
      expectTypeOf(await both.unit).toEqualTypeOf<string>()
      expectTypeOf(await both.named()).toEqualTypeOf<boolean>()
      expectTypeOf(await both.same).toEqualTypeOf<string>()
      // @ts-expect-error Only a text is taken.
      both(1)
    })
  })

  it('can be called as imported by CommonJS and by an ES module', () => {
    type FromEsModule = typeof sharpNamespace
    expectTypeOf<FromEsModule>().toHaveProperty('default')
    compiles(async () => {
      const sharp = use<FromEsModule>('sharp')
      expectTypeOf(await sharp('photo').png().toBuffer()).toExtend<Buffer>()
      expectTypeOf(await sharp.default('photo').png().toBuffer()).toExtend<Buffer>()
      expectTypeOf(await sharp.versions.sharp).toEqualTypeOf<string>()
    })
  })

  it('bears a default export that leads back to itself, and one within another', () => {
    interface Circular {
      default: Circular
      run(): number
    }
    interface Compiled {
      default: { default: new (text: string) => Shape; parse(): string }
    }
    compiles(async () => {
      expectTypeOf(await use<Circular>('circular').run()).toEqualTypeOf<number>()
      expectTypeOf(await use<Circular>('circular').default.default.run()).toEqualTypeOf<number>()
      const compiled = use<Compiled>('compiled')
      expectTypeOf(await new compiled('text').name).toEqualTypeOf<string>()
      expectTypeOf(await compiled.parse()).toEqualTypeOf<string>()
    })
  })

  it('is unchecked where nothing is known of the package', () => {
    expectTypeOf<Remote<Anything>>().toBeAny()
    expectTypeOf<Remote<unknown>>().toBeAny()
    expectTypeOf<RemoteChain<Anything>>().toBeAny()
    expectTypeOf<Settled<Anything>>().toBeAny()
    expectTypeOf<Settled<unknown>>().toBeUnknown()
    compiles(async () => {
      const chain = use<{ parse(text: string): unknown }>('parser').parse('text')
      expectTypeOf(await chain).toBeUnknown()
      // @ts-expect-error Nothing is known of the result.
      chain.value
    })
  })

  it('is not thenable, and its members cannot be set', () => {
    expectTypeOf<Remote<{ then(): void; x: number }>>().not.toHaveProperty('then')
    compiles(() => {
      // @ts-expect-error A property of a package is set there, by its functions.
      use<{ x: number }>('x').x = 1
    })
  })
})

describe('The type of a chain', () => {
  it('is a promise of what it settles to, and has the members of what it stands for', () => {
    expectTypeOf<RemoteChain<Shape>>().toExtend<PromiseLike<RemoteReference<Shape>>>()
    expectTypeOf<RemoteChain<Shape>['add']>().toEqualTypeOf<RemoteChain<Shape['add']>>()
    expectTypeOf<Awaited<RemoteChain<Shape>['area']>>().toEqualTypeOf<number>()
    expectTypeOf<Awaited<RemoteChain<number>>>().toEqualTypeOf<number>()
    expectTypeOf<Awaited<RemoteChain<void>>>().toEqualTypeOf<void>()
    expectTypeOf<Awaited<RemoteChain<never>>>().toEqualTypeOf<never>()
  })

  it('goes on from classes, static members, getters, nested objects, indexes and promises', () => {
    compiles(async () => {
      const { Shape } = use<Shapes>('shapes')
      expectTypeOf(await Shape.count).toEqualTypeOf<number>()
      expectTypeOf(await Shape.unit().add(new Shape('a')).area).toEqualTypeOf<number>()
      expectTypeOf(await Shape.unit().corners[0]?.x).toEqualTypeOf<number | undefined>()
      expectTypeOf(await Shape.unit().load().load().size()).toEqualTypeOf<{ width: number }>()
      expectTypeOf(await Shape.unit().size().width).toEqualTypeOf<number>()
      // @ts-expect-error The name is a string.
      new Shape(1)
      // @ts-expect-error There is no such member.
      Shape.unit().missing
    })
  })

  it('goes on from what is optional, may be null, or is one of several types', () => {
    compiles(async () => {
      const shape = await new (use<typeof Shape>('shape'))('a')
      expectTypeOf(await shape.parent.parent.area).toEqualTypeOf<number>()
      expectTypeOf(await shape.style.color).toEqualTypeOf<string>()
      expectTypeOf(await shape.style.blur(3)).toEqualTypeOf<RemoteReference<Shape>>()
      expectTypeOf(await shape.parent).toEqualTypeOf<RemoteReference<Shape> | null>()
      shape.onChange(shape)
      const { either } = use<{ either(): { a(): number } | { b(): string } | undefined }>('either')
      expectTypeOf(await either().a()).toEqualTypeOf<number>()
      const settled = await either()
      if (settled !== undefined) expectTypeOf(await settled.b()).toEqualTypeOf<string>()
    })
  })

  it('has the overloads of a function', () => {
    interface Overloaded {
      (text: string): string
      (count: number, unit: 'm' | 'km'): number
      (list: string[]): Shape
    }
    compiles(async () => {
      const overloaded = use<Overloaded>('overloaded')
      expectTypeOf(await overloaded('a')).toEqualTypeOf<string>()
      expectTypeOf(await overloaded(1, 'km')).toEqualTypeOf<number>()
      expectTypeOf(await overloaded(['a'])).toEqualTypeOf<RemoteReference<Shape>>()
      // @ts-expect-error No overload takes a number alone.
      overloaded(1)
    })
    expectTypeOf<Remote<(text: string) => number>>().parameters.toEqualTypeOf<
      [text: string | InSpace<string>]
    >()
  })

  it('loses type parameters, and checks no call where they depend on each other', () => {
    interface Generic {
      first<T>(list: T[]): T
      narrow<T extends Point>(point: T): T
      dependent<A extends string, B extends Record<A, number>>(a: A, b: B): B[A] extends 1 ? A : B
    }
    compiles(async () => {
      const generic = use<Generic>('generic')
      expectTypeOf(await generic.first([1])).toBeUnknown()
      expectTypeOf(await generic.narrow({ x: 1 })).toEqualTypeOf<Point>()
      generic.dependent('a', { a: 1 })
    })
  })

  it('can be iterated over where what it stands for can be', () => {
    interface Sources {
      list: Point[]
      shapes(): Iterable<Shape>
      pages(): AsyncGenerator<Point>
      later(): Promise<Set<string>>
    }
    compiles(async () => {
      const { list, shapes, pages, later } = use<Sources>('sources')
      for await (const point of list) expectTypeOf(point).toEqualTypeOf<Point>()
      for await (const shape of shapes()) expectTypeOf(shape).toEqualTypeOf<RemoteReference<Shape>>()
      for await (const point of await pages()) expectTypeOf(point).toEqualTypeOf<Point>()
      for await (const name of later()) expectTypeOf(name).toEqualTypeOf<string>()
      // @ts-expect-error A number cannot be iterated over.
      use<{ count(): number }>('x').count()[Symbol.asyncIterator]
    })
  })
})

describe('The type of what a chain settles to', () => {
  it('is the value of plain data', () => {
    interface Data {
      when: Date
      bytes: Uint8Array
      names: [string, RegExp?]
      points: Map<string, Set<Point>>
      failure: RangeError | null
      any: Anything
    }
    expectTypeOf<Settled<Point>>().toEqualTypeOf<Point>()
    expectTypeOf<Settled<Point[]>>().toExtend<Point[]>()
    expectTypeOf<Settled<Data>>().toExtend<Data>()
    expectTypeOf<Data>().toExtend<Settled<Data>>()
    expectTypeOf<Settled<Buffer | 'a' | 1 | undefined>>().toEqualTypeOf<Buffer | 'a' | 1 | undefined>()
    expectTypeOf<Settled<SqliteError>>().toEqualTypeOf<SqliteError>()
    expectTypeOf<Settled<AbortSignal>>().toEqualTypeOf<AbortSignal>()
    expectTypeOf<Settled<boolean>>().toEqualTypeOf<boolean>()
  })

  it('is a reference to a function, and to an object with a member that can be called', () => {
    expectTypeOf<Settled<Shape>>().toEqualTypeOf<RemoteReference<Shape>>()
    expectTypeOf<Settled<typeof Shape>>().toEqualTypeOf<RemoteReference<typeof Shape>>()
    expectTypeOf<Settled<() => void>>().toEqualTypeOf<RemoteReference<() => void>>()
    expectTypeOf<Settled<URL>>().toEqualTypeOf<RemoteReference<URL>>()
    expectTypeOf<Settled<{ run?: () => void }>>().toEqualTypeOf<RemoteReference<{ run?: () => void }>>()
  })

  it('tells a collection from an object that is more than that', () => {
    class Registry extends Map<string, Point> {
      register(): void {}
    }
    expectTypeOf<Settled<ReadonlyMap<string, Shape>>>().toEqualTypeOf<Map<string, RemoteReference<Shape>>>()
    expectTypeOf<Settled<Registry>>().toEqualTypeOf<RemoteReference<Registry>>()
    expectTypeOf<Settled<URLSearchParams>>().toEqualTypeOf<RemoteReference<URLSearchParams>>()
  })

  it('has references within values', () => {
    expectTypeOf<Settled<{ shapes: Shape[]; at: Point }>['shapes']>().toEqualTypeOf<
      RemoteReference<Shape>[]
    >()
    expectTypeOf<Settled<[Shape, number]>>().toEqualTypeOf<[RemoteReference<Shape>, number]>()
    expectTypeOf<Settled<Shape | string>>().toEqualTypeOf<RemoteReference<Shape> | string>()
  })

  it('is that of the result of a promise', () => {
    expectTypeOf<Settled<Promise<Promise<Point>>>>().toEqualTypeOf<Point>()
    expectTypeOf<Settled<Promise<Shape>>>().toEqualTypeOf<RemoteReference<Shape>>()
  })

  it('bears types that hold themselves', () => {
    type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
    interface Node {
      kind: string
      parent: Node
      children: Node[]
      names: Map<string, Node>
    }
    compiles(async () => {
      const parser = use<{ json(): Json; parse(): Node; print(node: Node, json: Json): string }>('parser')
      const [json, node] = await Promise.all([parser.json(), parser.parse()])
      expectTypeOf(json).toExtend<Json>()
      expectTypeOf(node).toExtend<Node>()
      parser.print(node, [json, parser.json(), { a: [1] }])
    })
  })
})

describe('The type of a reference', () => {
  it('has no then, so that it can be awaited and returned', () => {
    expectTypeOf<RemoteReference<Shape>>().not.toHaveProperty('then')
    expectTypeOf<RemoteReference<() => void>>().not.toHaveProperty('then')
    expectTypeOf<RemoteReference<{ then(): void; go(): void }>>().not.toHaveProperty('then')
    expectTypeOf<Awaited<RemoteReference<Shape>>>().toEqualTypeOf<RemoteReference<Shape>>()
  })

  it('can be disposed of, and a chain cannot', () => {
    expectTypeOf<RemoteReference<Shape>>().toExtend<Disposable & AsyncDisposable>()
    expectTypeOf<RemoteChain<Shape>>().not.toExtend<Disposable>()
    expectTypeOf<RemoteChain<Shape>>().not.toExtend<AsyncDisposable>()
  })

  it('can be iterated over, also when each item is one itself', () => {
    compiles(async () => {
      const shape = await use<{ shape(): Shape }>('shapes').shape()
      for await (const part of shape) expectTypeOf(part).toEqualTypeOf<RemoteReference<Shape>>()
    })
  })

  it('of a function can be called', () => {
    compiles(async () => {
      const add = await use<{ adder(to: number): (count: number) => number }>('adders').adder(1)
      expectTypeOf(await add(2)).toEqualTypeOf<number>()
      // @ts-expect-error A number is taken.
      add('2')
    })
  })

  it('stands for a wider type, too', () => {
    expectTypeOf<RemoteReference<Shape>>().toExtend<
      RemoteReference<{ readonly name: string; load(): Promise<Shape> }>
    >()
  })
})

describe('The type of a parameter', () => {
  type Parameters = {
    takes(data: Buffer, at?: Point): void
    shape(): Shape
    data(): Promise<Buffer>
    x(): number
  }

  it('takes chains and references for what they stand for, at any depth', () => {
    compiles(async () => {
      const { takes, shape, data, x } = use<Parameters>('parameters')
      const reference = await shape()
      takes(data(), { x: x(), label: reference.name })
      reference.add(reference)
      reference.add(shape().parent.load())
      reference.addAll([shape(), reference], { behind: reference, at: { x: 1 } })
      // @ts-expect-error A shape is no data.
      takes(shape())
      // @ts-expect-error Neither is it a number.
      takes(data(), { x: reference })
      // @ts-expect-error A text is no shape.
      reference.addAll([shape(), 'text'])
      // @ts-expect-error There is no such option.
      reference.addAll([], { before: reference })
    })
  })

  it('takes values and objects of the host', () => {
    compiles(async () => {
      const { pipe } = use<{ pipe(from: NodeJS.ReadableStream, signal: AbortSignal): Shape }>('pipes')
      pipe(process.stdin, new AbortController().signal)
      // @ts-expect-error A text is no stream.
      pipe('text', new AbortController().signal)
    })
  })

  it('gives callbacks references to objects and the values of data, and lets them return anything', () => {
    compiles(async () => {
      const shape = await use<{ shape(): Shape }>('shapes').shape()
      shape.walk(async (part, depth, next) => {
        expectTypeOf(part).toEqualTypeOf<RemoteReference<Shape>>()
        expectTypeOf(depth).toEqualTypeOf<number>()
        expectTypeOf(await part.area).toEqualTypeOf<number>()
        next(new Error('over'))
      })
      shape.watch({
        changed: (part) => expectTypeOf(part).toEqualTypeOf<RemoteReference<Shape>>(),
        ended: () => 'ended'
      })
      // @ts-expect-error What arrives is a reference.
      shape.walk((part: Shape) => part.area)
    })
  })

  it('keeps alternatives apart', () => {
    type Task = { type: 'draw'; shape: Shape } | { type: 'wait'; done: (after: number) => void }
    compiles(async () => {
      const { run, shape } = use<{ run(task: Task): void; shape(): Shape }>('tasks')
      run({ type: 'draw', shape: shape() })
      run({ type: 'wait', done: (after) => expectTypeOf(after).toEqualTypeOf<number>() })
      // @ts-expect-error A task to wait has no shape.
      run({ type: 'wait', shape: shape() })
    })
  })
})

describe('The functions for references', () => {
  it('copy the data without the methods', () => {
    compiles(async () => {
      const { shape, point } = use<{ shape(): Shape; point(): Promise<Point> }>('shapes')
      const copied = await copy(shape())
      expectTypeOf(copied.name).toEqualTypeOf<string>()
      expectTypeOf(copied.corners).toEqualTypeOf<Point[]>()
      expectTypeOf(copied).not.toHaveProperty('add')
      expectTypeOf(await copy(await shape())).toEqualTypeOf(copied)
      expectTypeOf(await copy(point())).toEqualTypeOf<Point>()
      expectTypeOf(await copy(await point())).toEqualTypeOf<Point>()
      // @ts-expect-error There is nothing to copy.
      void copy('text')
    })
  })

  it('release references and chains', () => {
    compiles(async () => {
      const { shape } = use<{ shape(): Shape }>('shapes')
      release(shape())
      release(await shape())
      // @ts-expect-error There is nothing to release.
      release('text')
    })
  })
})
