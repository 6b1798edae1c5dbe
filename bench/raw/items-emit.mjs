import { Socket } from 'node:net'
import { emit } from '../work/work.cjs'
import { Batch } from './batch.mjs'
import { ITEM } from './items.mjs'
import { PIPE } from './pipe.mjs'
import { readRecords } from './records.mjs'

const socket = new Socket({ fd: PIPE, onread: readRecords(1, answer) })
const batch = new Batch(socket, ITEM)

function answer(requests, count) {
  for (let n = 0; n < count; n++) emit(requests[n], write)
  batch.flush()
}

function write(first, second) {
  const { offset, numbers } = batch
  numbers[offset] = first
  numbers[offset + 1] = second
  batch.added()
}
