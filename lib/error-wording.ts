import { isAbsolute } from 'node:path'
import { cut, describeThrown, quote } from './describe.js'
import { makeError } from './space-pool-error.js'
import type { SpaceCrashCause, SpacePhase } from './space-pool-error.js'
import type { SpacePoolErrorCode, SpacePoolErrorFields } from './space-pool-error.js'

// Every sentence that users read in an error is in this file: what happened, then what to do about it; but what is said
// of input that is refused before anything is done stands in input-error-wording.ts. What each code means is written
// beside it in space-pool-error.ts.

/** The properties of an error of this code, and what led to it where something did. */
type Fields<Code extends SpacePoolErrorCode> = SpacePoolErrorFields[Code]
type Caused = { cause?: unknown }

export function packageNotFound(details: Fields<'ERR_SPACEPOOL_PACKAGE_NOT_FOUND'> & Caused) {
  const { cause, ...fields } = details
  const name = quote(fields.package)
  let message =
    `The package ${name} was not found in ${list(fields.paths, 'no folder at all')}. ` +
    'Install it there, or give its folder in the option "paths".'
  if (isAbsolute(fields.package)) message = `There is no package at ${name}: no such file or folder.`
  if (fields.package.startsWith('node:')) {
    message = `${name} is no builtin module of the Node that spaces run.`
  }
  return makeError('ERR_SPACEPOOL_PACKAGE_NOT_FOUND', message, fields, cause)
}

export function packageNotAdded(fields: Fields<'ERR_SPACEPOOL_PACKAGE_NOT_ADDED'>) {
  const message = `The package ${quote(fields.package)} has not been added. Call add() with it first.`
  return makeError('ERR_SPACEPOOL_PACKAGE_NOT_ADDED', message, fields)
}

/** With a `timeout` the package took too long, else `cause` is what it threw. */
export function packageLoadFailed(details: Fields<'ERR_SPACEPOOL_PACKAGE_LOAD_FAILED'> & Caused) {
  const { cause, ...fields } = details
  const what =
    fields.timeout === undefined
      ? `failed to load: ${describeThrown(cause)}`
      : `did not finish loading within ${fields.timeout} ms: something it awaits at its top level never settles`
  return makeError(
    'ERR_SPACEPOOL_PACKAGE_LOAD_FAILED',
    `The package ${quote(fields.package)} ${what}`,
    fields,
    cause
  )
}

export function ambiguousPackage(fields: Fields<'ERR_SPACEPOOL_AMBIGUOUS_PACKAGE'>) {
  const message =
    `Several sets hold the package ${quote(fields.package)}: ${list(fields.candidates)}. ` +
    'Call it through the set that add() returned, or give one of them a name of its own with "as".'
  return makeError('ERR_SPACEPOOL_AMBIGUOUS_PACKAGE', message, fields)
}

export function setConflict(fields: Fields<'ERR_SPACEPOOL_SET_CONFLICT'>) {
  const message =
    `The set ${quote(fields.key)} exists with another value of the option "${fields.option}". ` +
    'Add it with the same options, or remove() it first.'
  return makeError('ERR_SPACEPOOL_SET_CONFLICT', message, fields)
}

/** With a `reason`, which continues "the path ...", the path was refused before anything was looked up. */
export function functionNotFound(fields: Fields<'ERR_SPACEPOOL_FUNCTION_NOT_FOUND'>) {
  const { package: name, path, segment, available, reason } = fields
  let message = `${quote(name)} has no function ${quote(path)}`
  if (reason !== undefined) message += `: the path ${reason}`
  else if (path === '') message += ': it cannot be called itself'
  else if (segment !== undefined) message += `: nothing to call at ${quote(segment)}`
  if (available !== undefined && available.length > 0) message += `. There are ${list(available)}`
  return makeError('ERR_SPACEPOOL_FUNCTION_NOT_FOUND', `${message}.`, fields)
}

export function notCloneable(details: Fields<'ERR_SPACEPOOL_NOT_CLONEABLE'> & Caused) {
  const { cause, ...fields } = details
  const message = `${cut(fields.place)} cannot go to another process: ${cut(fields.reason)}`
  return makeError('ERR_SPACEPOOL_NOT_CLONEABLE', message, fields, cause)
}

export function tooLarge(fields: Fields<'ERR_SPACEPOOL_TOO_LARGE'>) {
  const message =
    `${cut(fields.place)} has ${fields.size} bytes, and ${fields.limit} are allowed. ` +
    'Send it in parts, or raise the option "maxBytes".'
  return makeError('ERR_SPACEPOOL_TOO_LARGE', message, fields)
}

export function tooManyElements(fields: Fields<'ERR_SPACEPOOL_TOO_LARGE'>) {
  const message =
    `${cut(fields.place)} has an array, object, Map or Set of ${fields.size} elements, and ${fields.limit} are ` +
    'allowed in one. Send it in parts.'
  return makeError('ERR_SPACEPOOL_TOO_LARGE', message, fields)
}

export function chainTooLong(fields: Fields<'ERR_SPACEPOOL_TOO_LARGE'>) {
  const message =
    `More than ${fields.limit} steps depend on each other here, and go on from what was not awaited. ` +
    'Await some of them on the way.'
  return makeError('ERR_SPACEPOOL_TOO_LARGE', message, fields)
}

export function tooManyAttachments(fields: Fields<'ERR_SPACEPOOL_TOO_LARGE'>) {
  const message =
    `Chains that are sent together carry more than ${fields.limit} binary values of 64 KiB and more. ` +
    'Await some of them on the way.'
  return makeError('ERR_SPACEPOOL_TOO_LARGE', message, fields)
}

export function tooManyCallbacks(fields: Fields<'ERR_SPACEPOOL_TOO_MANY_CALLBACKS'>) {
  const message =
    `The space holds ${fields.limit} live callbacks and may hold no more. They end when the package no longer ` +
    'holds them; pass one function many times instead of many functions.'
  return makeError('ERR_SPACEPOOL_TOO_MANY_CALLBACKS', message, fields)
}

export function callTimeout(fields: Fields<'ERR_SPACEPOOL_CALL_TIMEOUT'>) {
  const what = fields.phase === 'queued' ? 'was still waiting for its turn' : 'was not answered'
  const message = `${call(fields)} ${what} after ${fields.timeout} ms.`
  return makeError('ERR_SPACEPOOL_CALL_TIMEOUT', message, fields)
}

/** Without a key it is the queue of one space that is full. */
export function queueFull(fields: Fields<'ERR_SPACEPOOL_QUEUE_FULL'>) {
  const whose = fields.key === '' ? 'this space' : `the set ${quote(fields.key)}`
  const message =
    `${fields.limit} ${fields.unit} wait for ${whose} already. ` +
    'Make calls as answers come, or give the set more replicas.'
  return makeError('ERR_SPACEPOOL_QUEUE_FULL', message, fields)
}

export function noRoom(fields: Fields<'ERR_SPACEPOOL_NO_ROOM'>) {
  const message =
    `The set ${quote(fields.key)} waited ${fields.waited} ms for a space, and none came free. They are held by ` +
    `${list(fields.holders, 'spares')}. Raise the option "maxSpaces", or evict or remove a set.`
  return makeError('ERR_SPACEPOOL_NO_ROOM', message, fields)
}

export function spaceStartFailed(details: Fields<'ERR_SPACEPOOL_SPACE_START_FAILED'> & Caused) {
  const { cause, ...fields } = details
  const said = lastLine(fields.stderr)
  const message = `A space could not be started: ${cut(fields.reason)}${said === '' ? '' : ` (${said})`}`
  return makeError('ERR_SPACEPOOL_SPACE_START_FAILED', message, fields, cause)
}

export function spaceCrashed(fields: Fields<'ERR_SPACEPOOL_SPACE_CRASHED'>) {
  const message =
    `The space of ${list(fields.packages, 'no package')} ${CRASH_CAUSES[fields.cause](fields)} ` +
    `${CRASH_PHASES[fields.phase]}.`
  return makeError('ERR_SPACEPOOL_SPACE_CRASHED', message, fields)
}

export function spaceStopped(fields: Fields<'ERR_SPACEPOOL_SPACE_STOPPED'>) {
  const message = `The space of the set ${quote(fields.key)} was stopped before it could answer (${fields.reason}).`
  return makeError('ERR_SPACEPOOL_SPACE_STOPPED', message, fields)
}

export function setDown(fields: Fields<'ERR_SPACEPOOL_SET_DOWN'>) {
  const next =
    fields.retryAfter === undefined ? '' : ` The next attempt is in ${Math.ceil(fields.retryAfter)} ms.`
  const message = `The spaces of the set ${quote(fields.key)} crashed too often, so it is down.${next}`
  return makeError('ERR_SPACEPOOL_SET_DOWN', message, fields)
}

export function referenceReleased(fields: Fields<'ERR_SPACEPOOL_REFERENCE_RELEASED'> = {}) {
  const which = fields.generation === undefined ? '' : ` It belonged to generation ${fields.generation}.`
  const message =
    fields.chain === undefined
      ? `This object or function is gone: it was released, or its space ended.${which}`
      : `The intermediate result ${cut(fields.chain)} ended with the tick that built its chain. Await it first, ` +
        'and go on from what that gives.'
  return makeError('ERR_SPACEPOOL_REFERENCE_RELEASED', message, fields)
}

export function tooManyReferences(fields: Fields<'ERR_SPACEPOOL_TOO_MANY_REFERENCES'>) {
  const message =
    `${fields.limit} live objects and functions are referred to, and no more may be. ` +
    'Let go of what is not needed any more, by release() or "using".'
  return makeError('ERR_SPACEPOOL_TOO_MANY_REFERENCES', message, fields)
}

export function referenceElsewhere(fields: Fields<'ERR_SPACEPOOL_REFERENCE_ELSEWHERE'> = {}) {
  const message =
    'This object or function lives in another space. Only a copy of it can be given to this one.'
  return makeError('ERR_SPACEPOOL_REFERENCE_ELSEWHERE', message, fields)
}

export function poolClosed() {
  return makeError('ERR_SPACEPOOL_POOL_CLOSED', 'The pool is closed. Make a new one.', {})
}

/** A refusal that no space of this version sends; the pool treats it as a breach of the protocol. */
export function unknownRefusal(code: string) {
  const message = `The space refused the request for a reason that is not part of the protocol: ${quote(code)}.`
  return makeError('ERR_SPACEPOOL_SPACE_CRASHED', message, {
    ...{ phase: 'written', cause: 'protocol', exitCode: null, signal: null, pid: null, spaceId: null },
    ...{ packages: [], generation: 0, key: '', stderr: '' }
  })
}

const CRASH_PHASES: Record<SpacePhase, string> = {
  starting: 'while it was starting',
  loading: 'while it was loading a package',
  queued: 'before the call was sent to it',
  written: 'while the call was in flight; it may have run in part',
  idle: 'while no call was in flight'
}

const CRASH_CAUSES: Record<SpaceCrashCause, (fields: Fields<'ERR_SPACEPOOL_SPACE_CRASHED'>) => string> = {
  exit: (fields) => `ended by itself with exit code ${fields.exitCode}`,
  signal: (fields) => `was killed by ${fields.signal}`,
  protocol: () => 'sent what no space sends and was ended',
  blocked: () => 'was ended because a call that had timed out or was aborted blocked it',
  'neighbour-timeout': () => 'was ended because another call that had timed out or was aborted blocked it',
  interrupted: () => 'was ended after another call in it had to be interrupted',
  unresponsive: () => 'did not answer any more and was ended',
  'out-of-memory': () => 'ran out of memory',
  start: ({ exitCode, signal }) => `never came up (exit code ${exitCode}, signal ${signal})`
}

function call(fields: { package: string; path: string }): string {
  return fields.path === ''
    ? `The call of ${quote(fields.package)}`
    : `The call of ${quote(fields.path)} in ${quote(fields.package)}`
}

/** Up to ten names, and how many more there are. */
function list(names: readonly string[], none = 'nothing'): string {
  if (names.length === 0) return none
  const shown = names.slice(0, 10).map(quote).join(', ')
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown
}

function lastLine(output = ''): string {
  return cut(output.trimEnd().split('\n').at(-1)?.trim() ?? '')
}
