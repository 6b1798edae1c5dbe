import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { WebSocketServer, type WebSocket } from 'ws'
import type { PackageSet } from '../../lib/package-set.js'
import type { SpacePool } from '../../lib/space-pool.js'
import { destroyPools, newPool } from '../support/pools.js'
import { rejectionOf } from '../support/rejections.js'
import { nextEvent } from '../support/waiting.js'

/** Packages from the registry, chosen to differ in kind; those of one line share a space. */
const sets = [
  ['semver', 'lodash', 'ms', 'date-fns/format', 'date-fns', 'async', 'bcryptjs', 'consola'],
  [
    'nanoid',
    { name: 'p-limit', parameters: [2] },
    'yoga-layout',
    { name: 'mitt', parameters: [] },
    'lru-cache'
  ],
  [
    { name: 'node-cache', parameters: [{ stdTTL: 600, checkperiod: 600 }] },
    { name: 'chance', parameters: [42] },
    { name: 'pdfkit', as: 'document', parameters: [{ size: 'A4' }] },
    { name: 'sharp', parameters: [{ create: { width: 8, height: 4, channels: 3, background: '#f00' } }] }
  ],
  [{ name: 'fastify', parameters: [] }, 'prettier'],
  ['typescript']
] as const

describe('Packages from the registry', () => {
  let pool: SpacePool
  let set: PackageSet

  before(async () => {
    pool = newPool()
    const added = await Promise.all(sets.map((packages) => pool.add(packages)))
    set = added.at(-1) as PackageSet
  })
  after(destroyPools)

  it('semver, lodash and ms: plain functions', async () => {
    expect(await pool.call('semver', 'satisfies', ['1.2.3', '^1.0.0'])).to.equal(true)
    expect(await pool.call('semver', 'parse', ['1.2.3-beta.4'])).to.deep.include({
      major: 1,
      prerelease: ['beta', 4]
    })
    expect(await pool.call('lodash', 'chunk', [[1, 2, 3], 2])).to.deep.equal([[1, 2], [3]])
    expect(await pool.call('ms', '', ['2h'])).to.equal(7_200_000)
  })

  it('date-fns: subpaths, and dates that stay dates', async () => {
    const day = new Date(2024, 0, 31)
    expect(await pool.call('date-fns/format', 'format', [day, 'yyyy-MM-dd'])).to.equal('2024-01-31')
    expect(await pool.call('date-fns', 'addMonths', [day, 1])).to.deep.equal(new Date(2024, 1, 29))
  })

  it('async: callbacks among the arguments of callbacks', async () => {
    const double = (value: number, done: (error: null, result: number) => void): void => done(null, value * 2)
    expect(await pool.call('async', 'mapSeries', [[1, 2, 3], double])).to.deep.equal([2, 4, 6])
    const failing = (...[, done]: [number, (error: Error) => void]): void => done(new RangeError('not today'))
    expect(await rejectionOf(pool.call('async', 'map', [[1], failing]))).to.be.instanceOf(RangeError)
  })

  it('bcryptjs: work that takes a while', async () => {
    const hash = await pool.call<string>('bcryptjs', 'hash', ['secret', 4])
    expect(await pool.call('bcryptjs', 'compare', ['secret', hash])).to.equal(true)
  })

  it('consola: what it prints is an event', async () => {
    const output = nextEvent(pool, 'spaceOutput', ({ line }) => line.includes('from a space'))
    await pool.call('consola', 'log', ['from a space'])
    expect(await output).to.include({ stream: 'stdout' })
  })

  it('nanoid, p-limit and yoga-layout: ES modules only, the last with top-level await', async () => {
    expect(await pool.call('nanoid', 'nanoid', [10]))
      .to.be.a('string')
      .with.length(10)
    const tasks = [1, 2, 3].map((value) => pool.call('p-limit', '', [() => value * 2]))
    expect(await Promise.all(tasks)).to.deep.equal([2, 4, 6])
    expect(await pool.call('yoga-layout', 'Node.create')).to.be.an('object')
  })

  it('mitt: an emitter that calls back for each event', async () => {
    const seen: unknown[] = []
    await pool.call('mitt', 'on', ['news', (value: unknown) => seen.push(value)])
    for (const value of [1, 2, 3]) await pool.call('mitt', 'emit', ['news', value])
    expect(seen).to.deep.equal([1, 2, 3])
  })

  it('node-cache and chance: instances with state, one with a timer that stays', async () => {
    expect(await pool.call('node-cache', 'set', ['key', { deep: [1] }])).to.equal(true)
    expect(await pool.call('node-cache', 'get', ['key'])).to.deep.equal({ deep: [1] })
    const numbers = [1, 2].map(() => pool.call<number>('chance', 'integer', [{ min: 1, max: 1000 }]))
    const [first, second] = await Promise.all(numbers)
    expect(first).to.be.within(1, 1000)
    expect(second).to.be.within(1, 1000).and.not.equal(first)
  })

  it('lru-cache: a class that cannot be called as a function says so', async () => {
    const error = await rejectionOf(pool.call('lru-cache', 'LRUCache', [{ max: 2 }]))
    expect(error)
      .to.be.instanceOf(TypeError)
      .and.have.property('message')
      .that.matches(/without 'new'/)
  })

  it('pdfkit: a stream whose chunks come through a repeating callback', async () => {
    const chunks: Buffer[] = []
    const finished = new Promise<void>((resolve) => {
      void pool
        .call('document', 'on', ['data', (chunk: Buffer) => chunks.push(chunk)])
        .then(() => pool.call('document', 'on', ['end', () => resolve()]))
        .then(() => pool.call('document', 'text', ['Printed in a space']))
        .then(() => pool.call('document', 'end'))
    })
    await finished
    const file = Buffer.concat(chunks)
    expect(file.subarray(0, 5).toString()).to.equal('%PDF-')
    expect(file.subarray(-6).toString()).to.equal('%%EOF\n')
  })

  it('sharp: a native addon, with a Buffer as its result', async () => {
    const image = await pool.call<Buffer>('sharp', 'toBuffer')
    expect(Buffer.isBuffer(image)).to.equal(true)
    expect(await pool.call('sharp', 'metadata')).to.include({ width: 8, height: 4, channels: 3 })
  })

  it('fastify: a server that stays open in the space', async () => {
    const address = await pool.call<string>('fastify', 'listen', [{ port: 0, host: '127.0.0.1' }])
    const [response] = (await once(get(`${address}/nowhere`), 'response')) as [IncomingMessage]
    let body = ''
    for await (const text of response.setEncoding('utf8')) body += String(text)
    expect(JSON.parse(body)).to.include({ statusCode: 404, message: 'Route GET:/nowhere not found' })
  })

  it('ws: a client in the space that hears every message', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    const connection = once(server, 'connection') as Promise<[WebSocket]>
    const { port } = server.address() as AddressInfo
    await set.add({ name: 'ws', as: 'client', parameters: [`ws://127.0.0.1:${port}`] })
    const heard: string[] = []
    // `on` answers the client itself, which cannot cross when it has a socket; the listener is there all the same.
    const listen = (event: string, listener: (...given: never[]) => void): Promise<unknown> =>
      pool.call('client', 'on', [event, listener]).catch(() => undefined)
    const closed = new Promise((resolve) => void listen('close', resolve))
    await listen('message', (data: Buffer) => heard.push(data.toString()))
    const [socket] = await connection
    for (const text of ['one', 'two', 'three']) socket.send(text)
    socket.close(1000)
    expect(await closed).to.equal(1000)
    expect(heard).to.deep.equal(['one', 'two', 'three'])
    server.close()
  })

  it('prettier: loads parts of itself when they are needed', async () => {
    expect(await pool.call('prettier', 'format', ['a  =  1', { parser: 'babel', semi: false }])).to.equal(
      'a = 1\n'
    )
  })

  it('typescript: larger than 5 MB', async () => {
    const options = { compilerOptions: { target: 99, module: 1 } }
    const result = await pool.call('typescript', 'transpileModule', ['export const a: number = 1', options])
    expect(result)
      .to.have.property('outputText')
      .that.matches(/exports\.a = 1/)
  })
})
