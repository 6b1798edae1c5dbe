import { errorFromRefusal } from '../errors.js'
import type { SpaceStopReason } from '../errors.js'
import type { SpaceIdentity } from '../events.js'
import type { Logger } from '../logger.js'
import type { UnblockingStep } from '../space/cancellation.js'
import type { SpaceEnd } from '../space/space-end.js'
import type { ReferenceNote } from '../wire/chain.js'
import { Refusal } from '../wire/refusal.js'
import type { PoolContext } from './context.js'
import { NewsRate } from './news-rate.js'

/** What happens to a replica, as events and the log tell it. */
export class ReplicaNews {
  private logger: Logger
  /** Lines of output that were left out and not told yet. */
  private dropped = 0
  /** The same of failures of callbacks. */
  private leftOut = 0
  private readonly failures: NewsRate
  private readonly forgotten: NewsRate

  constructor(
    private readonly replica: { readonly identity: SpaceIdentity },
    private readonly context: PoolContext
  ) {
    this.logger = context.logger
    const { clock, timetable } = context
    this.failures = new NewsRate(clock, timetable.schedule, (count) => {
      this.leftOut += count
      this.logger.warn({ failures: count }, 'callbacks failed too often, errors were left out')
    })
    this.forgotten = new NewsRate(clock, timetable.schedule, (count) => {
      this.logger.warn({ references: count }, 'further references were never released')
    })
  }

  /** From now on the records of the log say which space they are about. */
  about(space: { space: number; pid?: number | undefined; key: string }): void {
    this.logger = this.context.logger.child(space)
  }

  ready(startup: number): void {
    const { identity } = this.replica
    const { generation, packages } = identity
    this.context.announce('spaceReady', { ...identity, startup })
    this.logger.info({ generation, packages }, 'space ready')
  }

  ended(end: SpaceEnd, stopReason: SpaceStopReason | undefined): void {
    const { exitCode, signal, stderr, uptime } = end
    const reason = end.cause === undefined ? (stopReason ?? 'close') : 'crash'
    const cause = end.cause ?? null
    const facts = { reason, cause, exitCode, signal, stderr, uptime } as const
    const error = end.failure instanceof Error ? end.failure : null
    this.context.announce('spaceExit', { ...this.replica.identity, ...facts, error })
    const record = { ...facts, err: end.failure }
    if (cause === null) this.logger.info(record, 'space ended')
    else this.logger.error(record, 'space crashed')
  }

  output(stream: 'stdout' | 'stderr', line: string): void {
    const { dropped } = this
    this.context.announce('spaceOutput', { ...this.replica.identity, stream, line, dropped })
    this.dropped = 0
    this.logger.info({ stream, line }, 'output')
  }

  outputDropped(lines: number): void {
    this.dropped += lines
    this.logger.warn({ lines }, 'output came too fast, lines were left out')
  }

  unresponsive(step: 'noticed' | UnblockingStep, silence: number, stack: string | undefined): void {
    const facts = { step, silence, remoteStack: stack ?? null }
    this.context.announce('spaceUnresponsive', { ...this.replica.identity, ...facts })
    this.logger.warn(facts, 'space does not answer')
  }

  responsive(): void {
    this.logger.info({}, 'space answers again')
  }

  /** What failed is made only if it is told: a stack for each took most of the time of a flood. */
  callbackFailed(failure: () => unknown): void {
    if (!this.failures.admits()) return
    const error = failure()
    const problem = error instanceof Refusal ? errorFromRefusal(error.code, error.details) : error
    const { key, id } = this.replica.identity
    const { leftOut: dropped } = this
    this.context.announce('error', { error: problem, key, id, dropped })
    this.leftOut = 0
    this.logger.error({ err: problem }, 'a callback failed')
  }

  referenceForgotten({ label }: ReferenceNote): void {
    if (!this.forgotten.admits()) return
    this.logger.warn({ label }, 'a reference was never released; use release() or `using`')
  }

  /** A package of the set is missing in this space, and the others are used. */
  notLoaded(name: string, error: Error): void {
    this.logger.error({ err: error, package: name }, 'a package did not load again')
  }

  endedWhileLoading(error: Error): void {
    this.logger.error({ err: error }, 'a space ended while it loaded a package')
  }
}
