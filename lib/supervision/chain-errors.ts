import { errorFromRefusal, isSpacePoolError, referenceReleased } from '../errors.js'
import { ChainOver, type Step } from '../wire/chain.js'
import { describe } from '../wire/describe-chain.js'
import { Refusal } from '../wire/refusal.js'
import { joinChainStack } from './remote-errors.js'

/** Where a chain was to be carried out, as errors tell it. */
export interface ChainPlace {
  readonly key: string
  readonly generation?: number | undefined
}

/** What the user of a chain gets to see of what went wrong at a step of it. */
export function chainError(problem: unknown, step: Step, place: ChainPlace): unknown {
  const error = publicError(problem, step, place)
  return joinChainStack(error, step, isSpacePoolError(error))
}

function publicError(problem: unknown, step: Step, { key, generation }: ChainPlace): unknown {
  if (problem instanceof ChainOver) return referenceReleased({ key, chain: describe(problem.step) })
  if (!(problem instanceof Refusal)) return problem
  const { code, details } = problem
  if (code === 'REFERENCE_RELEASED') {
    const known = details['generation']
    return referenceReleased({ key, generation: typeof known === 'number' ? known : generation })
  }
  const { base } = step
  const name = base.kind === 'root' ? base.name : describe(base)
  return errorFromRefusal(code, code === 'FUNCTION_NOT_FOUND' ? { ...details, package: name } : details)
}
