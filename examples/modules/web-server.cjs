// A module of one's own: it answers on a listening server that it is given, beside other processes that do the same.

const http = require('node:http')

/** Settles with the number of this process when it has begun. */
exports.serve = (listening) =>
  new Promise((resolve) => {
    const server = http.createServer((request, response) => {
      response.setHeader('connection', 'close')
      response.end(String(process.pid))
    })
    server.listen(listening, () => resolve(process.pid))
  })
