'use strict'

// The functions that do harm, the same for everybody: where a pool wants another shape of module, a file beside this
// one wraps these.

const { spawn } = require('node:child_process')
const { closeSync, writeSync } = require('node:fs')

exports.fine = (value) => value
exports.wait = (milliseconds, value) => new Promise((resolve) => setTimeout(resolve, milliseconds, value))
exports.never = () => new Promise(() => {})
exports.pid = () => process.pid

/** Does another of these from a timer, while its answer is under way or others are waited for. */
exports.later = (milliseconds, name, ...parameters) => {
  setTimeout(() => exports[name](...parameters), milliseconds)
  return 'soon'
}

// Ends.

exports.exit = (code) => process.exit(code)
exports.reallyExit = (code) => process.reallyExit(code)
exports.abort = () => process.abort()
exports.signal = (signal) => {
  process.kill(process.pid, signal)
  return exports.never()
}
exports.throwFromTimer = () => new Promise(() => setTimeout(throwUncaught))
exports.rejectUnhandled = () => {
  void Promise.reject(new Error('nobody handles this'))
  return exports.never()
}
exports.fillHeap = () => {
  const kept = []
  for (;;) kept.push(new Array(100).fill(kept.length))
}
/** Memory outside of the heap of V8, a mebibyte at a time, up to so many. */
exports.fillBuffers = (mebibytes) => {
  exports.kept = []
  while (exports.kept.length < mebibytes) exports.kept.push(Buffer.alloc(1024 * 1024, 1))
  return exports.never()
}

/** The same at once, and answers. */
exports.keepBuffers = (mebibytes) => {
  exports.kept = Array.from({ length: mebibytes }, () => Buffer.alloc(1024 * 1024, 1))
  return 'kept'
}
/** The wall clock of this process is wrong from now on. */
exports.jumpClock = (hours) => {
  const honest = Date.now
  Date.now = () => honest() + hours * 3_600_000
  return 'jumped'
}

// Hangs.

exports.spin = () => {
  for (;;);
}
exports.spinInMicrotasks = async () => {
  for (;;) await undefined
}
exports.waitForever = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
exports.stop = () => exports.signal('SIGSTOP')
exports.keepTimer = () => void setInterval(() => {}, 1000)
exports.ignoreSignals = () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {})
}

/** Starts a process that sleeps, in the same process group, and answers its number. */
exports.startGrandchild = (seconds) => spawn('sleep', [String(seconds)], { stdio: 'ignore' }).pid

// Values.

exports.callBack = (value, callback) => callback(value)
exports.timesTwo = (value) => value * 2n
exports.nameOf = (value) => value?.name
exports.circular = () => {
  const circle = { name: 'circle' }
  circle.self = circle
  return circle
}
exports.bigint = () => 2n ** 70n
exports.symbol = () => Symbol('stays here')
exports.throwingGetter = () => ({
  options: {
    get agent() {
      throw new Error('nobody reads this')
    }
  }
})
exports.revokedProxy = () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return { proxy }
}
exports.throwValue = (value) => {
  throw value
}
exports.throwUnreadable = () => {
  throw Object.defineProperty(new Error(), 'message', {
    get() {
      throw new Error('nobody reads this')
    }
  })
}
exports.neverThenable = () => ({ then() {} })
exports.text = (length) => 'x'.repeat(length)

// What a process stands on.

exports.closePipe = () => {
  closeSync(3)
  return 'closed'
}
exports.closeStdio = () => {
  for (const descriptor of [0, 1, 2]) closeSync(descriptor)
  return 'closed'
}
exports.replaceExit = () => {
  process.exit = process.reallyExit = process.abort = process.kill = () => {}
  return 'replaced'
}
exports.replaceConsole = () => {
  globalThis.console = undefined
  process.stdout.write = process.stderr.write = () => {
    throw new Error('there is no output')
  }
  return 'replaced'
}
exports.removeListeners = () => {
  process.removeAllListeners()
  return 'removed'
}
exports.replaceBuiltins = () => {
  const broken = () => {
    throw new Error('broken on purpose')
  }
  JSON.parse = JSON.stringify = Map.prototype.get = Map.prototype.set = broken
  Array.prototype.push = Promise.prototype.then = Function.prototype.call = Function.prototype.apply = broken
  process.nextTick = globalThis.queueMicrotask = globalThis.setImmediate = broken
  return 'replaced'
}
exports.polluteObjectPrototype = () => {
  Object.prototype.polluted = 'polluted'
  return 'polluted'
}

// The pipe to the host, which does not wait for its reader.

exports.write = (given) => {
  const bytes = Buffer.isBuffer(given) ? given : Buffer.from(given)
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += writeSync(3, bytes, offset)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
  return 'written'
}
/** The same, and never answers. */
exports.writeOnly = (bytes) => {
  exports.write(bytes)
  return exports.never()
}
/** The same, and is gone. */
exports.writeAndExit = (bytes) => {
  exports.write(bytes)
  process.reallyExit(0)
}
/** One byte at a time, each in a turn of its own. */
exports.dribble = async (bytes) => {
  for (const byte of bytes) {
    exports.write(Buffer.of(byte))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return 'written'
}
/** The same bytes again and again, without a pause, for so long; answers how often. */
exports.flood = (bytes, milliseconds) => {
  const end = performance.now() + milliseconds
  let times = 0
  for (; performance.now() < end; times++) exports.write(bytes)
  return times
}
/** The same for one of the outputs, which do wait for their reader. */
exports.floodOutput = (descriptor, milliseconds) => {
  const bytes = Buffer.from(`${'x'.repeat(79)}\n`.repeat(800))
  const end = performance.now() + milliseconds
  let written = 0
  while (performance.now() < end) {
    try {
      written += writeSync(descriptor, bytes)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
  return written > 0
}
/** Keeps what it is given, so that the host keeps lending it. */
exports.keep = (callback) => {
  exports.kept = callback
  return 'kept'
}

function throwUncaught() {
  throw new Error('nobody catches this')
}
