/**
 * What the bytes stand for that say what a message is, as those in tags.ts say it of a value. What the messages mean, and
 * their fields, are in messages.ts.
 */

/** The first byte of each message. */
export const messageTypes = {
  hello: 1,
  ready: 2,
  add: 3,
  call: 4,
  cancel: 5,
  collect: 6,
  stop: 7,
  report: 8,
  trouble: 9,
  result: 10,
  failure: 11,
  refused: 12,
  invoke: 13,
  release: 14,
  ping: 16,
  script: 17,
  outcome: 18,
  begun: 20
} as const
/** No message of its own: the number of a parcel, how many parts, the size of each, and what comes with it. */
export const PARCEL = 15
/**
 * Host to space: before a call or a script, whose type follows, the contexts it is made in. A number and so many Bodies;
 * then the message; and if that is a script a number for each step: 0 for none, else the place of its context and 1.
 * A context is what the program has registered to travel along. Without one nothing of this is there.
 */
export const WITHIN = 19
/**
 * Both ways, right behind an `invoke` with a negative id or behind another one of these, and in the same batch: that
 * function again, under the next id. Its parameters are all there is: how many, and each, as in the Body of that
 * `invoke`, live if that was. A batch that is a stream of callbacks is half as long, and read in half the time
 * (bench/limits/callbacks.md).
 */
export const AGAIN = 21
/** Added to the byte that says what a step does, when its outcome is wanted. */
export const WANTED = 0x80
/** The same, when its path is in a target. */
export const KNOWN = 0x40
/** By their places on the wire. */
export const baseKinds = ['root', 'reference', 'step'] as const
export const outcomeStates = ['value', 'failed', 'refused'] as const
