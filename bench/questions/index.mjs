import * as alone from './alone.mjs'
import * as buffers from './buffers.mjs'
import * as calls from './calls.mjs'
import * as start from './start.mjs'

/** All questions, in the order in which they are asked. */
export const questions = [alone, calls, buffers, start].map(({ question, prepare }) => ({
  ...question,
  prepare
}))

/** The question of that name. */
export function questionNamed(name) {
  const found = questions.find((question) => question.name === name)
  if (found) return found
  throw new Error(
    `No question is named ${name}. There are: ${questions.map((question) => question.name).join(', ')}`
  )
}
