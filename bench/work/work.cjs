'use strict'

// The functions every contestant runs. They are the same for everybody: where a pool wants another shape of
// module, a file beside this one wraps these.

exports.add = (a, b) => a + b

exports.echo = (value) => value
