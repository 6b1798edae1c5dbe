import { exits } from './exits.mjs'
import { floods } from './floods.mjs'
import { frames } from './frames.mjs'
import { hangs } from './hangs.mjs'
import { limits } from './limits.mjs'
import { loops } from './loops.mjs'
import { orphans } from './orphans.mjs'
import { recycling } from './recycling.mjs'
import { shutdown } from './shutdown.mjs'
import { values } from './values.mjs'

/**
 * The faults by what they are about. A row has:
 * - `name`
 * - `run(scene, row)`: does it, and answers the outcome that the table shows; `call: [function, ...parameters]`,
 *   `timeout`, `options` (of the set) and `pool` (options) are for the runs in shapes.mjs
 * - `gets`: the outcome that is right: `{ answers: value }`, `{ answered: true }`, or members of the error (a list
 *   means one of them, a pattern that it matches), or a list of such, or 'anything' that settles
 * - `within: [from, to]`: ms that the outcome takes
 * - `next: false`: there is no call afterwards, or `next(scene)` does another one; `nextGets`: as `gets`
 * - `closeWithin`: ms that closing may take
 * - `stall`, `growth`: ms and MiB that the host may show
 * - `peers: true`: the peers are put through it, too; they use `module`, `call`, `timeout` and `beside`, the call that is
 *   in flight when `call` is made from a timer;
 *   'processes': only those whose workers are processes
 * - `killsHost`: the host is killed when `run` has answered the numbers of processes that must be gone then
 * - `limits: { descriptors, processes }`: of the host
 * - `skip`: why it cannot be shown here
 * - `long: true`: not in the short form; `alone: true`: measures, so that no other host runs at the time
 */
export const groups = { exits, hangs, values, frames, floods, limits, loops, recycling, shutdown, orphans }

export const rows = Object.entries(groups).flatMap(([group, list]) => list.map((row) => ({ group, ...row })))
