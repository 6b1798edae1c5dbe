/**
 * What the codec alone takes for an object, in processor time: node bench/codec.mjs [folder of a build ...]
 *
 * Beside it stand v8.serialize and JSON. Every contestant has a process of its own, and they take turns. Of a folder
 * only lib/wire is taken (dist, unless others are named), so that builds can be compared.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import v8 from 'node:v8'
import { order } from './questions/objects.mjs'

const ROUNDS = 11
/** Milliseconds in each direction. */
const WARM = 800
const WINDOW = 40
const BATCH = 64

const works = {
  /** The same objects again and again, as in the question about objects. */
  repeated: () => Array.from({ length: BATCH }, (_, n) => order(n)),
  /** Every text of every object is new. */
  unique: (round) => Array.from({ length: BATCH }, (_, n) => renamed(order(n), `${round % 4096}.${n}`)),
  /** 40 kinds of objects with 8 to 20 properties. */
  shapes: () => Array.from({ length: BATCH }, (_, n) => several(n % 40))
}

function renamed(value, suffix) {
  if (typeof value === 'string') return `${value.slice(0, 22)}${suffix}`
  if (Array.isArray(value)) return value.map((item) => renamed(item, suffix))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, suffix)]))
}

function several(kind) {
  const object = { kind: 'event', at: 1_700_000_000_000 + kind }
  for (let n = 0; n < 6 + (kind % 12); n++) {
    object[`field${kind * 3 + n}`] = [`text ${kind}`, kind * 1.5, { [`x${kind}`]: n, y: kind }][n % 3]
  }
  return object
}

async function contestant(name) {
  if (name === 'json') {
    let texts
    return {
      encode: (values) => (texts = values.map((value) => Buffer.from(JSON.stringify([value])))),
      decode: () => texts.map((text) => JSON.parse(text.toString()))
    }
  }
  if (name === 'v8') {
    let buffers
    return {
      encode: (values) => (buffers = values.map((value) => v8.serialize([value]))),
      decode: () => buffers.map((buffer) => v8.deserialize(buffer))
    }
  }
  const require = createRequire(import.meta.url)
  const { Encoder } = require(resolve(name, 'lib/wire/encoder.js'))
  const { Decoder } = require(resolve(name, 'lib/wire/decoder.js'))
  const encoder = new Encoder(2 ** 20)
  const decoder = new Decoder()
  return {
    encode(values) {
      encoder.position = 0
      for (const value of values) {
        encoder.begin()
        encoder.parameters([value])
        encoder.forget()
      }
    },
    decode() {
      decoder.begin(encoder.bytes, 0, encoder.position)
      const values = []
      while (decoder.position < decoder.end) {
        decoder.beginMessage()
        values.push(decoder.value())
        decoder.forget()
      }
      return values
    }
  }
}

/** Microseconds of processor time for an object, there and back. */
function measure({ encode, decode }, make, milliseconds) {
  const spent = [0, 0]
  let batches = 0
  for (const end = performance.now() + 2 * milliseconds; performance.now() < end; batches++) {
    const values = make(batches)
    let since = now()
    encode(values)
    spent[0] += now() - since
    since = now()
    decode()
    spent[1] += now() - since
  }
  return spent.map((time) => time / batches / BATCH)
}

function now() {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function answer(name) {
  const codec = await contestant(name)
  for (const make of Object.values(works)) {
    codec.encode(make(0))
    const sent = make(0).map((value) => [value])
    if (!isDeepStrictEqual(codec.decode(), sent)) throw new Error('a wrong result')
  }
  process.on('message', ([work, milliseconds]) => process.send(measure(codec, works[work], milliseconds)))
  process.send('ready')
}

async function compare(folders) {
  const names = [...folders, 'json', 'v8']
  console.log(`Node ${process.versions.node}, microseconds of processor time`)
  for (const work of Object.keys(works)) {
    const racers = names.map((name) => ({ name, child: start(name), rounds: [] }))
    for (const { child } of racers) await once(child, 'message')
    for (let round = -1; round < ROUNDS; round++) {
      for (const { child, rounds } of round % 2 === 0 ? racers : [...racers].reverse()) {
        child.send([work, round < 0 ? WARM : WINDOW])
        const [figures] = await once(child, 'message')
        if (round >= 0) rounds.push(figures)
      }
    }
    for (const { name, child, rounds } of racers) {
      const [encode, decode] = [0, 1].map((place) => median(rounds.map((round) => round[place])).toFixed(2))
      console.log(`${work.padEnd(10)}${name.padEnd(24)}encode ${encode}  decode ${decode}`)
      child.disconnect()
    }
  }
}

/** One that fails ends all. */
function start(name) {
  const child = fork(fileURLToPath(import.meta.url), ['--answer', name])
  child.on('exit', (code) => code !== 0 && process.exit(1))
  return child
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]

if (process.argv[2] === '--answer') await answer(process.argv[3])
else await compare(process.argv.length > 2 ? process.argv.slice(2) : ['dist'])
