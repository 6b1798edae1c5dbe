'use strict'

// A few lines of your own around a package, loaded into a space by their absolute path. They keep what cannot cross to
// another process (the socket) where it is, and hand out what can (prices, a promise).

const { WebSocket } = require('ws')

/** Calls `onPrice` for each price until the feed ends; the promise settles with how many there were. */
exports.follow = (url, onPrice) =>
  new Promise((resolve, reject) => {
    let count = 0
    const socket = new WebSocket(url)
    socket.on('message', (data) => {
      count++
      onPrice(JSON.parse(data))
    })
    socket.once('close', () => resolve(count))
    socket.once('error', reject)
  })
