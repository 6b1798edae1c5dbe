'use strict'

// piscina, tinypool and poolifier pass one value to a task: here it is the list of parameters.

const work = require('./work.cjs')

exports.add = (parameters) => work.add(...parameters)

exports.echo = (parameters) => work.echo(...parameters)
