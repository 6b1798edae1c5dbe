'use strict'

// What the neighbours of a fault run.

exports.echo = (value) => value
exports.wait = (milliseconds, value) => new Promise((resolve) => setTimeout(resolve, milliseconds, value))
