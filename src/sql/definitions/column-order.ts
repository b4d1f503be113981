/**
 * The names that may stay where they are while the others are moved: a longest common subsequence, so that as few columns
 * as possible are touched. Both lists hold the same names.
 */
export function longestRun(present: readonly string[], wanted: readonly string[]): readonly string[] {
  const placeOf = new Map(wanted.map((name, place) => [name, place]))
  const places = present.map((name) => placeOf.get(name) ?? -1)
  // Longest increasing subsequence; a table has at most 4096 columns, and rarely fifty.
  const lengths: number[] = []
  const previous: number[] = []
  for (const [at, place] of places.entries()) {
    let best = -1
    for (let before = 0; before < at; before += 1) {
      const isSmaller = (places[before] ?? 0) < place
      if (isSmaller && (lengths[before] ?? 0) > (lengths[best] ?? 0)) best = before
    }
    lengths.push((lengths[best] ?? 0) + 1)
    previous.push(best)
  }
  const run: string[] = []
  let at = lengths.indexOf(Math.max(...lengths, 0))
  while (at >= 0) {
    run.unshift(present[at] ?? '')
    at = previous[at] ?? -1
  }
  return run
}
