import { ProtocolViolation } from '../wire/byte-reader.js'
import { REPORT_EVERY } from '../wire/protocol-limits.js'

/** The first one, which follows nothing, and one for the difference between two looks at the clock. */
const SPARE = 2

/**
 * How often a space may report its memory: once for each package it loads, and once in REPORT_EVERY of its life. The
 * whole of its life counts, so that a host which was stopped may find many of them at once and holds none against it.
 */
export class Reports {
  private expected = SPARE
  private came = 0

  /** `uptime`: ms since the start of its process. */
  constructor(private readonly uptime: () => number) {}

  /** It is to load a package. */
  expect(): void {
    this.expected++
  }

  /** One has come. Throws a ProtocolViolation when it had none left. */
  count(): void {
    if (++this.came <= this.expected + this.uptime() / REPORT_EVERY) return
    throw new ProtocolViolation('more reports of memory than it may send')
  }
}
