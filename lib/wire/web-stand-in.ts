import { pull, whenLost, type FarStream } from './far-stream.js'
import { Outflow } from './outflow.js'
import type { Pulled } from './stream-end.js'

/** A ReadableStream that stands here for one of the other side. Nothing is asked of that before it is read. */
export function webReadableStandIn(far: FarStream): ReadableStream<unknown> {
  let coming: Promise<Pulled> | undefined
  let fail: (reason: unknown) => void = ignore
  const standIn = new ReadableStream<unknown>(
    {
      start(controller) {
        fail = (reason) => {
          controller.error(reason)
          leave(far, reason).catch(ignore)
        }
      },
      async pull(controller) {
        try {
          let pulled = await (coming ?? pull(far))
          while (pulled.chunks.length === 0 && !pulled.done) pulled = await pull(far)
          // While these are used the next are on their way, and no more.
          coming = pulled.done ? undefined : pull(far)
          coming?.catch(ignore)
          for (const chunk of pulled.chunks) controller.enqueue(chunk)
          if (!pulled.done) return
          far.release()
          controller.close()
        } catch (error) {
          fail(error)
        }
      },
      cancel: (reason) => leave(far, reason)
    },
    { highWaterMark: 0 }
  )
  whenLost(standIn, fail)
  return standIn
}

/** A WritableStream that stands here for one of the other side. */
export function webWritableStandIn(far: FarStream): WritableStream<unknown> {
  let fail: (reason: unknown) => void = ignore
  const outflow = new Outflow(far, (reason) => fail(reason))
  const standIn = new WritableStream<unknown>({
    start(controller) {
      fail = (reason) => {
        controller.error(reason)
        leave(far, reason).catch(ignore)
      }
    },
    write: (chunk) => outflow.write(chunk),
    async close() {
      await outflow.empty()
      await far.ask('end', [])
      far.release()
    },
    abort: (reason) => leave(far, reason)
  })
  whenLost(standIn, fail)
  return standIn
}

async function leave(far: FarStream, reason: unknown): Promise<void> {
  const left = far.ask('destroy', [reason])
  far.release()
  await left
}

const ignore = (): void => undefined
