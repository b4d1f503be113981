const spans: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `30s`, `15m`, `12h`, `7d`; `none` for keys that stay; null for what is no duration. */
export function parseLifetime(text: string): number | 'none' | null {
  if (text === 'none') return 'none'
  const [, number, unit] = /^([1-9]\d{0,9})(ms|s|m|h|d)$/.exec(text.trim()) ?? []
  const factor = spans[unit ?? '']
  return number === undefined || factor === undefined ? null : Number(number) * factor
}

const sizes: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

/** Bytes of `512mb`, `2gb`, `0`; null for what is no size. */
export function parseSize(text: string): number | null {
  const [, number, unit] = /^(\d{1,12})\s*(b|kb|mb|gb)?$/i.exec(text.trim()) ?? []
  if (number === undefined || (unit === undefined && Number(number) !== 0)) return null
  return Number(number) * (sizes[unit?.toLowerCase() ?? ''] ?? 1)
}
