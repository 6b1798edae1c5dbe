/** Whether nothing can change what is in it, and nothing in it crosses as a reference. */
export function isFlat(list: readonly unknown[]): boolean {
  for (let place = 0; place < list.length; place++) {
    const value = list[place]
    const type = typeof value
    if ((type === 'object' && value !== null) || type === 'function' || type === 'symbol') return false
  }
  return true
}
