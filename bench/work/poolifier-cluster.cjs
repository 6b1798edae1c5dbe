'use strict'

const { ClusterWorker } = require('poolifier')

module.exports = new ClusterWorker({ ...require('./single.cjs') })
