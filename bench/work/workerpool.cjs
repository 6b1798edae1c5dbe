'use strict'

const workerpool = require('workerpool')
const work = require('./work.cjs')

const emit = (...items) => workerpool.workerEmit(items)

workerpool.worker({
  ...work,
  emitNumbers: (count) => work.emitNumbers(count, emit),
  emitRecords: (count) => work.emitRecords(count, emit)
})
