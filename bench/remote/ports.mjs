import { expose, proxyMarker, transferHandlers, wrap } from 'comlink'

/**
 * The ports of Comlink over one pipe. It sends an object that is to stay where it is by transferring a MessagePort, which
 * no pipe can carry: here the number of a port of the same pipe goes instead.
 */
export class Ports {
  #listeners = new Map()
  #write
  #own
  #next = 1

  /** `write` takes what the `take` of the other side is to get; `own`: 1 on one side, 0 on the other. */
  constructor(write, own) {
    this.#write = write
    this.#own = own
    transferHandlers.set('proxy', {
      canHandle: (value) => Object(value) === value && proxyMarker in value,
      serialize: (value) => {
        const number = this.#next++ * 2 + this.#own
        expose(value, this.port(number))
        return [number, []]
      },
      deserialize: (number) => wrap(this.port(number))
    })
  }

  port(number) {
    return {
      postMessage: (message) => this.#write([number, message]),
      addEventListener: (_type, listener) => this.#listeners.set(number, listener),
      removeEventListener: () => this.#listeners.delete(number),
      start: () => {}
    }
  }

  take([number, message]) {
    const listener = this.#listeners.get(number)
    const event = { data: message, origin: '' }
    if (typeof listener === 'function') listener(event)
    else listener?.handleEvent(event)
  }
}
