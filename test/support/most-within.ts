/** ms by which sums of floating numbers may differ. */
const ROUNDING = 1e-6

/** The most of these moments that lie within less than so many ms, wherever one looks. */
export function mostWithin(moments: readonly number[], period: number): number {
  const inOrder = [...moments].sort((left, right) => left - right)
  let most = 0
  let first = 0
  inOrder.forEach((moment, index) => {
    while (moment - (inOrder[first] as number) >= period - ROUNDING) first++
    most = Math.max(most, index - first + 1)
  })
  return most
}
