import { migrationLabel } from '../core/migration-label.ts'
import { findContradictions, findLostPasses } from './journal/compare-records.ts'
import type { Pass } from './journal/journal.ts'
import { type AdoptedRow, noChange, openRow } from './journal/rows.ts'
import { type JournalChangePlan, recordPass } from './journal-commands.ts'
import type { Migration } from './migration.ts'
import { type RecordOptions, recordAnew } from './record-schema.ts'
import { findStalePasses, findUnrecorded, listTakenBack } from './stale-schema.ts'
import type { OpenTarget } from './targets.ts'

/** True where a record is unreliable. */
export async function needsRecord({ snapshot, session }: OpenTarget): Promise<boolean> {
  if (findContradictions(snapshot, session.target).length > 0) return true
  return (snapshot.mark ?? null) !== null && (await session.record?.read())?.isDamaged === true
}

/** Trusts the journal: the record of the schema is written again. */
export function rebuildRecord(options: RecordOptions): JournalChangePlan {
  return {
    what: 'record of the schema replaced by the schema and the journal as they are now',
    apply: (target) => recordAnew(target, options),
  }
}

/** The result for the copies: passes whose rows are written again, and those for which that is impossible, each with the reason. */
export interface Rebuilding {
  readonly changes: readonly JournalChangePlan[]
  readonly impossible: readonly string[]
}

/** Trusts the record and the tables: what the journal has after them counts as not run. Does nothing where they are not older than the journal. */
export async function takeBackStale(target: OpenTarget, options: RecordOptions): Promise<readonly JournalChangePlan[]> {
  const { record } = target.session
  const recorded = (await record?.read()) ?? null
  if (record === undefined || recorded === null || recorded.isDamaged === true) return []
  if (findUnrecorded(recorded, target.snapshot.passes).length === 0) return []
  const reading = await record.readLive(options)
  if ((await findStalePasses(target, { recorded, reading })).length === 0) return []
  return listTakenBack(target, recorded).map(({ pass: { version, name, checksum }, direction }, index) => ({
    what: `\`${migrationLabel({ version, name })}\` counts as ${direction === 'up' ? 'applied' : 'pending'}: the schema is older`,
    apply: ({ session, state }) =>
      recordPass(session, { pass: state.nextPass + index, version, name, kind: 'mark', direction, checksum }),
  }))
}

/** Trusts the record of the schema: the rows of passes that the journal lacks are written again from its copies. */
export async function rebuildJournal(target: OpenTarget): Promise<Rebuilding> {
  const lost = new Set(findLostPasses(target.snapshot).map(({ pass }) => pass))
  const copies = lost.size === 0 ? [] : ((await target.session.record?.readCopies()) ?? [])
  const rebuilt = await Promise.all(
    copies.filter(({ pass }) => lost.has(pass)).map((copy) => rebuildPass(target, copy)),
  )
  return {
    changes: rebuilt.flatMap((one) => (typeof one === 'string' ? [] : [one])),
    impossible: rebuilt.flatMap((one) => (typeof one === 'string' ? [one] : [])),
  }
}

async function rebuildPass(target: OpenTarget, copy: Pass): Promise<JournalChangePlan | string> {
  const label = `pass ${copy.pass}, \`${migrationLabel(copy)}\` ${copy.direction === 'up' ? 'up' : 'down'}`
  const own = target.snapshot.passes.find(({ pass }) => pass === copy.pass)
  if (own !== undefined && (own.version !== copy.version || own.direction !== copy.direction))
    return `${label}: the journal has \`${migrationLabel(own)}\` under its number.`
  const migration = target.all.find(({ version }) => version === copy.version)
  const isWhole = copy.closed >= copy.total
  const rows = (await rowsOfFile(copy, migration)) ?? (isWhole ? rowsWithoutFile(copy) : null)
  if (rows === null)
    return `${label}: ${copy.closed} of its ${copy.total} statements ran, and it is not known which ones without the original file.`
  const from = own?.closed ?? 0
  const rest = copy.open > 0 ? `; whether statement ${copy.closed + 1} ran is not known: check before the next run` : ''
  return {
    what: `${label} rebuilt from the record: ${copy.closed} of ${copy.total} statements ran${rest}`,
    apply: ({ session }) =>
      session.writeJournal({ ...noChange, rebuild: rows.filter(({ statement }) => statement >= from) }),
  }
}

/** Its statements as they ran; null where the file differs from the one that ran. */
async function rowsOfFile(copy: Pass, migration: Migration | undefined): Promise<readonly AdoptedRow[] | null> {
  if (migration === undefined || migration.checksum !== copy.checksum || migration.shards !== undefined) return null
  const script = copy.direction === 'up' ? migration.up : migration.down
  if (script === null || script.type === 'module' || copy.kind === 'mark' || copy.kind === 'squash') return null
  const rows: AdoptedRow[] = []
  for await (const statement of script.type === 'statements' ? script.statements : script.open()) {
    if (rows.length >= copy.closed) break
    rows.push(toRow(copy, rows.length, { hash: statement.hash, class: statement.class }))
  }
  return rows.length === copy.closed ? rows : null
}

/** For a complete pass it is enough that all of its statements ran. */
function rowsWithoutFile(copy: Pass): readonly AdoptedRow[] {
  return Array.from({ length: copy.closed }, (_, statement) =>
    toRow(copy, statement, { hash: copy.checksum, class: 'record' }),
  )
}

function toRow(copy: Pass, statement: number, { hash, class: kind }: Pick<AdoptedRow, 'hash' | 'class'>): AdoptedRow {
  const { pass, version, name, direction, checksum, total } = copy
  const row = openRow({
    pass,
    statement,
    version,
    name,
    kind: copy.kind,
    direction,
    checksum,
    total,
    hash,
    class: kind,
    summary: 'rebuilt from the record of the schema',
  })
  return {
    ...row,
    at: copy.closedAt ?? copy.openedAt,
    by: copy.appliedBy,
    milliseconds: statement === 0 ? copy.milliseconds : 0,
  }
}
