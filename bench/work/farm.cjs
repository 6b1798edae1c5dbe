'use strict'

// worker-farm answers through a callback in the last parameter.

const work = require('./work.cjs')

exports.add = (a, b, done) => done(null, work.add(a, b))

exports.echo = (value, done) => done(null, work.echo(value))
