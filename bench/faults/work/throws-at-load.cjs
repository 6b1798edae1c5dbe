'use strict'

throw new Error('refused to load')
