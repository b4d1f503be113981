import type { Fault } from '../../core/tool-error.ts'

/** A version is a UTC timestamp of 14 digits (`20260131093000`) or a place in a sequence (`0001`). */
export type VersionScheme = 'timestamp' | 'sequence'

const timestampDigits = 14
/** Longer runs of digits are almost always a timestamp with something missing, so they do not count as a sequence. */
const longestSequence = 7

/** Whether a run of digits is a timestamp or a place in a sequence; null when it is neither. */
function versionScheme(version: string): VersionScheme | null {
  if (version.length === timestampDigits) return 'timestamp'
  return version.length <= longestSequence ? 'sequence' : null
}

/** The version without leading zeros: `0012` and `12` are the same place. */
export function canonicalVersion(version: string): string {
  return version.replace(/^0+(?=\d)/, '')
}

/** Why a timestamp of 14 digits is not a valid date and time, as the end of a sentence, or null when it is one. */
export function timestampFault(version: string): string | null {
  const [year, month, day, hour, minute, second] = fields(version)
  if (month < 1 || month > 12) return `month ${pad(month)} does not exist`
  if (day < 1 || day > daysOf(year, month)) return `${pad(year, 4)}-${pad(month)} has no day ${pad(day)}`
  if (hour > 23) return `hour ${pad(hour)} does not exist`
  if (minute > 59) return `minute ${pad(minute)} does not exist`
  if (second > 59) return `second ${pad(second)} does not exist`
  return null
}

/** The UTC timestamp of 14 digits for a moment. */
export function timestampOf(moment: Date): string {
  return moment
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '')
}

/** The moment that a valid timestamp of 14 digits names. */
export function momentOf(timestamp: string): Date {
  const [year, month, day, hour, minute, second] = fields(timestamp)
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second))
}

function fields(timestamp: string): [number, number, number, number, number, number] {
  const at = (from: number, to: number): number => Number(timestamp.slice(from, to))
  return [at(0, 4), at(4, 6), at(6, 8), at(8, 10), at(10, 12), at(12, 14)]
}

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, '0')
}

/** The parts of a migration file's name. */
export interface MigrationName {
  readonly fileName: string
  readonly kind: 'versioned' | 'repeatable' | 'data'
  /** Digits as written, or `R__name`. */
  readonly version: string
  /** Null for repeatable ones. */
  readonly scheme: VersionScheme | null
  readonly name: string
}

/** The file that lists the checksums of a folder's migrations; it is optional. */
export const sumFileName = 'wwdb.sum'

/** The folder beside the migrations with the files that one file replaced. */
export const squashedFolder = 'squashed'

/** Longer names, together with the version, do not fit in the journal's column. */
const longestName = 150

const versioned = /^(\d+)_([\p{L}\p{N}][\p{L}\p{N}_-]*)\.(sql|ts|js|mjs)$/u
/** Asked first: V8 takes milliseconds to compile the letters of all scripts, at every start. */
const plainVersioned = /^(\d+)_([A-Za-z0-9][\w-]*)\.(sql|ts|js|mjs)$/
const repeatable = /^R__([\p{L}\p{N}][\p{L}\p{N}_-]*)\.sql$/u

/** Files that may lie beside migrations and are ignored. */
export function isIgnoredName(fileName: string): boolean {
  return fileName.startsWith('.') || fileName === sumFileName || /^readme(\.md)?$/i.test(fileName)
}

/**
 * Parses a file's name. A fault says what to rename it to, in the style of its folder. `file` is the file's name in messages.
 * @param advice of the folder that the file is in; asked for only where a name is wrong
 */
export function readMigrationName(
  fileName: string,
  file: string,
  advice: () => NameAdvice = () => new NameAdvice([fileName]),
): MigrationName | Fault {
  const normal = fileName.normalize('NFC')
  const parts = plainVersioned.exec(normal) ?? versioned.exec(normal)
  if (parts !== null) return readVersioned(fileName, file, [parts[1] ?? '', parts[2] ?? '', parts[3] ?? ''], advice)
  const name = repeatable.exec(normal)?.[1]
  if (name === undefined) return badName(fileName, file, advice())
  if (name.length > longestName) return longName(file, name)
  return { fileName, kind: 'repeatable', version: `R__${name}`, scheme: null, name }
}

/** True for the fault side of what the readers in this folder return. */
export function isFault(value: object): value is Fault {
  return 'what' in value
}

function readVersioned(
  fileName: string,
  file: string,
  [version, name, extension]: readonly [string, string, string],
  advice: () => NameAdvice,
): MigrationName | Fault {
  const scheme = versionScheme(version)
  if (scheme === null) {
    const { takesSequence } = advice()
    return {
      what: `${version} is neither a UTC timestamp of 14 digits nor a sequence number of at most 7.`,
      where: { file },
      next: `Rename it to \`${advice().suggest(version)}_${name}.${extension}\`${takesSequence ? ', or use a sequence number such as 0001' : ''}.`,
    }
  }
  const why = scheme === 'timestamp' ? timestampFault(version) : null
  if (why !== null) {
    return {
      what: `The timestamp ${version} is not a date: ${why}.`,
      where: { file },
      next: `Rename it to \`${advice().suggest(version)}_${name}.${extension}\`, or another UTC timestamp written as YYYYMMDDhhmmss.`,
    }
  }
  if (name.length > longestName) return longName(file, name)
  return { fileName, kind: extension === 'sql' ? 'versioned' : 'data', version, scheme, name }
}

function longName(file: string, name: string): Fault {
  return {
    what: `The name has ${name.length} characters; the limit is ${longestName}.`,
    where: { file },
    next: 'Shorten it.',
  }
}

function badName(fileName: string, file: string, advice: NameAdvice): Fault {
  const direction = /\.(up|down)\.sql$/i.exec(fileName)?.[1]?.toLowerCase()
  if (direction !== undefined) {
    const joined = fileName.replace(/\.(up|down)\.sql$/i, '.sql')
    const single = suggestedName(joined, advice, joined)
    return {
      what: 'Up and down must be parts of one file, not two files.',
      where: { file },
      next: `Put both into ${single ?? '<version>_<name>.sql'} under "-- migrate:up" and "-- migrate:down".`,
    }
  }
  const suggestion = suggestedName(fileName, advice)
  return {
    what: `\`${fileName}\` is not the name of a migration: <version>_<name>.sql (or .ts, .js, .mjs) or R__<name>.sql.`,
    where: { file },
    next: suggestion === null ? 'Rename it, or move it out of the folder.' : `Rename it to \`${suggestion}\`.`,
  }
}

/**
 * The valid name closest to a bad one, or null when there is none to guess: it handles the forms of other tools
 * (`V1__name.sql`, `1-name.sql`, `1.name.sql`), capital extensions, spaces and signs.
 */
function suggestedName(fileName: string, advice: NameAdvice, pair: string | null = null): string | null {
  const dot = fileName.lastIndexOf('.')
  const extension = dot < 0 ? '' : fileName.slice(dot + 1).toLowerCase()
  if (!/^(sql|ts|js|mjs|cjs|mts|cts)$/.test(extension)) return null
  const stem = fileName.slice(0, dot).normalize('NFC')
  const kept = extension.replace('cjs', 'js').replace(/^[mc]ts$/, 'ts')
  const again = /^r_+(.*)$/i.exec(stem)?.[1]
  if (again !== undefined) return named('R_', again, 'sql')
  const match = /^v?(\d+)[^\p{L}\p{N}]*(.*)$/iu.exec(stem)
  const digits = match?.[1]
  const rest = match?.[2] ?? ''
  // Only a name that can be created takes a version away from others.
  return digits === undefined || plainName(rest) === null ? null : named(advice.suggest(digits, pair), rest, kept)
}

/** Words of letters and digits, joined by underscores; null when nothing is left. */
export function plainName(text: string): string | null {
  const name = text
    .normalize('NFC')
    .trim()
    .replace(/[^\p{L}\p{N}_-]+/gu, '_')
    .replace(/^[_-]+|[_-]+$/g, '')
  return name === '' ? null : name.slice(0, longestName)
}

/** Whether a text may be the name of a migration as it is. */
export function isPlainName(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u.test(text) && text.length <= longestName
}

function named(prefix: string, rest: string, extension: string): string | null {
  const name = plainName(rest)
  return name === null ? null : `${prefix}_${name}.${extension}`
}

/** Suggests versions for files with invalid names, based on the folder's valid ones: its style, and no version twice. */
export class NameAdvice {
  readonly #style: VersionScheme | null
  /** Versions of files and suggested ones, without leading zeros. */
  readonly #taken = new Set<string>()
  /** Times that are taken, and a later one before which none is free: many files may mean the same one. */
  readonly #later = new Map<string, string>()
  #highest = 0
  /** Versions of files that come in pairs for one migration. */
  readonly #pairs = new Map<string, string>()
  readonly #width: number
  #last: string | null

  /** @param fileNames of the whole folder; those that are not migrations are left out */
  constructor(fileNames: Iterable<string>) {
    const versions = [...fileNames].flatMap((name) => versioned.exec(name.normalize('NFC'))?.[1] ?? [])
    const timestamps = versions.filter((one) => versionScheme(one) === 'timestamp' && timestampFault(one) === null)
    const sequence = versions.filter((one) => versionScheme(one) === 'sequence')
    for (const version of [...timestamps, ...sequence]) this.#take(version)
    this.#style = timestamps.length > 0 ? 'timestamp' : sequence.length > 0 ? 'sequence' : null
    this.#width = Math.max(0, ...sequence.map((one) => one.length))
    this.#last = timestamps.toSorted().at(-1) ?? null
  }

  /** Whether a place in a sequence would fit into this folder. */
  get takesSequence(): boolean {
    return this.#style !== 'timestamp'
  }

  /** The version to write in place of these digits, the same for both files of a pair. It is suggested for no other file. */
  suggest(digits: string, pair: string | null = null): string {
    const known = pair === null ? undefined : this.#pairs.get(pair)
    if (known !== undefined) return known
    const version = this.#findFree(digits)
    this.#take(version)
    if (pair !== null) this.#pairs.set(pair, version)
    return version
  }

  #take(version: string): void {
    this.#taken.add(canonicalVersion(version))
    this.#highest = Math.max(this.#highest, Number(version))
  }

  #findFree(digits: string): string {
    const isSequence = this.#style === null ? versionScheme(digits) === 'sequence' : this.#style === 'sequence'
    return isSequence ? this.#nextPlace(digits) : this.#nextMoment(digits)
  }

  #nextPlace(digits: string): string {
    const isPlace = versionScheme(digits) === 'sequence'
    if (isPlace && !this.#taken.has(canonicalVersion(digits))) return digits.padStart(this.#width, '0')
    return String(this.#highest + 1).padStart(this.#width, '0')
  }

  /** The time that the digits mean, or the next free one; for a place in a sequence, one after the last file. */
  #nextMoment(digits: string): string {
    const isPlace = versionScheme(digits) === 'sequence'
    let moment = isPlace ? (this.#last ?? timestampOf(new Date())) : toMoment(digits)
    const passed: string[] = []
    while (this.#taken.has(canonicalVersion(moment))) {
      passed.push(moment)
      moment = this.#later.get(moment) ?? timestampOf(new Date(momentOf(moment).getTime() + 1000))
    }
    for (const one of passed) this.#later.set(one, moment)
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
