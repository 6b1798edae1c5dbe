import { openBuffers } from '../raw/buffers.mjs'
import { openItems } from '../raw/items.mjs'
import { openNumbers } from '../raw/numbers.mjs'

const ways = { numbers: openNumbers, buffers: openBuffers, items: openItems }

/**
 * The raw limit: a hand-written program for exactly this work (`values`), without checks, names, errors or limits.
 */
export const open = ({ values, reuse }) => ways[values](reuse)
