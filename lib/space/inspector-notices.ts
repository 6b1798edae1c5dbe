import type { WebSocketAddress } from './web-socket.js'

/** What Node's inspector writes to standard error when it opens; the path is a secret that is told nowhere else. */
const listening = /^Debugger listening on ws:\/\/127\.0\.0\.1:(\d{1,5})(\/[\da-f-]{36})\r?$/gm
const LAST_PORT = 65_535

const notice =
  /^(?:Debugger (?:listening|ending) on |Debugger attached\.|Waiting for the debugger to disconnect|Starting inspector on \S+ failed: |For help, see: https:\/\/nodejs\.org\/)/

/** Where an inspector listens, by what it says of itself in this text. A package may have written the same, or worse. */
export function announcedAddress(text: string): WebSocketAddress | undefined {
  for (const [, digits, path = ''] of text.matchAll(listening)) {
    const port = Number(digits)
    if (port > 0 && port <= LAST_PORT) return { port, path }
  }
  return undefined
}

/** Whether a line of standard error is the inspector's and not the program's. */
export function isInspectorNotice(line: string): boolean {
  return notice.test(line)
}

export function withoutInspectorNotices(text: string): string {
  return text
    .split('\n')
    .filter((line) => !isInspectorNotice(line))
    .join('\n')
}
