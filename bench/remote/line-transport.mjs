/** Lines of JSON as capnweb wants its transport. */
export class LineTransport {
  encodingLevel = 'jsonCompatible'
  #lines
  #come = []
  #waiting

  constructor(lines) {
    this.#lines = lines
  }

  send(message) {
    this.#lines.write(message)
  }

  receive() {
    if (this.#come.length > 0) return Promise.resolve(this.#come.shift())
    return new Promise((resolve) => (this.#waiting = resolve))
  }

  take(message) {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) waiting(message)
    else this.#come.push(message)
  }
}
