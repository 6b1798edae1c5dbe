/** The value below which the part `part` (0 to 1) of the sorted values lies. */
export const quantile = (sorted, part) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Half the way from the smallest to the largest value, as a part of the median. */
export const spread = (values) => (Math.max(...values) - Math.min(...values)) / 2 / median(values)

/**
 * How many times `base` the `values` are: the median of the ratios of each round. The rounds are interleaved, so
 * what slowed the machine in one round slowed both.
 */
export const ratio = (values, base) => median(values.map((value, round) => value / base[round]))
