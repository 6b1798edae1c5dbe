/** Slots of the table, a power of two: it then takes 44 KiB at most, with the texts. */
const SLOTS = 1024
/** Words of four bytes that the longest text takes (SHORT_STRING_LIMIT). */
const WORDS = 8

/**
 * Short texts that come again and again (names of states, currencies, titles), by their bytes: they are found in 10 ns
 * where making one takes 50 (Node 20). A text enters the table when it is seen a second time, so that texts that come
 * once cost little more than without it, and do not push out the others.
 */
export class ShortStrings {
  private readonly texts: string[] = Array<string>(SLOTS).fill('')
  private readonly words = new Int32Array(SLOTS * WORDS)
  /** The hash of the text that was last looked for in vain in a slot. */
  private readonly missed = new Int32Array(SLOTS)

  /** The text of so many Latin-1 bytes, which are there and fewer than SHORT_STRING_LIMIT. */
  read(bytes: Buffer, view: DataView, start: number, length: number): string {
    if (length < 4) return madeOf(bytes, start, start + length)
    // The last word overlaps the one before where the length is no multiple of four.
    const last = start + length - 4
    let hash = length
    for (let place = start; place < last; place += 4) {
      hash = Math.imul(hash ^ view.getInt32(place, true), FACTOR)
      hash ^= hash >>> 15
    }
    hash = Math.imul(hash ^ view.getInt32(last, true), FACTOR)
    const slot = hash >>> SHIFT
    const text = this.texts[slot] as string
    if (text.length === length && this.hasWords(slot, view, start, last)) return text
    const made = madeOf(bytes, start, start + length)
    if (this.missed[slot] === hash) this.keep(slot, view, start, last, made)
    else this.missed[slot] = hash
    return made
  }

  private hasWords(slot: number, view: DataView, start: number, last: number): boolean {
    const { words } = this
    let word = slot * WORDS
    let place = start
    while (place < last) {
      if (words[word++] !== view.getInt32(place, true)) return false
      place += 4
    }
    return words[word] === view.getInt32(last, true)
  }

  private keep(slot: number, view: DataView, start: number, last: number, text: string): void {
    const { words } = this
    let word = slot * WORDS
    for (let place = start; place < last; place += 4) words[word++] = view.getInt32(place, true)
    words[word] = view.getInt32(last, true)
    this.texts[slot] = text
  }
}

const SHIFT = 32 - Math.log2(SLOTS)
/** 2^32 by the golden ratio: it spreads what differs in few bits (Knuth). */
const FACTOR = 0x9e3779b1 | 0

/** A few characters are quicker put together here, four at a time, than by a call into C++ (Node 20 to 26). */
function madeOf(bytes: Buffer, start: number, end: number): string {
  if (end - start > PUT_TOGETHER) return bytes.toString('latin1', start, end)
  let text = ''
  let place = start
  for (; place + 4 <= end; place += 4) {
    text += String.fromCharCode(
      bytes[place] as number,
      bytes[place + 1] as number,
      bytes[place + 2] as number,
      bytes[place + 3] as number
    )
  }
  switch (end - place) {
    case 1:
      return text + String.fromCharCode(bytes[place] as number)
    case 2:
      return text + String.fromCharCode(bytes[place] as number, bytes[place + 1] as number)
    case 3:
      return (
        text +
        String.fromCharCode(bytes[place] as number, bytes[place + 1] as number, bytes[place + 2] as number)
      )
    default:
      return text
  }
}

/** Longest string that is put together character by character. */
const PUT_TOGETHER = 12
