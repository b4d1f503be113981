/** The size of the first chunk of a batch, in keys. */
const firstSize = 1000

/** How many keys the next chunk has. */
export interface Pace {
  readonly size: number
  /** Keys a millisecond, over the last chunks; null before the first one. */
  readonly rate: number | null
}

interface Aim {
  /** Milliseconds that a chunk is to take. */
  readonly time: number
  readonly rows: number | null
}

/** The weight of the previous average against the last chunk. */
const memory = 0.75
const mostGrowth = 1.2

export function startPace({ rows }: Aim): Pace {
  return { size: Math.min(firstSize, rows ?? firstSize), rate: null }
}

/** Steers the size to the time: a moving average, at most a fifth more at a step, and less at once. */
export function steer({ size, rate }: Pace, keys: number, milliseconds: number, aim: Aim): Pace {
  if (keys < 1) return { size, rate }
  const measured = keys / Math.max(milliseconds, 0.01)
  const next = rate === null ? measured : memory * rate + (1 - memory) * measured
  const wanted = Math.min(next * aim.time, Math.max(size * mostGrowth, size + 1), aim.rows ?? Number.POSITIVE_INFINITY)
  return { size: Math.max(1, Math.floor(wanted)), rate: next }
}

/** After a lock wait, a deadlock or a refusal. */
export function halve({ size, rate }: Pace): Pace {
  return { size: Math.max(1, Math.floor(size / 2)), rate }
}
