'use strict'

// worker-farm answers through a callback in the last parameter.

const faulty = require('./faulty.cjs')

for (const name of Object.keys(faulty)) {
  exports[name] = (...parameters) => {
    const done = parameters.pop()
    const result = faulty[name](...parameters)
    if (result instanceof Promise) result.then((value) => done(null, value), done)
    else done(null, result)
  }
}
