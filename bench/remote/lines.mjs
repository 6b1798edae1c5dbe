/** Writes values as lines of JSON, all of one tick together. */
export class LineWriter {
  #socket
  #text = ''

  constructor(socket) {
    this.#socket = socket
  }

  write(value) {
    if (this.#text === '') process.nextTick(() => this.#flush())
    this.#text += `${JSON.stringify(value)}\n`
  }

  #flush() {
    if (this.#socket.writable) this.#socket.write(this.#text)
    this.#text = ''
  }
}
