import { isSpacepoolBuilt } from '../contestants/index.mjs'
import { questionNamed, questions } from '../questions/index.mjs'
import { canBind } from './host-process.mjs'
import { machine, major } from './machine.mjs'
import { bestFirst, isMeant, isOneOfMany, isRatio, marksOf } from './marks.mjs'
import { readAllResults, readResults } from './results.mjs'

/** How many of the peers that were the fastest the last time a check compares with. */
const FAVOURITES = 2

/** What is to be run: `{ question, testCase, names }`, where `names` are the contestants. */
export function select(settings) {
  const asked = settings.names.length > 0 ? settings.names.map(questionNamed) : questions
  return asked.flatMap((question) =>
    question.cases
      .filter((testCase) => isPossible(testCase) && isWanted(question, testCase, settings))
      .map((testCase) => ({ question, testCase, names: contestantsFor(question, testCase, settings) }))
      .filter(({ names }) => names.length > 0)
  )
}

const isPossible = ({ core, leastCores = 1, linux = false }) =>
  (core === undefined || canBind) && leastCores <= machine.cores && (!linux || process.platform === 'linux')

/** A quick run leaves out what takes long, unless its question was named; a check what has no mark that it could judge. */
function isWanted(question, testCase, { quick, check, names }) {
  if (check) return !testCase.long && ratiosOf(question, testCase).length > 0
  return !(testCase.onlyFull && quick && names.length === 0)
}

const ratiosOf = (question, testCase) => marksOf(question, testCase, major).filter(isRatio)

function contestantsFor(question, testCase, { check, profile, only }) {
  const all = [...question.contestants, ...(testCase.with ?? [])]
  const concerned = check ? concernedByMarks(question, testCase) : all
  return all
    .filter((name) => concerned.includes(name))
    .filter((name) => only.length === 0 || only.includes(name))
    .filter((name) => !profile || (only.length > 0 ? name.startsWith('spacepool') : name === 'spacepool'))
    .filter((name) => built || !name.startsWith('spacepool'))
}

const built = isSpacepoolBuilt()

function concernedByMarks(question, testCase) {
  return ratiosOf(question, testCase).flatMap((mark) => {
    const { own = 'spacepool', of = own } = mark
    return isOneOfMany(of) ? [own, ...favourites(question, testCase, mark)] : [own, of]
  })
}

/** Those who were the fastest the last time; all of them when nobody knows. */
function favourites(question, testCase, mark) {
  const earlier = (readResults(major) ?? readAllResults().at(-1))?.questions[question.name]?.[testCase.name]
  if (!earlier) return question.contestants.filter((name) => isMeant(mark.of, name))
  const metric = question.metrics.find(({ name }) => name === mark.metric)
  return bestFirst(metric, earlier)
    .filter((name) => isMeant(mark.of, name))
    .slice(0, FAVOURITES)
}
