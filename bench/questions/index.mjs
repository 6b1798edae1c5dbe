import * as alone from './alone.mjs'
import * as before from './before.mjs'
import * as buffers from './buffers.mjs'
import * as callbacks from './callbacks.mjs'
import * as calls from './calls.mjs'
import * as crash from './crash.mjs'
import * as factorial from './factorial.mjs'
import * as format from './format.mjs'
import * as growth from './growth.mjs'
import * as heavy from './heavy.mjs'
import * as idle from './idle.mjs'
import * as live from './live.mjs'
import * as liveItems from './live-items.mjs'
import * as neighbour from './neighbour.mjs'
import * as objects from './objects.mjs'
import * as quiet from './quiet.mjs'
import * as references from './references.mjs'
import * as replicas from './replicas.mjs'
import * as routing from './routing.mjs'
import * as spare from './spare.mjs'
import * as start from './start.mjs'

const modules = [
  ...[alone, calls, objects, buffers, neighbour, callbacks],
  ...[live, liveItems, references, before],
  ...[factorial, format, replicas],
  ...[start, spare, crash, heavy],
  ...[idle, quiet, growth, routing]
]

/** All questions, in the order in which they are asked. */
export const questions = modules.map(({ question, prepare }) => ({ ...question, prepare }))

/** The question of that name. */
export function questionNamed(name) {
  const found = questions.find((question) => question.name === name)
  if (found) return found
  throw new Error(
    `No question is named ${name}. There are: ${questions.map((question) => question.name).join(', ')}`
  )
}
