/**
 * The name that was probably meant, or null where none is close: at most a third of its letters differ.
 * @param most how many letters may differ: more than two are no slip of a finger
 */
export function closestName(written: string, names: Iterable<string>, most = Number.POSITIVE_INFINITY): string | null {
  let best: string | null = null
  let bestDistance = Number.POSITIVE_INFINITY
  for (const name of names) {
    const distance = editDistance(written.toLowerCase(), name.toLowerCase())
    if (distance < bestDistance && distance <= Math.min(most, Math.max(1, Math.floor(name.length / 3)))) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/**
 * How many letters must be inserted, deleted, replaced or swapped with the next one to turn one text into the other.
 */
function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1]
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}
