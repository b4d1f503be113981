const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size as people read it: `0 bytes`, `96 KiB`, `1.4 GiB`. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0
  return `${value.toFixed(digits)} ${units[unit]}`
}
