const units: Readonly<Record<string, number>> = {
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
}

/** Settings whose value is a set of letters, which the server puts in an order of its own. */
const letterSets: ReadonlySet<string> = new Set(['notify-keyspace-events'])

/** Settings whose case is the user's own. */
const texts: ReadonlySet<string> = new Set(['cluster-announce-hostname', 'cluster-announce-ip', 'oom-score-adj-values'])

/**
 * A setting's value in the one form that both sides are compared in: sizes in bytes (`64mb` and `67108864` are the same), words in lower case,
 * one blank between words.
 */
export function normaliseSetting(name: string, value: string): string {
  if (letterSets.has(name)) return [...value].sort().join('')
  const words = value
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
  return words.map((word) => (texts.has(name) ? word : normaliseWord(word))).join(' ')
}

function normaliseWord(word: string): string {
  const [, number, unit] = /^(\d+)(b|kb?|mb?|gb?)$/i.exec(word) ?? []
  const factor = units[unit?.toLowerCase() ?? '']
  return number === undefined || factor === undefined ? word.toLowerCase() : String(BigInt(number) * BigInt(factor))
}
