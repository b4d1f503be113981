/**
 * Orders versions of migrations: digits by number, of any length (`9` before `10`, timestamps of 14 digits after any
 * sequence); names of repeatable migrations come after all of them, by text.
 */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [isNumber(left), isNumber(right)]
  if (a !== b) return a ? -1 : 1
  if (!a) return left < right ? -1 : left > right ? 1 : 0
  if (left.length === right.length) return left < right ? -1 : left > right ? 1 : 0
  const [x, y] = [left.replace(/^0+/, ''), right.replace(/^0+/, '')]
  if (x.length !== y.length) return x.length - y.length
  return x < y ? -1 : x > y ? 1 : 0
}

function isNumber(version: string): boolean {
  return /^\d+$/.test(version)
}

/**
 * Orders versions of servers and programs by their numbers: `8.0.9` before `8.0.11`, `8.4` as `8.4.0`. A suffix is ignored:
 * `8.0.12-debug` is `8.0.12`.
 */
export function compareServerVersions(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)]
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** True where a server's version is the floor or later. */
export function isAtLeast(version: string, floor: string): boolean {
  return compareServerVersions(version, floor) >= 0
}

function numbersOf(version: string): readonly number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '0').split('.').map(Number)
}
