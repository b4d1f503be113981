/** True when `8.0.12` comes before the version given by its three numbers; false where the server is not known. */
export function isBefore(version: string | undefined, major: number, minor: number, patch: number): boolean {
  if (version === undefined) return false
  const parts = version.split('.').map((part) => Number.parseInt(part, 10))
  const wanted = [major, minor, patch]
  for (const [index, number] of wanted.entries()) {
    const difference = (parts[index] ?? 0) - number
    if (difference !== 0) return difference < 0
  }
  return false
}
