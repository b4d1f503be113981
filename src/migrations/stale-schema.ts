import { type Fault, ToolError } from '../core/tool-error.ts'
import { findDrift, nothingTouched, type RecordedSchema, touchedBy } from '../ddl/recorded-schema.ts'
import type { SnapshotReading } from '../ddl/snapshot.ts'
import { type Pass, readStates } from './journal/journal.ts'
import { dropOfRetired } from './made-migration.ts'
import type { OpenTarget } from './targets.ts'

/** A schema compared with its record. */
export interface SchemaBesideRecord {
  readonly recorded: RecordedSchema
  readonly reading: SnapshotReading
}

/**
 * Passes of the journal whose effects the record does not have yet: those of a killed run, or of an earlier wwdb. Statements that revert drift lead to the
 * recorded state: their objects are as they should be, or still drift. The drop of what was retired leads away from it.
 */
export function findUnrecorded(
  { through, partial }: Pick<RecordedSchema, 'through' | 'partial'>,
  passes: readonly Pass[],
): readonly number[] {
  return passes
    .filter(({ pass, closed, open, kind, name }) => {
      const known = partial.get(pass)
      if (kind === 'seed' || (kind === 'drift' && name !== dropOfRetired)) return false
      return pass > through || (known !== undefined && closed > known) || open > 0
    })
    .map(({ pass }) => pass)
}

/**
 * Passes of the journal that ended well after the record, but whose objects are exactly as recorded: tables and record were restored to an earlier time. A run
 * that was killed, or failed, also leaves passes after the record, but `wwdb_runs` shows that.
 */
export async function findStalePasses(
  { session, snapshot }: Pick<OpenTarget, 'session' | 'snapshot'>,
  { recorded, reading }: SchemaBesideRecord,
): Promise<readonly Pass[]> {
  const { record, target } = session
  const unrecorded = new Set(findUnrecorded(recorded, snapshot.passes))
  const whole = snapshot.passes.filter(
    ({ pass, closed, total, open, kind }) =>
      unrecorded.has(pass) && open === 0 && closed >= total && (kind === 'versioned' || kind === 'repeatable'),
  )
  if (record === undefined || whole.length === 0) return []
  if (await record.wereCutOff(whole.map(({ pass }) => pass))) return []
  const changed = findDrift(recorded, reading, nothingTouched, target.schema)
  const stale: Pass[] = []
  for (const pass of whole) {
    const { everything, objects } = await record.readTouched([pass.pass], [])
    if (everything || objects.length === 0) continue
    const isTouched = touchedBy({ objects }, target.schema)
    const isSeen = changed.some(
      ({ type, name, wanted, found }) => isTouched({ type, name }) || isTouched(wanted) || isTouched(found),
    )
    if (!isSeen) stale.push(pass)
  }
  return stale
}

/** The journal is newer than the schema; names what to do in each case. */
export function describeStale({ session }: Pick<OpenTarget, 'session'>, stale: readonly Pass[]): Fault {
  const { database, server } = session.target
  const versions = stale.map(({ version }) => `\`${version}\``)
  const list =
    versions.length > 5 ? `${versions.slice(0, 5).join(', ')} and ${versions.length - 5} more` : versions.join(', ')
  return {
    what: `The journal of \`${database}\` is newer than its schema: it has ${list}, but what these changed is as \`wwdb_schema\` recorded it before them.`,
    where: { database, server },
    why: 'The tables were restored to a time before these migrations, but the journal was not.',
    next: `Restore both from one backup; or mark what ran after the record as not run with \`wwdb repair --rebuild-journal --target ${database}\`. If the migrations changed nothing, run \`wwdb repair --rebuild-record --target ${database}\`.`,
  }
}

/** Throws ToolError `RECORDS_DIFFER`. */
export async function refuseStale(
  target: Pick<OpenTarget, 'session' | 'snapshot'>,
  beside: SchemaBesideRecord,
): Promise<void> {
  const stale = await findStalePasses(target, beside)
  if (stale.length > 0) throw new ToolError('RECORDS_DIFFER', describeStale(target, stale))
}

/** Versions whose state the passes after the record changed: with the direction that reverts each. Pure. */
export function listTakenBack(
  { snapshot, state }: Pick<OpenTarget, 'snapshot' | 'state'>,
  { through }: Pick<RecordedSchema, 'through'>,
): readonly { readonly pass: Pass; readonly direction: 'up' | 'down' }[] {
  const before = readStates({ ...snapshot, passes: snapshot.passes.filter(({ pass }) => pass <= through) })
  const latest = new Map(snapshot.passes.filter(({ pass }) => pass > through).map((pass) => [pass.version, pass]))
  return [...latest].flatMap(([version, pass]) => {
    if (pass.kind === 'seed' || pass.kind === 'drift' || pass.kind === 'baseline') return []
    const [was, is] = [before, state].map(({ states }) => states.get(version)?.type ?? 'pending')
    if (was === is) return []
    return [{ pass, direction: was === 'applied' ? ('up' as const) : ('down' as const) }]
  })
}
