/** What the host has another process evaluate to learn what it is running; its frames bear this name. */
export const EXPRESSION = 'spacepool:stack'

/** Whatever a package does to the stacks of errors is put aside for this one. */
const currentStack = `(() => {
  const names = ['stackTraceLimit', 'prepareStackTrace']
  const before = names.map((name) => Object.getOwnPropertyDescriptor(Error, name))
  try {
    Error.stackTraceLimit = 100
    Error.prepareStackTrace = undefined
    return new Error().stack
  } finally {
    names.forEach((name, index) => {
      if (before[index]) Object.defineProperty(Error, name, before[index])
      else delete Error[name]
    })
  }
})()`

const name = `//# sourceURL=${EXPRESSION}`

/**
 * The stack of an error made on top of what is running. It is what users know from errors, with the names of classes
 * and the functions that await this one; and it comes ten times sooner than a pause of the debugger.
 */
export const stackExpression = `${currentStack}\n${name}`

/**
 * For a process that is met between two microtasks, where nothing of a program is on the stack: a promise of the stack below the
 * next promise that a program makes, or of none when the event loop turns before. The inspector itself makes one by
 * `then`.
 */
export const nextStackExpression = `new Promise((resolve) => {
  const stop = process.getBuiltinModule('node:v8').promiseHooks.onInit(() => {
    const stack = ${currentStack}
    const frames = stack.split('\\n').filter((line) => line.startsWith('    at ') && !line.includes('${EXPRESSION}'))
    const isOfProgram = frames.some((line) => /:\\d+:\\d+\\)?$/.test(line) && !/[ (]node:/.test(line))
    if (isOfProgram && !/at Promise\\.then /.test(frames[0])) finish(stack)
  })
  setImmediate(finish, '')
  function finish(stack) {
    stop()
    resolve(stack)
  }
})
${name}`
