const units: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
  ['tb', 1024 ** 4],
  ['pb', 1024 ** 5],
])

/**
 * Bytes of `512mb`, `2 GB`, `50gb`, `96 KiB`, `0`; null for anything else. Units are powers of 1024, as in Redis and Elasticsearch.
 * A number other than zero needs its unit.
 */
export function parseSize(text: string): number | null {
  const [, number, unit] = /^(\d{1,15})\s*([kmgtp]?i?b)?$/i.exec(text.trim()) ?? []
  if (number === undefined) return null
  if (unit === undefined) return Number(number) === 0 ? 0 : null
  const factor = units.get(unit.toLowerCase().replace('i', ''))
  return factor === undefined ? null : Number(number) * factor
}

const names = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size for people: `0 bytes`, `96 KiB`, `1.4 GiB`. */
export function formatSize(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < names.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0
  return `${value.toFixed(digits)} ${names[unit]}`
}
