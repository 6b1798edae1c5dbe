/**
 * What the host starts Node with so that it can open the inspector of a space that hangs: at any free port, and at a
 * path that it tells on standard error alone. They open nothing. The program in the space takes them out of
 * `process.execArgv` again, since node:cluster would hand on the port, counted up, to processes of a package's own.
 */
export const INSPECTOR_FLAGS: readonly string[] = [
  '--inspect-port=127.0.0.1:0',
  '--inspect-publish-uid=stderr'
]
