const NEWLINE = 10
const RETURN = 13
const NOTHING = Buffer.alloc(0)

/** Cuts what comes in chunks into lines. Lines that are too long are cut again, between two characters. */
export class Lines {
  /** The line that has not ended yet. */
  private begun: Buffer = NOTHING

  constructor(
    private readonly longest: number,
    private readonly onLine: (line: string) => void
  ) {}

  /** Hands on about so many lines, and answers how many it left out after those. */
  push(chunk: Buffer, most: number): number {
    let start = 0
    let left = most
    while (left > 0 && start < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, start)
      const end = newline === -1 ? chunk.length : newline
      left -= this.add(chunk.subarray(start, end))
      if (newline !== -1) left -= this.end()
      start = end + 1
    }
    const skipped = start < chunk.length ? this.skip(chunk.subarray(start)) : 0
    // The chunk is much larger than what is kept of it.
    if (this.begun.length > 0) this.begun = Buffer.from(this.begun)
    return skipped
  }

  /** Hands on the line that has begun, and answers how many lines these are: one, even if it is empty. */
  end(): number {
    const line = this.begun
    this.begun = NOTHING
    return this.hand(line.at(-1) === RETURN ? line.subarray(0, -1) : line)
  }

  /** The last line may lack its end. */
  close(): void {
    if (this.begun.length > 0) this.end()
  }

  /** Goes on with the line that has begun, hands on the parts that it has too much, and answers how many. */
  private add(part: Buffer): number {
    let line = this.begun.length === 0 ? part : Buffer.concat([this.begun, part])
    let handed = 0
    while (line.length > this.longest) {
      const end = endOfCharacters(line, this.longest)
      handed += this.hand(line.subarray(0, end))
      line = line.subarray(end)
    }
    this.begun = line
    return handed
  }

  private skip(bytes: Buffer): number {
    let count = 0
    // With short lines, as floods have, this is much faster than indexOf.
    for (let place = 0; place < bytes.length; place++) if (bytes[place] === NEWLINE) count++
    const rest =
      count === 0 ? Buffer.concat([this.begun, bytes]) : bytes.subarray(bytes.lastIndexOf(NEWLINE) + 1)
    const long = rest.length > this.longest
    this.begun = long ? NOTHING : rest
    return long ? count + 1 : count
  }

  private hand(line: Buffer): number {
    this.onLine(line.toString('utf8'))
    return 1
  }
}

/** The last place up to `end` where no UTF-8 character is cut. */
function endOfCharacters(bytes: Buffer, end: number): number {
  for (let place = end; place > end - 4 && place > 0; place--) {
    if (((bytes[place] ?? 0) & 0xc0) !== 0x80) return place
  }
  return end
}
