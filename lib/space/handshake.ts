import { ProtocolViolation } from '../wire/byte-reader.js'
import { PROTOCOL_VERSION } from '../wire/messages.js'
import type { Schedule } from './schedule.js'
import type { SpaceEnd } from './space-end.js'

/** ms from the start until a space must be ready; a bare Node needs about 40. */
const READY_WITHIN = 10_000

/** What a space must say before it is used: in time, once, and in this version of the protocol, that it is ready. */
export class Handshake {
  /** Settles when it is ready; rejects with its SpaceEnd when it ends before. */
  readonly ready: Promise<void>
  /** ms from its start until it was ready; 0 before. */
  startup = 0
  private settle!: { resolve: () => void; reject: (end: SpaceEnd) => void }
  private cancel: () => void = () => undefined

  constructor() {
    this.ready = new Promise((resolve, reject) => (this.settle = { resolve, reject }))
    this.ready.catch(() => undefined)
  }

  /** It has a process. `late` is called when that is not ready in time. */
  begin(schedule: Schedule, late: (failure: Error) => void): void {
    this.cancel = schedule(READY_WITHIN, () => {
      late(new Error(`it was not ready within ${READY_WITHIN} ms`))
    })
  }

  /** It is ready so many ms after its start. Throws a ProtocolViolation. */
  answered(version: number, uptime: number): void {
    if (version !== PROTOCOL_VERSION) throw new ProtocolViolation(`version ${version}`)
    if (this.startup > 0) throw new ProtocolViolation('ready twice')
    this.cancel()
    this.startup = uptime
  }

  /** It can be used: nobody has begun to end it meanwhile. */
  succeed(): void {
    this.settle.resolve()
  }

  /** Its process has exited. */
  stop(): void {
    this.cancel()
  }

  /** It has ended, perhaps before it was ready. */
  fail(end: SpaceEnd): void {
    this.settle.reject(end)
  }
}
