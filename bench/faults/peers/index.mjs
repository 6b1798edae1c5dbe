/** The peers in the order of the tables, and where their workers run. */
export const peers = [
  { name: 'jest-worker', runsIn: 'process' },
  { name: 'tinypool', runsIn: 'process' },
  { name: 'workerpool', runsIn: 'process' },
  { name: 'poolifier', runsIn: 'process' },
  { name: 'worker-farm', runsIn: 'process' },
  { name: 'piscina', runsIn: 'thread' }
]

/** Whether a row can be expressed with a peer. */
export const concerns = ({ runsIn }, row) =>
  row.peers === true || (row.peers === 'processes' && runsIn === 'process')
