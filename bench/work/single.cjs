'use strict'

// piscina, tinypool and poolifier pass one value to a task: here it is the list of parameters.

const work = require('./work.cjs')

for (const name of Object.keys(work)) exports[name] = (parameters) => work[name](...parameters)

// poolifier awaits only what is declared async.
exports.format = async (parameters) => work.format(...parameters)
