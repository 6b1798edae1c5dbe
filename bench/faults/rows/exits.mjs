import { bothWays, oneCall } from './shapes.mjs'

const crash = (cause, more) => ({ code: 'SPACE_CRASHED', phase: 'written', cause, ...more })

/** Everything by which a package ends its process, or takes away what the process stands on. */
export const exits = [
  ...bothWays({
    name: 'process.exit(0)',
    call: ['exit', 0],
    gets: crash('exit', { exitCode: 0 }),
    peers: true
  }),
  ...bothWays({
    name: 'process.exit(1)',
    once: true,
    call: ['exit', 1],
    gets: crash('exit', { exitCode: 1 }),
    peers: true
  }),
  ...bothWays({
    name: 'process.abort()',
    call: ['abort'],
    gets: crash('signal', { signal: 'SIGABRT' }),
    // In a thread it ends the host, by its nature.
    peers: 'processes'
  }),
  ...bothWays({
    name: 'process.reallyExit(2)',
    once: true,
    call: ['reallyExit', 2],
    gets: crash('exit', { exitCode: 2 }),
    peers: true
  }),
  ...bothWays({
    name: 'SIGKILL',
    call: ['signal', 'SIGKILL'],
    gets: crash('signal', { signal: 'SIGKILL' }),
    peers: true
  }),
  ...bothWays({
    name: 'SIGSEGV',
    once: true,
    call: ['signal', 'SIGSEGV'],
    gets: crash('signal', { signal: 'SIGSEGV' }),
    peers: 'processes'
  }),
  ...bothWays({
    name: 'uncaught exception',
    call: ['throwFromTimer'],
    gets: crash('exit', { exitCode: 1 }),
    peers: true
  }),
  ...bothWays({
    name: 'unhandled rejection',
    call: ['rejectUnhandled'],
    gets: crash('exit', { exitCode: 1 }),
    peers: true
  }),
  ...bothWays({
    name: 'heap exhaustion',
    once: true,
    call: ['fillHeap'],
    options: { execArgv: ['--max-old-space-size=24'] },
    gets: crash('out-of-memory', { signal: 'SIGABRT' }),
    within: [0, 5000]
  }),
  ...bothWays({
    name: 'memory beyond the hard limit',
    once: true,
    call: ['fillBuffers', 4096],
    options: { recycle: { hardMemory: 256 * 1024 * 1024 } },
    gets: crash('out-of-memory'),
    within: [0, 3000]
  }),
  ...bothWays({
    name: 'closes its pipe',
    call: ['closePipe'],
    gets: crash(['protocol', 'exit', 'signal']),
    peers: 'processes'
  }),
  ...bothWays({
    name: 'closes stdin and its outputs',
    once: true,
    call: ['closeStdio'],
    gets: { answers: 'closed' },
    peers: 'processes'
  }),
  ...bothWays({
    name: 'replaces process.exit and process.kill',
    call: ['replaceExit'],
    gets: { answers: 'replaced' },
    closeWithin: 1500,
    peers: true
  }),
  ...bothWays({
    name: 'replaces console and its outputs',
    once: true,
    call: ['replaceConsole'],
    gets: { answers: 'replaced' },
    peers: true
  }),
  ...bothWays({
    name: 'removes all listeners of process',
    call: ['removeListeners'],
    gets: { answers: 'removed' },
    peers: true
  }),
  ...bothWays({
    name: 'breaks the built-in functions',
    call: ['replaceBuiltins'],
    gets: 'anything',
    nextGets: 'anything',
    peers: true
  }),
  ...bothWays({
    name: 'pollutes Object.prototype',
    once: true,
    call: ['polluteObjectPrototype'],
    gets: { answers: 'polluted' },
    peers: true
  }),
  oneCall({
    name: 'throws while it loads',
    module: 'throws-at-load',
    call: ['fine'],
    gets: { code: 'PACKAGE_LOAD_FAILED' },
    peers: true
  }),
  oneCall({
    name: 'exits while it loads',
    module: 'exits-at-load',
    call: ['fine'],
    gets: { code: 'SPACE_CRASHED', phase: 'loading', cause: 'exit' },
    peers: true
  })
]
