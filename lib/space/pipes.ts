import { ProtocolViolation } from '../wire/byte-reader.js'
import { now } from '../wire/clock.js'
import { Connection } from '../wire/connection.js'
import type { ConnectionLimits } from '../wire/connection-owner.js'
import { UNSENT_LIMIT } from '../wire/invocations.js'
import { HandleChannel } from './handle-channel.js'
import { HostSide, type SpeakingSpace } from './host-side.js'
import { Output } from './output.js'
import type { Schedule } from './schedule.js'
import type { StartedProcess } from './start-process.js'

/** The space whose process is at the other end. */
export interface PipedSpace extends SpeakingSpace {
  readonly schedule: Schedule
  /** It sent what no space sends. */
  violated(violation: ProtocolViolation): void
}

/** ms after the exit in which what was sent before it is still read. */
const LAST_FRAMES = 50

/** All that leads from a process to this one: its connection, what it prints, and Node's own channel where it has one. */
export class Pipes {
  readonly output: Output
  readonly connection: Connection
  private readonly mover: HandleChannel

  constructor(
    private readonly space: PipedSpace,
    { child, channel }: StartedProcess,
    limits: ConnectionLimits
  ) {
    const { schedule } = space
    const listener = {
      onLine: (stream: 'stdout' | 'stderr', line: string) => space.owner.output(stream, line),
      onDropped: (lines: number) => space.owner.outputDropped(lines)
    }
    this.output = new Output(child, listener, { now, schedule })
    this.mover = new HandleChannel(child, (what) => space.violated(new ProtocolViolation(what)), now)
    const side = new HostSide(space, this.mover)
    this.connection = new Connection(channel, side, { ...limits, maxUnsent: UNSENT_LIMIT })
  }

  /** The process has exited: settles when what it sent and printed before that is read, `frames` included. */
  read(frames: Promise<void>): Promise<unknown> {
    const read = Promise.all([frames, this.output.ended])
    const late = new Promise<void>((resolve) => this.space.schedule(LAST_FRAMES, resolve))
    return Promise.race([read, late])
  }

  close(): void {
    this.output.close()
    this.mover.close()
    this.connection.close()
  }
}
