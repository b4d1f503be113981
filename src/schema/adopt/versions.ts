import { timestampFault, timestampOf } from '../../migrations/files/migration-name.ts'

/** The longest version that counts as a place in a sequence. */
const longestSequence = 7

/**
 * The versions of wwdb for the versions of another tool, in the same order: timestamps are kept, including those with milliseconds or dashes,
 * and so is a sequence without gaps; all others are numbered from 1. Pure.
 */
export function mapVersions(old: readonly string[]): readonly string[] {
  return keepTimestamps(old) ?? keepSequence(old) ?? number(old)
}

function keepTimestamps(old: readonly string[]): readonly string[] | null {
  const moments = old.map(toTimestamp)
  const whole = moments.filter((one) => one !== null)
  if (whole.length < old.length) return null
  const isRising = whole.every((one, index) => index === 0 || one > (whole[index - 1] ?? ''))
  return isRising ? whole : null
}

function toTimestamp(version: string): string | null {
  const digits = version.replaceAll(/[^\d]/g, '')
  if (digits.length === 14) return timestampFault(digits) === null ? digits : null
  // Milliseconds since the epoch, from 2001 to 2286.
  return /^\d{13}$/.test(version) ? timestampOf(new Date(Number(version))) : null
}

function keepSequence(old: readonly string[]): readonly string[] | null {
  const isSequence = old.every(
    (one, index) =>
      /^\d+$/.test(one) && one.length <= longestSequence && (index === 0 || Number(one) === Number(old[index - 1]) + 1),
  )
  const width = Math.max(4, ...old.map((one) => one.length))
  return isSequence ? old.map((one) => one.padStart(width, '0')) : null
}

function number(old: readonly string[]): readonly string[] {
  const width = Math.max(4, String(old.length).length)
  return old.map((_, index) => String(index + 1).padStart(width, '0'))
}
