import { isDeepStrictEqual } from 'node:util'
import { besideOthers } from './slack.mjs'

/** Whatever takes longer hangs. ms. */
export const HANG = besideOthers ? 30_000 : 6000

const CODE = 'ERR_SPACEPOOL_'

/** What becomes of a promise within `bound` ms, as a plain record that can be sent and compared. */
export function outcomeOf(promise, bound = HANG) {
  const begun = performance.now()
  return new Promise((resolve) => {
    let over = false
    const end = (outcome) => {
      if (over) return
      over = true
      clearTimeout(timer)
      resolve({ ...outcome, ms: performance.now() - begun })
    }
    const timer = setTimeout(end, bound, { kind: 'hang' })
    promise.then(
      (value) => end({ kind: 'answer', value }),
      (error) => end({ kind: 'rejection', ...describeError(error) })
    )
  })
}

/** Whether an outcome is one of those that are right: see rows/index.mjs for what can be said. */
export function isRight(outcome, gets) {
  if (Array.isArray(gets)) return gets.some((one) => isRight(outcome, one))
  if (outcome.kind === 'hang') return false
  if (gets === 'anything') return true
  if ('answered' in gets) return outcome.kind === 'answer'
  if ('answers' in gets) return outcome.kind === 'answer' && isDeepStrictEqual(outcome.value, gets.answers)
  if (outcome.kind !== 'rejection') return false
  return Object.entries(gets).every(([name, wanted]) =>
    [wanted].flat().some((one) => (one instanceof RegExp ? one.test(outcome[name]) : outcome[name] === one))
  )
}

/** An outcome in a few words. */
export function wordsFor({ kind, value, code, cause, phase, message, remoteStack }) {
  if (kind === 'hang') return 'HANG'
  if (kind === 'answer') return `answers ${short(String(value), 24)}`
  if (code === undefined) return `rejects: ${short(message, 48)}`
  return [code, cause, phase, innermost(remoteStack)].filter(Boolean).join(', ')
}

function describeError(error) {
  const { code, cause, phase, message, exitCode, signal, remoteStack } = Object(error)
  const own = typeof code === 'string' && code.startsWith(CODE) ? code.slice(CODE.length) : undefined
  return {
    ...{ code: own, phase, message: String(message ?? error), exitCode, signal, remoteStack },
    cause: typeof cause === 'string' ? cause : undefined
  }
}

/** The code that blocked a space, where it was found in time. */
function innermost(stack) {
  return stack === undefined ? '' : short(stack.trim().split(' (')[0], 40)
}

function short(text, most) {
  const line = text.replace(/\s+/g, ' ').replaceAll('|', '/')
  return line.length > most ? `${line.slice(0, most - 3)}...` : line
}
