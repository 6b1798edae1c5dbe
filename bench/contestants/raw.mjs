import { openBuffers } from '../raw/buffers.mjs'
import { openNumbers } from '../raw/numbers.mjs'

/** The raw limit: a hand-written echo for exactly this work, without checks, names, errors or limits. */
export const open = ({ binary, reuse }) => (binary ? openBuffers(reuse) : openNumbers())
