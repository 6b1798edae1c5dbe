import { expect } from 'chai'
import { spaceEntry } from '../../../lib/space/entry.js'
import { canBreakOff, framesIn, haveProgram, withoutCallers } from '../../../lib/space/stack-frames.js'

const own = '    at spacepool:stack:8:12'
const spin = '    at Parser.spin (/packages/parser/index.js:3:5)'
const next = '    at new Parser (file:///packages/parser/index.mjs:9:1)'
const regExp = '    at RegExp.test (<anonymous>)'
const emit = '    at Socket.emit (node:events:518:28)'
const opened = '    at process.emit (node:events:489:44)'
const read = '    at Pipe.onStreamRead (node:internal/stream_base_commons:191:23)'
const space = `    at run (${spaceEntry}:1:2345)`

describe('The frames in a stack', () => {
  it('are its lines but for the message and the frames of the expression that asked for it', () => {
    expect(framesIn(['Error', own, own, spin, read].join('\n'))).to.deep.equal([spin, read])
    expect(framesIn('')).to.deep.equal([])
    expect(framesIn("at night\n  at 5 o'clock\n")).to.deep.equal([])
  })

  it('begin with what was running before Node came in', () => {
    const hooks = [
      '    at initAll (node:internal/promise_hooks:31:7)',
      '    at promiseInitHook (node:internal/async_hooks:320:25)'
    ]
    expect(framesIn([own, ...hooks, spin].join('\n'))).to.deep.equal([spin])
    expect(framesIn([own, opened].join('\n'))).to.deep.equal([])
    expect(framesIn([own, opened, spin].join('\n'))).to.deep.equal([spin])
    expect(framesIn([own, spin, opened, spin].join('\n'))).to.deep.equal([spin, opened, spin])
  })
})

describe('Frames have a program', () => {
  it('where one of them is of a file', () => {
    for (const frame of [spin, next, space, '    at async /packages/parser/index.js:1:2']) {
      expect(haveProgram([read, frame, emit]), frame).to.equal(true)
    }
    for (const frames of [[], [read, emit], [regExp], ['    at node:internal/main/run_main_module:28:49']]) {
      expect(haveProgram(frames), frames.join()).to.equal(false)
    }
  })
})

describe('Frames without their callers', () => {
  it('end with the last one of a package', () => {
    expect(withoutCallers([regExp, spin, emit, next, emit, space, read])).to.deep.equal([
      ...[regExp, spin, emit, next]
    ])
  })

  it('are all of them where no package is among them', () => {
    expect(withoutCallers([emit, space, read])).to.deep.equal([emit, space, read])
    expect(withoutCallers([])).to.deep.equal([])
  })

  it('are 20 at most, of 500 characters each', () => {
    const frames = withoutCallers(Array.from({ length: 100 }, () => spin + 'x'.repeat(10_000)))
    expect(frames.map((frame) => frame.length)).to.deep.equal(Array.from({ length: 20 }, () => 500))
  })
})

describe('Frames can be broken off', () => {
  it('but not where Node counts in JavaScript what is running', () => {
    expect(canBreakOff([spin, emit, space, read])).to.equal(true)
    for (const frame of [
      '    at listOnTimeout (node:internal/timers:581:17)',
      '    at process.processImmediate (node:internal/timers:483:21)',
      '    at AsyncResource.runInAsyncScope (node:async_hooks:206:9)'
    ]) {
      expect(canBreakOff([spin, frame])).to.equal(false)
    }
  })

  it('whatever a package calls its own functions', () => {
    expect(canBreakOff(['    at listOnTimeout (/packages/timers/index.js:1:1)'])).to.equal(true)
  })
})
