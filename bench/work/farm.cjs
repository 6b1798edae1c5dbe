'use strict'

// worker-farm answers through a callback in the last parameter.

const work = require('./work.cjs')

for (const name of Object.keys(work)) {
  exports[name] = (...parameters) => {
    const done = parameters.pop()
    const result = work[name](...parameters)
    if (result instanceof Promise) result.then((value) => done(null, value), done)
    else done(null, result)
  }
}
