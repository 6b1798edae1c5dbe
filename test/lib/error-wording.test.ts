import { expect } from 'chai'
import fc from 'fast-check'
import * as wording from '../../lib/error-wording.js'
import type { SpaceCrashCause, SpacePhase, SpacePoolError } from '../../lib/space-pool-error.js'

const crash = {
  ...{ phase: 'written' as SpacePhase, cause: 'exit' as SpaceCrashCause, exitCode: 1, signal: null },
  ...{ packages: ['a', 'b'], generation: 1, key: 'a+b', pid: 1, spaceId: 1, stderr: '' }
}

describe('The wording of errors', () => {
  const sentences: [string, SpacePoolError, RegExp][] = [
    [
      'PACKAGE_NOT_FOUND',
      wording.packageNotFound({ package: 'x', paths: ['/a', '/b'] }),
      /in "\/a", "\/b"\. Install/
    ],
    [
      'PACKAGE_NOT_FOUND',
      wording.packageNotFound({ package: 'x', paths: [] }),
      /in no folder at all\. Install/
    ],
    [
      'PACKAGE_NOT_FOUND',
      wording.packageNotFound({ package: '/srv/feed.js', paths: ['/a'] }),
      /^There is no package at "\/srv\/feed\.js": no such file or folder\.$/
    ],
    [
      'PACKAGE_NOT_FOUND',
      wording.packageNotFound({ package: 'node:nope', paths: ['/a'] }),
      /^"node:nope" is no builtin module of the Node that spaces run\.$/
    ],
    ['PACKAGE_NOT_ADDED', wording.packageNotAdded({ package: 'x' }), /"x" has not been added\. Call add\(\)/],
    [
      'PACKAGE_LOAD_FAILED',
      wording.packageLoadFailed({ package: 'x', cause: new Error('no') }),
      /"x" failed to load: no$/
    ],
    [
      'PACKAGE_LOAD_FAILED',
      wording.packageLoadFailed({ package: 'x', timeout: 9 }),
      /"x" did not finish .* within 9 ms/
    ],
    [
      'AMBIGUOUS_PACKAGE',
      wording.ambiguousPackage({ package: 'x', candidates: ['a', 'b'] }),
      /hold the package "x": "a", "b"/
    ],
    [
      'SET_CONFLICT',
      wording.setConflict({ key: 'x', option: 'env' }),
      /"x" exists with another value of the option "env"/
    ],
    [
      'FUNCTION_NOT_FOUND',
      wording.functionNotFound({ package: 'x', path: 'a.b', segment: 'b' }),
      /"a\.b": nothing .* "b"\.$/
    ],
    [
      'FUNCTION_NOT_FOUND',
      wording.functionNotFound({ package: 'x', path: '' }),
      /"x" .*: it cannot be called itself\.$/
    ],
    [
      'FUNCTION_NOT_FOUND',
      wording.functionNotFound({ package: 'x', path: 'a', reason: 'is odd' }),
      /: the path is odd\.$/
    ],
    [
      'NOT_CLONEABLE',
      wording.notCloneable({ place: 'result.x', reason: 'no' }),
      /^result\.x cannot go to another process: no$/
    ],
    [
      'TOO_LARGE',
      wording.tooLarge({ place: 'result', size: 9, limit: 8 }),
      /^result has 9 bytes, and 8 are.*"maxBytes"/
    ],
    [
      'TOO_LARGE',
      wording.tooManyElements({ place: 'result', size: 9, limit: 8, unit: 'elements' }),
      /^result has an array, .* of 9 elements, and 8 are allowed in one\. Send it in parts\.$/
    ],
    [
      'TOO_LARGE',
      wording.tooManyAttachments({ place: 'a chain', size: 9, limit: 8, unit: 'attachments' }),
      /more than 8 binary values of 64 KiB and more\. Await/
    ],
    ['TOO_MANY_CALLBACKS', wording.tooManyCallbacks({ limit: 8 }), /holds 8 live callbacks/],
    [
      'CALL_TIMEOUT',
      wording.callTimeout({ package: 'x', path: 'a', timeout: 9, key: 'x', phase: 'queued' }),
      /^The call of "a" in "x" was still waiting for its turn after 9 ms\.$/
    ],
    [
      'QUEUE_FULL',
      wording.queueFull({ key: 'x', limit: 8, unit: 'bytes' }),
      /^8 bytes wait for the set "x" already/
    ],
    [
      'QUEUE_FULL',
      wording.queueFull({ key: '', limit: 8, unit: 'calls' }),
      /^8 calls wait for this space already/
    ],
    [
      'NO_ROOM',
      wording.noRoom({ key: 'x', waited: 9, holders: ['y'] }),
      /"x" waited 9 ms .* by "y"\. Raise .*"maxSpaces"/
    ],
    [
      'SPACE_START_FAILED',
      wording.spaceStartFailed({ reason: 'exit code 9', stderr: 'node: bad option\n' }),
      /^A space could not be started: exit code 9 \(node: bad option\)$/
    ],
    [
      'SPACE_CRASHED',
      wording.spaceCrashed(crash),
      /^The space of "a", "b" ended by itself with exit code 1 while the call/
    ],
    ['SPACE_STOPPED', wording.spaceStopped({ reason: 'evict', key: 'x' }), /"x" was stopped .*\(evict\)/],
    ['SET_DOWN', wording.setDown({ key: 'x', retryAfter: 8.5 }), /"x" crashed too often.* in 9 ms\.$/],
    ['REFERENCE_RELEASED', wording.referenceReleased({ generation: 2 }), /gone.* generation 2\.$/],
    ['REFERENCE_ELSEWHERE', wording.referenceElsewhere(), /lives in another space/],
    ['POOL_CLOSED', wording.poolClosed(), /^The pool is closed\. Make a new one\.$/]
  ]
  for (const [code, error, sentence] of sentences) {
    it(`of ${code} says ${String(sentence)}`, () => {
      expect(error.code).to.equal(`ERR_SPACEPOOL_${code}`)
      expect(error.message).to.match(sentence)
    })
  }

  it('keeps what led to an error as its cause', () => {
    const cause = new Error('no')
    expect(wording.packageLoadFailed({ package: 'x', cause }).cause).to.equal(cause)
    expect(wording.spaceStartFailed({ reason: 'no', cause }).cause).to.equal(cause)
    expect(wording.notCloneable({ place: 'x', reason: 'no', cause }).cause).to.equal(cause)
  })

  it('has a sentence for every phase and cause of a crash', () => {
    const phases: SpacePhase[] = ['starting', 'loading', 'queued', 'written', 'idle']
    const causes: SpaceCrashCause[] = [
      ...(['exit', 'signal', 'protocol', 'blocked', 'neighbour-timeout'] as const),
      ...(['interrupted', 'unresponsive', 'out-of-memory', 'start'] as const)
    ]
    const messages = phases.flatMap((phase) =>
      causes.map((cause) => wording.spaceCrashed({ ...crash, phase, cause }).message)
    )
    expect(new Set(messages).size).to.equal(phases.length * causes.length)
  })

  it('is bounded and on one line for names of any length and content', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.integer({ min: 1, max: 2000 }),
        (text, times) => {
          const { message } = wording.packageNotFound({
            package: text.repeat(times),
            paths: Array<string>(20).fill(text)
          })
          expect(message.length).to.be.lessThan(6000)
          expect(message).not.to.include('\n')
        }
      )
    )
  })
})
