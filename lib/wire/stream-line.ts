import { ProtocolViolation } from './byte-reader.js'
import type { Reference } from './chain.js'
import type { FarStream } from './far-stream.js'
import type { Outcome, Request } from './messages.js'
import type { RequestSink } from './pending.js'
import { release } from './recorder.js'
import { Refusal, type RefusalCode } from './refusal.js'
import { refusalFrom } from './script.js'
import type { StreamRequest } from './stream-end.js'

/** What it needs of a Connection, and of who that belongs to. */
export interface StreamCarrier {
  request(request: Request, sink: RequestSink, ordered: boolean): number
  /** Something is asked of a stream of the other side: 1, or was answered: -1. */
  asked(change: 1 | -1): void
  errorOf(refusal: Refusal): Error
  /** Why nothing comes of it any more, when the other side is gone. */
  loss(): Promise<unknown>
}

/**
 * Asks a stream that the other side lent. This is no call: a stream may have nothing to say for as long as it likes, and
 * takes no place from calls.
 */
export class StreamLine implements FarStream {
  constructor(
    private readonly reference: Reference,
    private readonly carrier: StreamCarrier
  ) {}

  ask(request: StreamRequest, parameters: unknown[]): Promise<unknown> {
    const { carrier, reference } = this
    if (reference.released) {
      return Promise.reject(carrier.errorOf(new Refusal('REFERENCE_RELEASED', { label: reference.label })))
    }
    return new Promise((resolve, reject) => {
      const message: Request = {
        type: 'script',
        id: 0,
        steps: [
          {
            operation: 'call',
            base: { kind: 'reference', number: reference.number },
            path: [request],
            parameters,
            wanted: true
          }
        ]
      }
      // That something may happen to it one day keeps nothing going.
      const asked = request === 'over' ? ignore : (change: 1 | -1) => carrier.asked(change)
      carrier.request(message, new Answer(carrier, asked, resolve, reject), true)
      asked(1)
    })
  }

  release(): void {
    release(this.reference)
  }

  unobserved(error: unknown): void {
    this.reference.destination.unobserved(error)
  }
}

class Answer implements RequestSink {
  readonly isScript = true

  constructor(
    private readonly carrier: StreamCarrier,
    private readonly asked: (change: 1 | -1) => void,
    private readonly resolve: (value: unknown) => void,
    private readonly reject: (error: unknown) => void
  ) {}

  outcome({ step, last, state, value }: Outcome): void {
    if (step !== 0 || !last) throw new ProtocolViolation('an outcome that nobody waits for')
    if (state === 'refused') return this.failed(this.carrier.errorOf(refusalFrom(value)))
    if (state === 'failed') return this.failed(value)
    this.asked(-1)
    this.resolve(value)
  }

  answered(): void {}

  failed(error: unknown): void {
    this.asked(-1)
    this.reject(error)
  }

  refused(code: RefusalCode, details: Record<string, unknown>): void {
    this.failed(this.carrier.errorOf(new Refusal(code, details)))
  }

  lost(): void {
    this.asked(-1)
    void this.carrier.loss().then(this.reject)
  }
}

const ignore = (): void => undefined
