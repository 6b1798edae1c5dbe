import { ChainOver, type Home, type Reference } from './chain.js'
import type { Request } from './messages.js'
import type { RequestSink } from './pending.js'
import { Refusal } from './refusal.js'
import type { Script } from './script.js'

/** What it needs of a Connection. */
export interface ScriptLine {
  readonly isOpen: boolean
  readonly limits: { readonly maxBytes: number }
  request(request: Request, sink: RequestSink, ordered: boolean): number
  giveBack(reference: Reference): void
}

/** The other end of a connection, for a process that sends its chains there as they are. */
export class DirectHome implements Home {
  constructor(private readonly connection: ScriptLine) {}

  get lane(): object {
    return this
  }

  get maxBytes(): number {
    return this.connection.limits.maxBytes
  }

  get isOpen(): boolean {
    return this.connection.isOpen
  }

  /** Packages are used from the host only. */
  holds(): boolean {
    return false
  }

  submit(script: Script): void {
    const fail = (problem: unknown): void => script.fail(this.errorFor(problem))
    try {
      this.connection.request(
        script.message(),
        {
          isScript: true,
          outcome: (outcome) => script.settle(outcome),
          answered: ignore,
          failed: fail,
          refused: (code, details) => fail(new Refusal(code, details)),
          lost: () => fail(new Refusal('REFERENCE_RELEASED', {}))
        },
        true
      )
    } catch (error) {
      fail(error)
    }
  }

  errorFor(problem: unknown): unknown {
    return problem instanceof ChainOver
      ? new Error('an intermediate result is over; await it first')
      : problem
  }

  unobserved(): void {}

  release(reference: Reference): void {
    this.connection.giveBack(reference)
  }
}

const ignore = (): void => undefined
