import type { StdioOptions } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'

/** Of a pipe both ends are open here until the child has its own. Another pair tells whether the program could be run. */
const ENDS = 2

/**
 * Throws, as the system does (EMFILE, ENFILE), unless so many descriptors are free as it takes to start a process with
 * these pipes. When the last of them are missing, `spawn` of Node fails and forgets those that it has opened: two or
 * three are lost for ever each time. To open and close six takes 40 us, and the start of a space 20 ms (Node 20).
 */
export function needDescriptors(stdio: StdioOptions): void {
  if (process.platform === 'win32' || !Array.isArray(stdio)) return
  const pipes = stdio.filter((one) => one === 'pipe' || one === 'ipc').length
  const open: number[] = []
  try {
    while (open.length < (pipes + 1) * ENDS) open.push(openSync(devNull, 'r'))
  } finally {
    for (const descriptor of open) closeSync(descriptor)
  }
}
