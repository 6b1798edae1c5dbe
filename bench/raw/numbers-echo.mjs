import { Socket } from 'node:net'
import { add } from '../work/work.cjs'
import { Batch } from './batch.mjs'
import { ANSWER, REQUEST } from './numbers.mjs'
import { PIPE } from './pipe.mjs'
import { readRecords } from './records.mjs'

const socket = new Socket({ fd: PIPE, onread: readRecords(REQUEST, answer) })
const batch = new Batch(socket, ANSWER)

function answer(requests, count) {
  for (let from = 0; from < count * REQUEST; from += REQUEST) {
    const { offset, numbers } = batch
    numbers[offset] = requests[from]
    numbers[offset + 1] = add(requests[from + 1], requests[from + 2])
    batch.added()
  }
  batch.flush()
}
