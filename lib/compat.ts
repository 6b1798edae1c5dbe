import type { ChildProcess } from 'node:child_process'
import { checkParameters } from './call-arguments.js'
import { Asker } from './compat-asker.js'
import { Call } from './compat-call.js'
import { withCallbacks, type Callback } from './compat-callbacks.js'
import { Life } from './compat-life.js'
import type { AddRequest, CallRequest, RequestCallback, SingleSpaceConfig } from './compat-requests.js'
import { ADDED, NOT_ALIVE, sentenceOf } from './compat-sentences.js'
import { invalidArgument, invalidOption } from './errors.js'
import { checkFunctionPath, parsePackageName } from './names.js'
import { isRecord } from './option-checks.js'
import { parsePoolOptions, type PoolSettings } from './options.js'

interface SingleSpace {
  /**
   * Loads a package into the space. One that exports a function is instantiated with the parameters; without any, its
   * own properties are used as exported and everything else on an instance made without parameters. The callback is
   * told `true` and 'Package is added to space', or `false` and why not.
   */
  add(name: string, parameters?: readonly unknown[], callback?: RequestCallback<AddRequest> | null): void
  /**
   * Calls a function of a package that was added, or is being added: then the call waits. A promise that it returns is
   * awaited. With a 'cb:N' among the parameters the callback is told what the function's callback was given, each time
   * it is called, and what the function returns only when `promise` is true; a failure it is always told.
   */
  call(
    name: string,
    path: string,
    parameters?: readonly unknown[],
    promise?: boolean,
    callback?: RequestCallback<CallRequest> | null
  ): void
  /** A new, empty space where there is none, else the one there is. Throws SPACE_START_FAILED. */
  build(): ChildProcess
  /** Ends the space: SIGTERM has been sent when this returns, SIGKILL follows after 2 s. */
  destroy(): ChildProcess
  /** Whether the space was destroyed, by `destroy` or for inactivity. One that crashed comes back by itself. */
  isKilled(): boolean
  /** Begins the time without activity anew. Without a space the Timeout is the last one, and nothing begins. */
  resetInactivity(): NodeJS.Timeout
}

/**
 * The older API: one space with several packages, and callbacks. The space is started at once and keeps this process
 * alive until it is destroyed, or until nothing was asked of it for the inactivity timeout; what packages print goes to
 * the output of this process, whose environment the space has, and packages have Node's own IPC channel.
 *
 * A failure that no callback is told of is a warning of the process. Throws INVALID_OPTION and SPACE_START_FAILED.
 */
function singleSpace(config: SingleSpaceConfig = {}): SingleSpace {
  const settings = settingsOf(config)
  let life = new Life(settings)
  let lastId = 0

  return {
    add(name, parameters = [], callback = null) {
      const paths = [...settings.paths]
      const request: AddRequest = { id: ++lastId, package: name, parameters, type: 'add', paths }
      ask(request, callback, (asker) => {
        const { specifier } = parsePackageName(name, 'package')
        checkParameters(parameters)
        const makeCallback =
          (): Callback =>
          (...received) =>
            asker.tell(received)
        life.add(specifier, withCallbacks(parameters, makeCallback)).then(
          () => asker.tell(ADDED),
          (error: unknown) => asker.refuse(sentenceOf(error))
        )
      })
    },

    call(name, path, parameters = [], promise = false, callback = null) {
      const id = ++lastId
      const request: CallRequest = { id, package: name, parameters, type: 'call', function: path, promise }
      ask(request, callback, (asker) => {
        const { specifier } = parsePackageName(name, 'package')
        if (typeof path !== 'string') throw invalidArgument('function', 'the path of a function', path)
        checkFunctionPath(name, path)
        checkParameters(parameters)
        if (typeof promise !== 'boolean') throw invalidArgument('promise', 'true or false', promise)
        const call = new Call(asker, promise, life)
        life.call(call, specifier, path, withCallbacks(parameters, call.makeCallback))
      })
    },

    build() {
      if (life.state !== 'up') {
        const next = new Life(settings)
        life.end()
        life = next
      }
      return life.child
    },

    destroy() {
      life.end()
      return life.child
    },

    isKilled: () => life.state === 'over',

    resetInactivity: () => (life.state === 'up' ? life.inactivity.reset() : life.inactivity.timeout)
  }

  /** Whatever is wrong with a request, its callback is told so, and only after `add` or `call` has returned. */
  function ask<Request extends AddRequest | CallRequest>(
    request: Request,
    callback: RequestCallback<Request> | null,
    act: (asker: Asker<Request>) => void
  ): void {
    const asker = new Asker(request, typeof callback === 'function' ? callback : null)
    try {
      if (callback !== null && typeof callback !== 'function') {
        throw invalidArgument('callback', 'a function or null', callback)
      }
      if (life.state === 'over') throw new Error(NOT_ALIVE)
      act(asker)
    } catch (error) {
      process.nextTick(() => asker.refuse(sentenceOf(error)))
    }
  }
}

/** Own properties only, as with all options; what is `false` or null in a JSON file is not given. */
function settingsOf(config: unknown): PoolSettings {
  if (!isRecord(config)) throw invalidOption('config', 'an object', config)
  const given = (name: keyof SingleSpaceConfig): unknown => {
    const value = Object.hasOwn(config, name) ? (config as SingleSpaceConfig)[name] : undefined
    return value === false || value === null ? undefined : value
  }
  return parsePoolOptions({
    ...{ inactivityTimeout: given('inactivityTimeout'), paths: given('paths') },
    // As the process of the older API, which `fork` started.
    ...{ env: 'inherit', stdio: 'inherit', ref: true },
    restart: { minBackoff: 0, maxBackoff: 0 }
  })
}

declare namespace singleSpace {
  export { singleSpace, singleSpace as default }
  export type { AddRequest, CallRequest, RequestCallback, SingleSpace, SingleSpaceConfig }
}

exports = module.exports = singleSpace
Object.defineProperty(exports, 'singleSpace', { enumerable: true, value: singleSpace })
Object.defineProperty(exports, 'default', { enumerable: true, value: singleSpace })

export = singleSpace
