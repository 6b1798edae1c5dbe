/** Where sockets and servers come from that the host moves here. */
export interface Arrivals {
  /** `arrived`: without a thing it could not be sent. `ended`: nothing more can come. */
  listen(arrived: (number: number, thing: object | undefined) => void, ended: () => void): void
}

type IpcProcess = Pick<NodeJS.Process, 'on' | 'channel' | 'connected'>

/** Node's own IPC channel, which is there with the option `handles`. It does not keep the space alive. */
export function ipcArrivals(ipc: IpcProcess): Arrivals {
  return {
    listen(arrived, ended) {
      if (!ipc.connected) return ended()
      ipc.channel?.unref()
      ipc.on('disconnect', ended)
      ipc.on('message', (message: unknown, thing: unknown) => {
        const { spacepoolHandle: number } = Object(message) as { spacepoolHandle?: unknown }
        if (typeof number === 'number') {
          arrived(number, Object(thing) === thing ? (thing as object) : undefined)
        }
      })
    }
  }
}

/** Closes what came for nobody. */
export function closeArrived(thing: object | undefined): void {
  const { destroy, close } = (thing ?? {}) as { destroy?: unknown; close?: unknown }
  const end = typeof destroy === 'function' ? destroy : close
  if (typeof end === 'function') Reflect.apply(end, thing, [])
}
