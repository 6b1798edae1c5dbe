'use strict'

require('workerpool').worker({ ...require('./faulty.cjs') })
