import { ProtocolViolation } from './byte-reader.js'
import type { ScriptMessage } from './messages.js'
import { SCRIPT_WEIGHT, STEP_WEIGHT, UNANSWERED_WEIGHT } from './protocol-limits.js'
import type { Lent } from './references.js'
import { StreamEnd } from './stream-end.js'

/** What it needs of what this side lent. */
export interface LentByNumber {
  get(reference: number): Pick<Lent, 'lent' | 'releases'>
}

/** The scripts of the other side that have an outcome left: how many they are, and what they take in this process. */
export class UnansweredScripts {
  private count = 0
  private weight = 0
  /** What is under way at streams, by request and number. */
  private readonly asked = new Map<string, number>()

  constructor(
    private readonly lent: LentByNumber,
    /** Scripts at most. The other side keeps to that itself. */
    private readonly most: number,
    /** They were too heavy and are not any more. */
    private readonly relieved: () => void
  ) {}

  /** No more should be taken on before some are answered. One value of any allowed size, and what is small, may wait. */
  get areTooHeavy(): boolean {
    return this.weight > 2 * UNANSWERED_WEIGHT
  }

  /** One has come, with so many bytes; what it gives is called when it was answered in full. */
  begin({ steps }: ScriptMessage, size: number): () => void {
    if (++this.count > this.most) throw new ProtocolViolation('too many scripts that wait for an answer')
    const weight = Math.min(SCRIPT_WEIGHT + STEP_WEIGHT * steps.length + size, UNANSWERED_WEIGHT)
    this.weight += weight
    const asked = this.askStreams(steps)
    return () => {
      this.count--
      const wereTooHeavy = this.areTooHeavy
      this.weight -= weight
      for (const request of asked) this.answerStream(request)
      if (wereTooHeavy && !this.areTooHeavy) this.relieved()
    }
  }

  /**
   * What stands for a stream over there has one request of a kind under way, since it waits until more is wanted, or
   * there. Another stand-in of the same number is not made before that was let go of.
   */
  private askStreams(steps: ScriptMessage['steps']): readonly string[] {
    let asked: string[] | undefined
    for (const { base, path } of steps) {
      if (base.kind !== 'reference') continue
      const { lent, releases } = this.lent.get(base.number)
      if (!(lent instanceof StreamEnd)) continue
      const request = `${path.join('.')} ${base.number}`
      const count = (this.asked.get(request) ?? 0) + 1
      if (count > 1 + releases) throw new ProtocolViolation('more of a stream before that was answered')
      this.asked.set(request, count)
      ;(asked ??= []).push(request)
    }
    return asked ?? NONE
  }

  private answerStream(request: string): void {
    const count = (this.asked.get(request) as number) - 1
    if (count === 0) this.asked.delete(request)
    else this.asked.set(request, count)
  }
}

const NONE: readonly string[] = []
