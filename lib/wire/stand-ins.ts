import type { FarStream } from './far-stream.js'
import { nodeStandIn } from './node-stand-in.js'
import type { StreamKind } from './stream-kinds.js'
import { webReadableStandIn, webWritableStandIn } from './web-stand-in.js'

/** A stream that stands here for one of the other side. */
export function standInFor(kind: StreamKind, far: FarStream): object {
  switch (kind.flavour) {
    case 'webReadable':
      return webReadableStandIn(far)
    case 'webWritable':
      return webWritableStandIn(far)
    case 'readable':
    case 'writable':
    case 'duplex':
      return nodeStandIn(kind, far)
  }
}
