const HARMLESS =
  /^(PATH|HOME|USER|TMPDIR|TEMP|TMP|TZ|LANG|LC_.*|NODE_ENV|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT)$/i

/**
 * The environment of everybody who is measured. No more than spaces get by default, because a process starts slower
 * with some variables (NODE_EXTRA_CA_CERTS costs 29 ms), and others are there only because npm started us.
 */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => HARMLESS.test(name))
)
