import type { Fault } from '../../core/tool-error.ts'
import { NameAdvice } from './name-advice.ts'
import { sumFileName } from './sum.ts'
import { timestampFault, type VersionScheme, versionScheme } from './version.ts'

/** What the name of a migration's file says. */
export interface MigrationName {
  readonly fileName: string
  readonly kind: 'versioned' | 'repeatable' | 'data'
  /** Digits as written, or `R__name`. */
  readonly version: string
  /** Null for repeatable ones. */
  readonly scheme: VersionScheme | null
  readonly name: string
}

/** Names longer than this do not fit the journal's column together with the version. */
const longestName = 150

const versioned = /^(\d+)_([\p{L}\p{N}][\p{L}\p{N}_-]*)\.(sql|ts|js|mjs)$/u
const repeatable = /^R__([\p{L}\p{N}][\p{L}\p{N}_-]*)\.sql$/u

/** Files that may lie beside migrations and mean nothing to us. */
export function isIgnoredName(fileName: string): boolean {
  return fileName.startsWith('.') || fileName === sumFileName || /^readme(\.md)?$/i.test(fileName)
}

/**
 * Reads a file's name. A fault says what to rename it to, in the style of its folder. `file` is how the file is named to people.
 * @param advice of the folder that the file is in
 */
export function readMigrationName(
  fileName: string,
  file: string,
  advice = new NameAdvice([fileName]),
): MigrationName | Fault {
  const normal = fileName.normalize('NFC')
  const parts = versioned.exec(normal)
  if (parts !== null) return readVersioned(fileName, file, [parts[1] ?? '', parts[2] ?? '', parts[3] ?? ''], advice)
  const name = repeatable.exec(normal)?.[1]
  if (name === undefined) return badName(fileName, file, advice)
  if (name.length > longestName) return longName(file, name)
  return { fileName, kind: 'repeatable', version: `R__${name}`, scheme: null, name }
}

/** True for the fault side of what the readers in this room return. */
export function isFault(value: object): value is Fault {
  return 'what' in value
}

function readVersioned(
  fileName: string,
  file: string,
  [version, name, extension]: readonly [string, string, string],
  advice: NameAdvice,
): MigrationName | Fault {
  const scheme = versionScheme(version)
  if (scheme === null) {
    return {
      what: `${version} is neither a UTC timestamp of 14 digits nor a sequence number of at most 7.`,
      where: { file },
      next: `Rename it to ${advice.suggest(version)}_${name}.${extension}${advice.takesSequence ? ', or use a sequence number such as 0001' : ''}.`,
    }
  }
  const why = scheme === 'timestamp' ? timestampFault(version) : null
  if (why !== null) {
    return {
      what: `The timestamp ${version} is no date: ${why}.`,
      where: { file },
      next: `Rename it to ${advice.suggest(version)}_${name}.${extension}, or another UTC timestamp written as YYYYMMDDhhmmss.`,
    }
  }
  if (name.length > longestName) return longName(file, name)
  return { fileName, kind: extension === 'sql' ? 'versioned' : 'data', version, scheme, name }
}

function longName(file: string, name: string): Fault {
  return {
    what: `The name is ${name.length} characters long, and ${longestName} is the limit.`,
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
      what: 'Up and down are parts of one file here, not two files.',
      where: { file },
      next: `Put both into ${single ?? '<version>_<name>.sql'} under "-- migrate:up" and "-- migrate:down".`,
    }
  }
  const suggestion = suggestedName(fileName, advice)
  return {
    what: `${fileName} is not named like a migration: <version>_<name>.sql (or .ts, .js, .mjs) or R__<name>.sql.`,
    where: { file },
    next: suggestion === null ? 'Rename it, or move it out of the folder.' : `Rename it to ${suggestion}.`,
  }
}

/**
 * The valid name closest to a bad one, or null when there is none to guess: handles the forms of other tools
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
  // Only a name that can be made takes a version away from others.
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

/** Whether a text may be the name of a migration as it stands. */
export function isPlainName(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u.test(text) && text.length <= longestName
}

function named(prefix: string, rest: string, extension: string): string | null {
  const name = plainName(rest)
  return name === null ? null : `${prefix}_${name}.${extension}`
}
