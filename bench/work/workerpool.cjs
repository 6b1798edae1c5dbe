'use strict'

require('workerpool').worker(require('./work.cjs'))
