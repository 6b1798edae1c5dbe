import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import type * as Index from '../../lib/index.js'
import type * as Starts from '../../lib/space/start-process.js'
import { memoryChannelPair, type MemoryChannel } from '../../lib/wire/memory-channel.js'
import { messageTypes } from '../../lib/wire/message-tags.js'
import { PROTOCOL_VERSION } from '../../lib/wire/messages.js'
import type * as PendingFile from '../../lib/wire/pending.js'
import { bytesOf } from './invented-answers.js'
import { frame } from './hostile-frames.js'

/** As built, since there what a module exports can be replaced. */
const built = createRequire(__filename)
const starts = built('../../dist/lib/space/start-process.js') as typeof Starts
const { prototype } = (built('../../dist/lib/wire/pending.js') as typeof PendingFile).Pending
export const { SpacePool } = built('../../dist/lib/index.js') as typeof Index

type Pending = PendingFile.Pending

/** More than a system gives. */
const NO_PID = 90_000_000
/** Requests that a space may answer: those that were made last. */
const MOST_IDS = 5

/** The process of a space, which says what the test says, and ends when it is killed. */
export class TakenOver extends EventEmitter {
  readonly pid: number;
  readonly [name: string]: unknown
  signalCode: NodeJS.Signals | null = null
  readonly near: MemoryChannel
  private readonly far: MemoryChannel

  constructor(count: number) {
    super()
    this.pid = NO_PID + count
    const [near, far] = memoryChannelPair({})
    this.near = Object.assign(near, { ref: ignore, unref: ignore })
    this.far = far
    Object.assign(this, { exitCode: null, stdout: null, stderr: null, stdio: [], connected: false })
    const target = Buffer.alloc(64 * 1024)
    far.read({ target: () => target, received: () => true, drained: ignore, ended: ignore })
    setImmediate(() =>
      this.say(bytesOf((writer) => writer.raw(Buffer.of(messageTypes.ready, PROTOCOL_VERSION))))
    )
  }

  ref(): void {}
  unref(): void {}

  say(message: Uint8Array): void {
    if (this.signalCode === null) this.far.write(frame(message))
  }

  kill(): boolean {
    if (this.signalCode !== null) return false
    this.signalCode = 'SIGKILL'
    setImmediate(() => {
      this.far.close()
      this.emit('exit', null, 'SIGKILL')
    })
    return true
  }
}

/** From now on all spaces of this process are such, until `giveBack`. */
export class TakeOver {
  readonly spaces: TakenOver[] = []
  /** Of the last requests to any of them. */
  readonly ids: number[] = []
  private readonly before = { ...starts }
  private readonly add = Object.getOwnPropertyDescriptor(prototype, 'add') as PropertyDescriptor

  constructor() {
    const { ids, spaces } = this
    const add = this.add.value as Pending['add']
    prototype.add = function (this: Pending, sink: PendingFile.RequestSink): number | undefined {
      const id = Reflect.apply(add, this, [sink])
      if (id !== undefined) ids.push(id)
      if (ids.length > MOST_IDS) ids.shift()
      return id
    }
    Object.assign(starts, {
      startProcess: async () => {
        const space = new TakenOver(spaces.length)
        spaces.push(space)
        return { child: space, channel: space.near }
      },
      // What ends spaces with their host must not hear of processes that there are not.
      startCompanion: () => ({ pid: undefined, stdin: null })
    })
  }

  giveBack(): void {
    Object.assign(starts, this.before)
    Object.defineProperty(prototype, 'add', this.add)
  }
}

const ignore = (): void => undefined
