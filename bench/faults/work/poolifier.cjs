'use strict'

const { ClusterWorker } = require('poolifier')

// poolifier awaits only what is declared async.
const tasks = {}
for (const [name, run] of Object.entries(require('./faulty.cjs'))) {
  tasks[name] = async (parameters) => run(...parameters)
}

module.exports = new ClusterWorker(tasks)
