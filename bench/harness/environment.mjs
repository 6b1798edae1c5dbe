/**
 * The environment of everybody who is measured: that of this process without what would slow each start
 * (NODE_EXTRA_CA_CERTS costs 29 ms), change the runtime, or is there only because npm started us.
 */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|NODE_V8_COVERAGE|npm_.*|INIT_CWD)$/.test(name)
  )
)
