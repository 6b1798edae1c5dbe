'use strict'

// The least one can write with Node's own channel: [id, name, parameters] in, [id, result] out.

const work = require('./work.cjs')

process.on('message', ([id, name, parameters]) => process.send([id, work[name](...parameters)]))
