'use strict'

// A program of the older API runs as it is, with another `require`. Beneath is what the same is with a pool.

const config = { inactivityTimeout: 3600000, paths: false }
// Before: const npa = require('./node-package-api')(config)
const npa = require('spacepool/compat')(config)

npa.add('node-cache', [{ stdTTL: 60 }], (req, status, res) => {
  console.log('older  add          ', status, res)

  npa.call('node-cache', 'set', ['answer', 42], false, (req, status, res) => {
    console.log('older  set          ', status, res)
  })

  npa.call('node-cache', 'get', ['answer'], false, (req, status, res) => {
    console.log('older  get          ', status, res)
  })

  npa.call('node-cache', 'fetch', ['answer'], false, (req, status, res) => {
    console.log('older  wrong call   ', status, res.split(':')[0])
  })

  // 'cb:2' becomes a callback with two parameters, which arrive in an array.
  npa.add('crypto', [], () => {
    npa.call(
      'crypto',
      'pbkdf2',
      ['secret', 'salt', 1000, 8, 'sha256', 'cb:2'],
      false,
      (req, status, [error, key]) => {
        console.log('older  pbkdf2       ', status, error, key.toString('hex'))

        npa.destroy()
        console.log('older  destroy      ', npa.isKilled())
        withAPool()
      }
    )
  })
})

async function withAPool() {
  const { SpacePool } = require('spacepool')
  const pool = new SpacePool({ inactivityTimeout: config.inactivityTimeout })

  const set = await pool.add([{ name: 'node-cache', parameters: [{ stdTTL: 60 }] }, 'crypto'])
  console.log('pool   set          ', await set.call('node-cache', 'set', ['answer', 42]))
  console.log('pool   get          ', await set.call('node-cache', 'get', ['answer']))

  // What was a sentence with status false is an error with a code.
  const error = await set.call('node-cache', 'fetch', ['answer']).catch((error) => error)
  console.log('pool   wrong call   ', error.code)

  // A callback is a function.
  const key = await new Promise((resolve, reject) => {
    set
      .call('crypto', 'pbkdf2', [
        'secret',
        'salt',
        1000,
        8,
        'sha256',
        (error, key) => (error ? reject(error) : resolve(key))
      ])
      .catch(reject)
  })
  console.log('pool   pbkdf2       ', key.toString('hex'))

  await pool.close()
}
