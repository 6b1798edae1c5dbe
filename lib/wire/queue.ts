/** First in, first out. Unlike an array it stays fast however long it gets. */
export class Queue<T> {
  private members: (T | undefined)[] = []
  private head = 0

  get length(): number {
    return this.members.length - this.head
  }

  get first(): T | undefined {
    return this.members[this.head]
  }

  push(member: T): void {
    this.members.push(member)
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined
    const member = this.members[this.head]
    this.members[this.head++] = undefined
    if (this.head === this.members.length) this.clear()
    else if (this.head > 1024 && this.head * 2 > this.members.length) this.moveToFront()
    return member
  }

  clear(): void {
    this.members = []
    this.head = 0
  }

  private moveToFront(): void {
    this.members = this.members.slice(this.head)
    this.head = 0
  }
}
