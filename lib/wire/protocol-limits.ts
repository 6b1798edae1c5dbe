import { ATTACHMENTS_LIMIT, INLINE_LIMIT } from './tags.js'

/** How large and how many the parts of the protocol may be. The limits of single values are in tags.ts. */

/** A batch is sent when it has grown this large, whatever the number of its messages. */
export const BATCH_LIMIT = 64 * 1024
/** A larger message travels as a parcel. What has room beside its largest value is no reason for one. */
export const MESSAGE_LIMIT = INLINE_LIMIT + 4096
/**
 * Bytes of a parcel in one frame. Beside a value of 64 MiB the 99th percentile of a small call is then 2 to 5 ms; 256
 * KiB bring 1 to 3 ms and a tenth less throughput, 1 MiB 5 to 9 ms (Node 20, `npm run bench -- neighbour buffers`).
 */
export const CHUNK_SIZE = 512 * 1024
/** Parts of one parcel at most: one message and its attachments. */
export const PARTS_LIMIT = 1 + ATTACHMENTS_LIMIT
/** A message that has attachments and is no larger comes with the announcement: one chunk less to write and to read. */
export const ANNOUNCED_LIMIT = 4096
/** Parcels that are announced and not complete. */
export const PARCELS_LIMIT = 1024
/** Steps of one script at most: those of one chain, and of those whose steps alternate with them. */
export const SCRIPT_LIMIT = 100_000
/**
 * Bytes of what may come unasked at any rate, and what its objects may weigh: a Set whose members collide in V8's table
 * takes a time that grows by the square, 2 ms within this weight and 170 ms within these bytes (Node 20).
 */
export const UNASKED_LIMIT = 64 * 1024
export const UNASKED_WEIGHT = 64 * 1024
/** ms between two reports of memory. */
export const REPORT_EVERY = 1000
/** Requests of one side that wait for an answer at most, and so many invocations. A power of two. */
export const UNANSWERED_LIMIT = 2 ** 20
/** Targets in a connection's table at most; further ones are written out each time. */
export const TARGET_LIMIT = 1024
/**
 * Bytes that the scripts which one side has not answered may take in it, beside one value of any size: beyond that nothing
 * more is read from the other one until some are answered. A larger one counts for so many.
 */
export const UNANSWERED_WEIGHT = 64 * 1024 * 1024
/** Bytes that a script takes until it is answered, and each of its steps, beside what it came with (Node 20). */
export const SCRIPT_WEIGHT = 1024
export const STEP_WEIGHT = 1536
