/**
 * Orders versions of digits by number, whatever their length (`9` before `10`, timestamps of 14 digits after any
 * sequence); names of repeatable migrations come after all of them, by text.
 */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [isNumber(left), isNumber(right)]
  if (a !== b) return a ? -1 : 1
  if (!a) return left < right ? -1 : left > right ? 1 : 0
  const [x, y] = [left.replace(/^0+/, ''), right.replace(/^0+/, '')]
  if (x.length !== y.length) return x.length - y.length
  return x < y ? -1 : x > y ? 1 : 0
}

function isNumber(version: string): boolean {
  return /^\d+$/.test(version)
}
