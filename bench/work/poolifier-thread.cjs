'use strict'

const { ThreadWorker } = require('poolifier')

module.exports = new ThreadWorker({ ...require('./single.cjs') })
