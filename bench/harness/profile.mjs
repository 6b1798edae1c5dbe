import { fileURLToPath } from 'node:url'

/** Where profiles are written. */
export const profiles = fileURLToPath(new URL('../profiles', import.meta.url))

/** The Node flags that make a process write its CPU profile at its end, into bench/profiles. */
export const profileFlags = (name) => [
  '--cpu-prof',
  `--cpu-prof-dir=${profiles}`,
  `--cpu-prof-name=${name}-${process.pid}-${Date.now()}.cpuprofile`
]
