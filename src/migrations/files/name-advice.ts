import {
  canonicalVersion,
  momentOf,
  timestampFault,
  timestampOf,
  type VersionScheme,
  versionScheme,
} from './version.ts'

const validName = /^(\d+)_[\p{L}\p{N}][\p{L}\p{N}_-]*\.(sql|ts|js|mjs)$/u

/** What valid versions of a folder's files suggest for those that are named otherwise: its style, and no version twice. */
export class NameAdvice {
  readonly #style: VersionScheme | null
  /** Versions of files and those suggested, without leading zeros. */
  readonly #taken = new Set<string>()
  /** Versions of files that are two of one migration. */
  readonly #pairs = new Map<string, string>()
  readonly #width: number
  #last: string | null

  /** @param fileNames of the whole folder; those that are no migrations are left out */
  constructor(fileNames: Iterable<string>) {
    const versions = [...fileNames].flatMap((name) => validName.exec(name.normalize('NFC'))?.[1] ?? [])
    const timestamps = versions.filter((one) => versionScheme(one) === 'timestamp' && timestampFault(one) === null)
    const sequence = versions.filter((one) => versionScheme(one) === 'sequence')
    for (const version of [...timestamps, ...sequence]) this.#taken.add(canonicalVersion(version))
    this.#style = timestamps.length > 0 ? 'timestamp' : sequence.length > 0 ? 'sequence' : null
    this.#width = Math.max(0, ...sequence.map((one) => one.length))
    this.#last = timestamps.toSorted().at(-1) ?? null
  }

  /** Whether a place in a sequence would fit into this folder. */
  get takesSequence(): boolean {
    return this.#style !== 'timestamp'
  }

  /** The version to write in place of these digits, the same one for each file of a pair. It is suggested to nobody else. */
  suggest(digits: string, pair: string | null = null): string {
    const known = pair === null ? undefined : this.#pairs.get(pair)
    if (known !== undefined) return known
    const version = this.#findFree(digits)
    this.#taken.add(canonicalVersion(version))
    if (pair !== null) this.#pairs.set(pair, version)
    return version
  }

  #findFree(digits: string): string {
    const isSequence = this.#style === null ? versionScheme(digits) === 'sequence' : this.#style === 'sequence'
    return isSequence ? this.#nextPlace(digits) : this.#nextMoment(digits)
  }

  #nextPlace(digits: string): string {
    const isPlace = versionScheme(digits) === 'sequence'
    if (isPlace && !this.#taken.has(canonicalVersion(digits))) return digits.padStart(this.#width, '0')
    const places = [...this.#taken].map(Number)
    return String(Math.max(0, ...places) + 1).padStart(this.#width, '0')
  }

  /** The moment that the digits mean, or the next one that is free; for a place in a sequence, one after the last file. */
  #nextMoment(digits: string): string {
    const isPlace = versionScheme(digits) === 'sequence'
    let moment = isPlace ? (this.#last ?? timestampOf(new Date())) : toMoment(digits)
    while (this.#taken.has(canonicalVersion(moment))) {
      moment = timestampOf(new Date(momentOf(moment).getTime() + 1000))
    }
    if (isPlace) this.#last = moment
    return moment
  }
}

/** 20260131 becomes 20260131000000; a month, day, hour, minute or second that does not exist becomes the nearest one. */
function toMoment(digits: string): string {
  const text = digits.slice(0, 14).padEnd(14, '0')
  const bounds = [
    [4, 1, 12],
    [6, 1, 31],
    [8, 0, 23],
    [10, 0, 59],
    [12, 0, 59],
  ] as const
  const fields = bounds.map(([at, least, most]) => {
    const value = Number(text.slice(at, at + 2))
    return String(Math.min(most, Math.max(least, value))).padStart(2, '0')
  })
  const [month = '01', day = '01', ...time] = fields
  const year = text.slice(0, 4)
  const days = [day, '30', '29', '28'].filter((one) => one <= day)
  const existing = days.find((one) => timestampFault(`${year}${month}${one}${time.join('')}`) === null)
  return `${year}${month}${existing ?? '01'}${time.join('')}`
}
