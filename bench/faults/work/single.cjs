'use strict'

// piscina, tinypool and poolifier pass one value to a task: here it is the list of parameters.

const faulty = require('./faulty.cjs')

for (const name of Object.keys(faulty)) exports[name] = (parameters) => faulty[name](...parameters)
