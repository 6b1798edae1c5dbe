import { Socket } from 'node:net'
import work from '../work/work.cjs'
import { readLines } from './lines.mjs'
import { PIPE } from './pipe.mjs'

const FIRST = 8
const LARGEST = 1024

const socket = new Socket({ fd: PIPE, onread: readLines(([name, count]) => emit(name, count)) })
let batch = []
let limit = FIRST

function emit(name, count) {
  work[name](count, add)
  write()
  limit = FIRST
}

function add(...items) {
  if (batch.push(items) < limit) return
  write()
  limit = Math.min(limit * 2, LARGEST)
}

function write() {
  if (batch.length > 0) socket.write(`${JSON.stringify(batch)}\n`)
  batch = []
}
