import type { ChildProcess, SendHandle } from 'node:child_process'
import type { Mover } from '../wire/moved.js'
import { NotCloneable } from '../wire/not-cloneable.js'
import { closeUnmoved, moves } from './movable.js'

/** Messages that a space may send by itself in a second; nobody listens to them. */
const FLOOD = 10_000
/** Seconds whose messages may come at once: a host that stood still finds what piled up meanwhile, and holds it against nobody. */
const LONGEST_PAUSE = 30

/**
 * Node's own IPC channel to one space, where it has one: sockets and servers leave by it. What comes the other way, as
 * packages use `process.send`, is for those who listen to the ChildProcess; else it is dropped, and a flood of it, or
 * what Node would stumble over, is a violation.
 */
export class HandleChannel implements Mover {
  readonly moves = moves
  private readonly isThere: boolean
  private next = 0
  /** Handed to Node, which has not sent them yet. */
  private readonly leaving = new Set<object>()
  private heard = 0
  /** How many it may hear in this second. */
  private most = FLOOD
  private since: number

  constructor(
    private readonly child: ChildProcess,
    private readonly violated: (what: string) => void,
    private readonly clock: () => number
  ) {
    this.since = clock()
    this.isThere = child.connected
    if (!this.isThere) return
    // Without a listener Node would keep all messages.
    child.on('message', this.drop)
    this.guard()
  }

  take(thing: object): number {
    if (!this.isThere) throw new NotCloneable(NO_OPTION, thing)
    if (!this.child.connected) throw new NotCloneable('the IPC channel of the space is closed', thing)
    return this.next++
  }

  send(number: number, thing: object): void {
    this.leaving.add(thing)
    this.post(number, thing as SendHandle, (failed) => {
      this.leaving.delete(thing)
      if (!failed) return
      closeUnmoved(thing)
      // Nobody has to wait for it.
      this.post(number, undefined, ignore)
    })
  }

  /** The space has ended. */
  close(): void {
    for (const thing of this.leaving) closeUnmoved(thing)
    this.leaving.clear()
    this.closeUnacknowledged()
  }

  /** Node keeps what it sent open until that is acknowledged, and the acknowledgement will not come. */
  private closeUnacknowledged(): void {
    const pending: unknown = Reflect.get(this.child, '_pendingMessage')
    if (pending === null || pending === undefined) return
    Reflect.set(this.child, '_pendingMessage', null)
    closeHandle(Reflect.get(Object(pending) as object, 'handle'))
  }

  private post(number: number, thing: SendHandle | undefined, done: (failed: boolean) => void): void {
    try {
      this.child.send({ spacepoolHandle: number }, thing, (error) => done(error !== null))
    } catch {
      done(true)
    }
  }

  private readonly drop = (...[, handle]: [message: unknown, handle: unknown]): void => {
    if (this.child.listenerCount('message') > 1) return
    closeHandle(handle)
    this.count()
  }

  /** Node takes these messages for its own: some without a cause, or without what it expects in them, end this process. */
  private guard(): void {
    const { child } = this
    const own = child.rawListeners('internalMessage')
    child.removeAllListeners('internalMessage')
    child.on('internalMessage', (message: { cmd?: unknown }, handle: unknown) => {
      if (!this.expects(message.cmd)) {
        closeHandle(handle)
        return this.count()
      }
      try {
        for (const listener of own) Reflect.apply(listener, child, [message, handle])
      } catch {
        this.violated('an internal message of Node that it did not understand')
      }
    })
  }

  private expects(command: unknown): boolean {
    if (String(command).startsWith('NODE_HANDLE_')) {
      return Array.isArray(Reflect.get(this.child, '_handleQueue'))
    }
    return command === 'NODE_HANDLE' && this.child.listenerCount('message') > 1
  }

  private count(): void {
    const now = this.clock()
    const seconds = (now - this.since) / 1000
    if (seconds > 1) {
      this.since = now
      this.heard = 0
      this.most = Math.floor(FLOOD * Math.min(seconds, LONGEST_PAUSE))
    }
    this.heard++
    if (this.heard === this.most + 1) this.violated(`more than ${FLOOD} messages by process.send in a second`)
  }
}

const NO_OPTION = 'sockets and servers move to spaces with the option "handles": true only'

function closeHandle(handle: unknown): void {
  const { destroy, close } = Object(handle) as { destroy?: unknown; close?: unknown }
  const end = typeof destroy === 'function' ? destroy : close
  if (typeof end === 'function') Reflect.apply(end, handle, [])
}

const ignore = (): void => undefined
