// The section `doctor` of the configuration: what `wwdb doctor` checks, and what it ignores.
import * as z from 'zod/mini'
import { longestTimer, parseDuration } from '../core/duration.ts'
import { checkedText, described, type Objection, quoteWhy } from './schema-parts.ts'

/** What `wwdb doctor` checks, and what it ignores. */
export interface DoctorConfig {
  /** Checks whose findings are expected, with the reason, in the order of the file. */
  readonly ignore: readonly { readonly code: string; readonly reason: string }[]
  /** A shell command that prints the time of the last backup; null where there is none. */
  readonly backup: string | null
  /** Milliseconds that the last backup may be old. */
  readonly backupAge: number
  /** True where tables and logs must be encrypted on disk. */
  readonly encryption: boolean
  /** The fraction of a disk that must be free, from 0 to 1. */
  readonly freeDisk: number
  /** Milliseconds that a transaction may be open. */
  readonly longTransaction: number
}

/** `doctor` of the configuration file. */
export const doctor = z.strictObject({
  ignore: described(
    'Checks whose findings are expected: the reason for each, by its code.',
    z.optional(z.record(z.string().check(z.regex(/^[a-z][a-z-]*$/)), checkedText(objectToReason))),
  ),
  backup: described(
    'A shell command that prints the time of the last backup: ISO 8601, or seconds since 1970.',
    z.optional(checkedText(objectToCommand)),
  ),
  backupAge: described('Maximum age of the last backup: "26h".', z.optional(checkedText(objectToLength))),
  encryption: described('True if tables and logs must be encrypted on disk.', z.optional(z.boolean())),
  freeDisk: described('The share of a disk that must be free: "10%".', z.optional(checkedText(objectToShare))),
  longTransaction: described('Maximum age of an open transaction: "5m".', z.optional(checkedText(objectToLength))),
})

/** The keys that are known at a depth, in segments below the top. */
export function doctorKeys(depth: number): readonly string[] {
  return depth === 1 ? Object.keys(doctor.shape) : []
}

const ignoring = /^doctor\.ignore\.([a-z-]+)$/

/** Paths of the codes that any layer ignores. */
export function ignorePaths(layers: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
  return [...new Set(layers.flatMap((layer) => [...layer.keys()].filter((path) => ignoring.test(path))))]
}

function objectToReason(text: string): Objection {
  if (text.trim() !== '') return null
  return { why: 'is empty', next: 'Write why the finding is expected.' }
}

function objectToCommand(text: string): Objection {
  return text.trim() === '' ? { why: 'is empty', next: 'Write a command such as "cat /var/backups/mysql/last".' } : null
}

function objectToLength(text: string): Objection {
  const outcome = parseDuration(text, longestTimer)
  if (outcome.type === 'duration') return null
  return quoteWhy(
    text,
    outcome.type === 'none' ? { why: 'which is not a duration', next: 'Write `26h` or `5m`.' } : outcome,
  )
}

function objectToShare(text: string): Objection {
  return /^(?:100|\d{1,2})%$/.test(text)
    ? null
    : quoteWhy(text, { why: 'which is not a percentage', next: 'Write "10%".' })
}

/**
 * The configuration of `wwdb doctor`.
 * @param ignored the paths of what is ignored
 */
export function resolveDoctor(
  ignored: readonly string[],
  read: (path: string) => string | null,
  isOn: (path: string) => boolean,
): DoctorConfig {
  const ignore = ignored.flatMap((path) => {
    const reason = read(path)
    return reason === null ? [] : [{ code: path.slice('doctor.ignore.'.length), reason }]
  })
  return {
    ignore,
    backup: read('doctor.backup'),
    backupAge: readLength(read('doctor.backupAge')),
    encryption: isOn('doctor.encryption'),
    freeDisk: Number(/^\d+/.exec(read('doctor.freeDisk') ?? '')?.[0] ?? 0) / 100,
    longTransaction: readLength(read('doctor.longTransaction')),
  }
}

function readLength(text: string | null): number {
  const outcome = parseDuration(text ?? '')
  return outcome.type === 'duration' ? outcome.milliseconds : 0
}
