import {
  ChainOver,
  handleOf,
  Step,
  type Base,
  type Destination,
  type Handle,
  type Home,
  type Operation,
  type Reference
} from './chain.js'
import { MOST_SEGMENTS } from './find-function.js'
import { isFlat } from './flat.js'
import { LivePacked, packLive } from './packed.js'
import { Refusal } from './refusal.js'
import { Script } from './script.js'
import { joinOverlapping, StepGroup } from './step-group.js'

/** Steps that depend on each other, in one tick. */
export const STEPS_LIMIT = 1000

let steps: Step[] = []
let groups: StepGroup<Home>[] = []
/** Steps of one group are not all in a row. */
let alternate = false
/** To be released when the steps that were noted before are sent. */
const releases: Reference[] = []

/**
 * Notes one step of a chain, which is sent with all others of this tick when the tick is over. Parameters are read now.
 * What cannot be sent fails now, and so does whatever goes on from it.
 */
export function record(
  operation: Operation,
  base: Base,
  path: readonly string[],
  parameters: readonly unknown[],
  trace: { stack?: string } | undefined
): Step {
  const { destination } = base
  let packed: unknown[] | LivePacked = NO_PARAMETERS
  let given: Step['given']
  let problem: unknown
  try {
    given = destination.caller?.context()
    if (parameters.length > 0) packed = packParameters(parameters, destination)
  } catch (error) {
    problem = error
  }
  const step = new Step(operation, base, path, packed, trace)
  step.given = given
  problem ??= join(step)
  if (problem instanceof Step) {
    // Told by the last step that fails with it.
    problem.isUsed = true
    step.fail(problem.failure?.error)
  } else if (problem !== undefined) {
    step.fail(destination.errorFor(problem, step))
  }
  return step
}

/** Ends a reference: from now on no step can use it, but those that were noted before do. */
export function release(reference: Reference): void {
  if (reference.released) return
  reference.released = true
  if (steps.length > 0) releases.push(reference)
  else reference.destination.release(reference)
}

/**
 * Sends what was noted, at the end of the tick: two turns of the microtasks later, since `await` asks for the result of
 * a step, which it then has to bring along, in a microtask of its own.
 */
function flush(): void {
  const [noted, notedGroups] = [steps, groups]
  steps = []
  groups = []
  if (alternate) submitMixed(noted, notedGroups)
  else for (const { home, first, last } of notedGroups) submit(noted.slice(first, last + 1), home)
  for (const reference of releases.splice(0)) reference.destination.release(reference)
}

/** Steps of different groups alternate. */
function submitMixed(noted: readonly Step[], notedGroups: readonly StepGroup<Home>[]): void {
  alternate = false
  const lists = new Map<StepGroup<Home>, Step[]>(joinOverlapping(notedGroups).map((group) => [group, []]))
  for (const step of noted) lists.get(wholeOf(step))?.push(step)
  for (const [{ home }, list] of lists) submit(list, home)
}

function submit(list: readonly Step[], home: Home | undefined): void {
  const destination = home ?? list[0]?.destination
  destination?.submit(new Script(list))
}

const NO_PARAMETERS: unknown[] = []

/** Those that nothing can change, and that hold no reference, need no packing. */
function packParameters(parameters: readonly unknown[], destination: Destination): unknown[] | LivePacked {
  if (isFlat(parameters)) return parameters.slice()
  const packed = packLive(parameters, 'parameters', destination.maxBytes, destination.moves)
  if (packed.things.length > 0) packed.scope = destination.caller?.scope()
  return packed
}

/** Why a step cannot be sent: a failed step it goes on from, or a reason. */
function join(step: Step): unknown {
  if (step.path.length > MOST_SEGMENTS) return tooManySegments(step)
  const operands = operandsOf(step.parameters)
  if (operands.length === 0) return joinBase(step)
  const tooDeep = operands.find(({ path }) => path.length > MOST_SEGMENTS)
  if (tooDeep !== undefined) return tooManySegments(tooDeep)
  const bases = [step.base, ...operands.map(({ base }) => base)]
  for (const base of bases) {
    const problem = problemOf(base)
    if (problem !== undefined) return problem
  }
  const home = homeOf(bases, step)
  if (home instanceof Refusal) return home
  return enter(step, bases, home)
}

/** The same for one that needs nothing but its base. */
function joinBase(step: Step): unknown {
  const { base } = step
  const problem = problemOf(base)
  if (problem !== undefined) return problem
  if (base.kind !== 'step') {
    enterGroup(step, begin(step), base.kind === 'reference' ? base.destination : undefined)
    return undefined
  }
  const group = wholeOf(base)
  if (group.count >= STEPS_LIMIT) return tooLong(group.count + 1)
  base.isUsed = true
  enterGroup(step, group, undefined)
  return undefined
}

const NO_OPERANDS: Handle[] = []

function operandsOf(parameters: Step['parameters']): Handle[] {
  if (!(parameters instanceof LivePacked)) return NO_OPERANDS
  return parameters.things.flatMap((thing) => handleOf(thing) ?? [])
}

function tooManySegments({ path }: Handle): Refusal {
  const reason = `has more than ${MOST_SEGMENTS} segments`
  return new Refusal('FUNCTION_NOT_FOUND', { path: path.join('.'), reason })
}

function problemOf(base: Base): unknown {
  if (base.kind === 'reference') return base.released || !base.destination.isOpen ? released(base) : undefined
  if (base.kind !== 'step') return undefined
  if (base.failure !== undefined) return base
  return base.script === undefined ? undefined : new ChainOver(base)
}

function released({ label, destination }: Reference): Refusal {
  return new Refusal('REFERENCE_RELEASED', { label, generation: destination.generation })
}

/** Where all of these are at home; undefined when any process that holds the package will do. */
function homeOf(bases: readonly Base[], step: Step): Home | Refusal | undefined {
  let home: Home | undefined
  for (const base of bases) {
    const own =
      base.kind === 'reference' ? base.destination : base.kind === 'step' ? wholeOf(base).home : undefined
    if (own === undefined) continue
    if (home !== undefined && home !== own) return elsewhere(step)
    home = own
  }
  const strange = bases.some((base) =>
    home === undefined ? base.destination.lane !== step.destination.lane : !isAtHome(base, home)
  )
  return strange ? elsewhere(step) : home
}

function isAtHome(base: Base, home: Home): boolean {
  if (base.kind === 'step') return base.destination === home || base.destination.lane === home.lane
  return base.kind === 'reference' ? base.destination === home : home.holds(base)
}

function elsewhere(step: Step): Refusal {
  return new Refusal('REFERENCE_ELSEWHERE', { path: step.path.join('.') })
}

function wholeOf(step: Step): StepGroup<Home> {
  return (step.group as StepGroup<Home>).whole
}

function enter(step: Step, bases: readonly Base[], home: Home | undefined): Refusal | undefined {
  const before = new Set(bases.flatMap((base) => (base.kind === 'step' ? [wholeOf(base)] : [])))
  const count = [...before].reduce((sum, group) => sum + group.count, 1)
  if (count > STEPS_LIMIT) return tooLong(count)
  const [group = begin(step), ...others] = [...before].sort((left, right) => left.first - right.first)
  if (others.length > 0) alternate = true
  for (const other of others) group.take(other)
  for (const base of bases) if (base.kind === 'step') base.isUsed = true
  enterGroup(step, group, home)
  return undefined
}

function tooLong(size: number): Refusal {
  return new Refusal('TOO_LARGE', { place: 'a chain', size, limit: STEPS_LIMIT, unit: 'steps' })
}

function enterGroup(step: Step, group: StepGroup<Home>, home: Home | undefined): void {
  const place = steps.length
  if (group.last < place - 1) alternate = true
  group.count++
  group.last = place
  group.home ??= home
  step.group = group
  if (steps.push(step) === 1) void nothing.then(later)
}

function begin({ destination }: Step): StepGroup<Home> {
  const group = new StepGroup<Home>(steps.length, destination.lane)
  groups.push(group)
  return group
}

/** `queueMicrotask` makes a resource for AsyncLocalStorage each time. */
const nothing = Promise.resolve()
const later = (): void => void nothing.then(flush)
