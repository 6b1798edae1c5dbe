'use strict'

// The least one can write with Node's own channel: [id, name, parameters] in, [id, result] out, and for the
// functions that emit every item as [0, items] before that.

const work = require('./work.cjs')

process.on('message', ([id, name, parameters]) => {
  if (name.startsWith('emit')) parameters.push((...items) => process.send([0, items]))
  process.send([id, work[name](...parameters)])
})
