'use strict'

const workerpool = require('workerpool')
const work = require('./work.cjs')

workerpool.worker({
  ...work,
  emit: (count) => work.emit(count, (...items) => workerpool.workerEmit(items))
})
