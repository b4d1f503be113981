import type { Target } from '../../core/target.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { JournalSnapshot } from './rows.ts'

/** One pass of the journal as the record of the schema has it: both are written in one transaction. */
export interface PassHead {
  readonly pass: number
  readonly version: string
  readonly name: string
  readonly kind: string
  readonly direction: string
  /** Statements that were closed then. */
  readonly closed: number
}

/** What the record of the schema, `wwdb_schema`, knows about the journal. */
export interface RecordMark {
  /** The latest pass of the journal then. */
  readonly through: number
  /** For passes that were incomplete then, how many statements were closed. */
  readonly partial: ReadonlyMap<number, number>
  /** In the order of their numbers; a record of an earlier wwdb has none. */
  readonly copies: readonly PassHead[]
}

/** Runs in `wwdb_runs` that ended well and must have left rows in the journal. */
export interface RecordedRuns {
  readonly count: number
  /** When the last one began: UTC, as `YYYY-MM-DD HH:MM:SS.ffffff`. */
  readonly last: string
}

/** The setting of the journal that says that the target has a record of its schema: it is written with the first record. */
export const recordSetting = 'record'

/**
 * Whether the run that began the record was killed after its last statement, before it recorded anything: its table exists, and the journal does not know of a
 * lost record. Pure.
 */
export function isBegunOnly({ mark, passes, settings, tables = [], hasRecordTable }: JournalSnapshot): boolean {
  const hasTable = hasRecordTable ?? tables.some(({ name }) => name === 'wwdb_schema')
  return mark === null && hasTable && passes.length > 0 && !settings.has(recordSetting)
}

/** The copies whose passes the journal does not have in the same form: missing, changed, or with fewer statements. Pure. */
export function findLostPasses({ passes, mark }: Pick<JournalSnapshot, 'passes' | 'mark'>): readonly PassHead[] {
  const present = new Map(passes.map((one) => [one.pass, one]))
  return (mark?.copies ?? []).filter((copy) => {
    // A row that was opened but did not run leaves no row; what a person marked is one row.
    if (copy.closed === 0) return false
    const own = present.get(copy.pass)
    return (
      own === undefined || own.version !== copy.version || own.direction !== copy.direction || own.closed < copy.closed
    )
  })
}

/** What contradicts the other records. */
export interface Contradiction {
  readonly type: 'journal' | 'record'
  readonly fault: Fault
}

/**
 * Contradictions between the records of one target, so that nothing is concluded from one of them: the journal and the record of the schema, the
 * journal and the runs. Each with what to do in each case. Pure.
 */
export function findContradictions(
  snapshot: JournalSnapshot,
  { database, server }: Pick<Target, 'database' | 'server'>,
): readonly Contradiction[] {
  const found = [
    { type: 'journal', fault: judgeJournal(snapshot, database) },
    { type: 'record', fault: judgeRecord(snapshot, database) },
    { type: 'journal', fault: judgeRuns(snapshot, database) },
  ] as const
  return found.flatMap(({ type, fault }) =>
    fault === null ? [] : [{ type, fault: { ...fault, where: { database, server } } }],
  )
}

const listVersions = (heads: readonly Pick<PassHead, 'version'>[]): string => {
  const versions = [...new Set(heads.map(({ version }) => `\`${version}\``))]
  return versions.length > 5
    ? `${versions.slice(0, 5).join(', ')} and ${versions.length - 5} more`
    : versions.join(', ')
}

const state = ({ exists, settings }: JournalSnapshot): string =>
  !exists ? 'does not exist' : settings.size === 0 ? 'is empty' : 'does not have what ran'

/** The journal has less than the record was written with. */
function judgeJournal(snapshot: JournalSnapshot, database: string): Fault | null {
  const { mark, passes } = snapshot
  if (mark === undefined || mark === null) return null
  const lost = findLostPasses(snapshot)
  const last = passes.at(-1)?.pass ?? 0
  const isShort = mark.through > last && hasRun(mark, last)
  if (lost.length === 0 && !(isShort && mark.copies.length === 0)) return null
  const known =
    lost.length > 0
      ? `pass ${countPasses(lost)}: ${listVersions(lost)}`
      : `passes up to ${mark.through}, and the journal up to ${last}`
  const rebuild =
    lost.length > 0
      ? `\`wwdb repair --rebuild-journal --target ${database}\``
      : `\`wwdb mark VERSION --applied --target ${database}\` for each migration that ran`
  return {
    what: `The journal of \`${database}\` ${state(snapshot)}: its record of the schema has ${known}.`,
    why: '`wwdb_journal` and `wwdb_schema` are written together: one of them was dropped, emptied or restored without the other, so migrations that ran would run again.',
    next: `If it ran, restore the rows of \`wwdb_journal\` from a backup or with ${rebuild}. If the tables were restored to the time of the journal, run \`wwdb repair --rebuild-record --target ${database}\`, which trusts the journal.`,
  }
}

function countPasses(lost: readonly PassHead[]): string {
  const numbers = lost.map(({ pass }) => pass)
  return numbers.length > 5 ? `${numbers.slice(0, 5).join(', ')} and ${numbers.length - 5} more` : numbers.join(', ')
}

/** Whether a pass after this one had a closed statement when the record was written. */
function hasRun({ through, partial }: RecordMark, last: number): boolean {
  for (let pass = last + 1; pass <= through; pass += 1) if (partial.get(pass) !== 0) return true
  return false
}

/** The journal says that the schema was recorded, and the record is gone. */
function judgeRecord({ mark, settings }: JournalSnapshot, database: string): Fault | null {
  if (mark !== null || !settings.has(recordSetting)) return null
  return {
    what: `The record of the schema of \`${database}\` is gone: \`wwdb_schema\` does not exist or is empty, although the journal says that it was written.`,
    why: 'Changes made by hand since the last run could not be distinguished from changes made by migrations.',
    next: `Restore \`wwdb_schema\` from a backup, or compare with \`wwdb drift --replay --target ${database}\` and record the schema as it is with \`wwdb repair --rebuild-record --target ${database}\`.`,
  }
}

/** Neither the journal nor the record has anything, but runs ended well. */
function judgeRuns(snapshot: JournalSnapshot, database: string): Fault | null {
  const { runs, mark } = snapshot
  if (runs === undefined || runs === null || (mark !== undefined && mark !== null)) return null
  return {
    what: `The journal of \`${database}\` ${state(snapshot)}, and \`wwdb_runs\` has ${runs.count === 1 ? 'one run that changed it' : `${runs.count} runs that changed it`}, the last one of ${runs.last.slice(0, 19)} UTC.`,
    why: 'The journal and the record of the schema were dropped or emptied, so migrations that ran would run again.',
    next: `If migrations ran, restore \`wwdb_journal\` and \`wwdb_schema\` from a backup, or record what ran with \`wwdb mark VERSION --applied --target ${database}\`: no table has a copy of the rows. If nothing ran, run \`wwdb repair --rebuild-record --target ${database}\`.`,
  }
}
