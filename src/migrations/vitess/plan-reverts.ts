import { describeDuration } from '../../core/duration.ts'
import { isOfContext, isPending } from './shard-migrations.ts'

/** A migration of Vitess on one shard, with what its REVERT needs. */
export interface KeptMigration {
  readonly uuid: string
  readonly shard: string
  /** The statement of the journal that it was given for; null for all others. */
  readonly of: { readonly pass: number; readonly statement: number; readonly hash: string } | null
  readonly table: string
  /** `create`, `alter` or `drop`. */
  readonly action: string
  readonly status: string
  readonly strategy: string
  /** The migration that it takes back; empty where it is no REVERT. */
  readonly reverts: string
  /** It has begun to write to the table, or to a copy of it. */
  readonly hasStarted: boolean
  /** Vitess did nothing, as it had run the same statement in the same context. */
  readonly isDuplicate: boolean
  readonly isView: boolean
  /** Vitess changed the table itself, as for partitions, and kept no copy. */
  readonly isInPlace: boolean
  /** The tables that it has left; the first one has what the table was before. */
  readonly artifacts: readonly string[]
  /** Its artifacts are gone. */
  readonly isCleaned: boolean
  /** By the clock of the shard, to the microsecond; as text it sorts by time. */
  readonly completed: string
  /** Milliseconds until Vitess removes its artifacts; below 0 where it may do that at any moment, null where that is not known. */
  readonly left: number | null
  /** Milliseconds since it was complete; null where `left` is. */
  readonly age: number | null
  /** What rows may have been given since that the table did not take before, as Vitess says it. */
  readonly notes: readonly string[]
}

/** What Vitess can take back of what it has run in a keyspace. */
export interface Reverting {
  readonly shards: readonly string[]
  readonly read: () => Promise<readonly KeptMigration[]>
  /** The definition of a table on one shard; null where it does not exist. */
  readonly readTable: (shard: string, table: string) => Promise<string | null>
}

/** One REVERT: what it takes back on every shard. */
export interface RevertPart {
  readonly uuid: string
  readonly table: string
  readonly action: 'create' | 'alter' | 'drop'
  /** On one of the shards: its name differs between them. Null where the statement had nothing to do. */
  readonly artifact: { readonly shard: string; readonly table: string } | null
  /** Milliseconds, of the shard that keeps it for the shortest time. */
  readonly left: number | null
  readonly notes: readonly string[]
  readonly isView: boolean
}

export type Revertible =
  /** In the order in which they run: the last statement first. */
  | { readonly type: 'possible'; readonly parts: readonly RevertPart[] }
  | { readonly type: 'refused'; readonly why: string }

interface PassToRevert {
  readonly pass: number
  /** Statements in it. */
  readonly total: number
  /** How a statement is named; null where its file does not say. */
  readonly nameOf: (statement: number) => string | null
  /** Whether its file says that Vitess runs it as a migration; null where the file is not what ran. */
  readonly isDdl: (statement: number) => boolean | null
  /** How many of its REVERTs an earlier run has completed. */
  readonly reverted: number
}

/** Whether Vitess made it by a copy of the table. A view is renamed, as is a table that is created or dropped. */
export const isByCopy = ({ action, isView }: Pick<KeptMigration, 'action' | 'isView'>): boolean =>
  action === 'alter' && !isView

const minute = 60_000

/**
 * Milliseconds that Vitess must keep what a REVERT needs when that begins: it collects the copy of an ALTER also while a REVERT writes to it. A busy table is taken to be read again four times as fast as it was written.
 */
const neededFor = (row: KeptMigration): number => (isByCopy(row) ? 10 * minute + (row.age ?? 0) / 4 : minute)

/** As little may be left when the copies take the place of their tables, which waits for transactions on each shard. */
const neededToEnd = 5 * minute

/** Whether Vitess keeps what the REVERT of an ALTER has written to until it can end on every shard. Pure. */
export const mayEnd = (uuid: string, kept: readonly KeptMigration[]): boolean =>
  kept.every((row) => row.uuid !== uuid || row.left === null || row.left >= neededToEnd)

const byRevert: ReadonlySet<string> = new Set(['vitess', 'online'])

const isAction = (action: string): action is RevertPart['action'] =>
  action === 'create' || action === 'alter' || action === 'drop'

/**
 * Whether Vitess can take back each statement of a pass on every shard. What it checks itself only when a REVERT runs is checked here for all of them before the first one. Pure.
 * @param kept what Vitess knows of the keyspace, of each shard
 */
export function planReverts(
  { pass, total, nameOf, isDdl, reverted }: PassToRevert,
  kept: readonly KeptMigration[],
  shards: readonly string[],
): Revertible {
  const parts: RevertPart[] = []
  const named = (statement: number): string => {
    const name = nameOf(statement)
    return `Statement ${statement + 1} of ${total}${name === null ? '' : ` (${name})`}`
  }
  for (let statement = total - 1; statement >= 0; statement -= 1) {
    const own = kept.filter(({ of }) => of?.pass === pass && of.statement === statement)
    if (own.length === 0)
      return refused(
        isDdl(statement) !== false
          ? `${named(statement)}: Vitess shows no migration that this journal has given it for it`
          : `${named(statement)} did not run as a migration of Vitess: \`REVERT\` takes back definitions, and no data or VSchema`,
      )
    const done = completed(own)
    const uuids = [...new Set(done.map(({ uuid }) => uuid))].toSorted((a, b) => compareTables(done, b, a))
    if (uuids.length === 0) return refused(`${named(statement)} is not complete on any shard`)
    for (const uuid of uuids) {
      const rows = done.filter((row) => row.uuid === uuid)
      const isReverted = parts.length < reverted
      const why = isReverted ? null : (refuse(rows, kept, shards) ?? refuseUneven(rows))
      if (why !== null) return refused(`${named(statement)}: ${why}`)
      const part = toPart(uuid, rows)
      if (part === null) return refused(`${named(statement)}: Vitess does not say what it did`)
      parts.push(part)
    }
  }
  return { type: 'possible', parts }
}

const refused = (why: string): Revertible => ({ type: 'refused', why })

/** Parts of one statement, such as `DROP TABLE a, b`, always in one order: the journal numbers them. */
function compareTables(rows: readonly KeptMigration[], a: string, b: string): number {
  const key = (uuid: string): string => `${rows.find((row) => row.uuid === uuid)?.table} ${uuid}`
  return key(a) < key(b) ? -1 : 1
}

function toPart(uuid: string, rows: readonly KeptMigration[]): RevertPart | null {
  const [first] = rows
  if (first === undefined || !isAction(first.action)) return null
  const [table] = first.artifacts
  const lefts = rows.flatMap(({ left }) => (left === null ? [] : [left]))
  return {
    ...{ uuid, table: first.table, action: first.action, isView: first.isView },
    artifact: table === undefined ? null : { shard: first.shard, table },
    left: lefts.length === 0 ? null : Math.min(...lefts),
    notes: [...new Set(rows.flatMap(({ notes }) => notes))],
  }
}

/** Why Vitess would not take it back on one of these shards, as they are now; null where it would. Pure. */
export function refuseRevert(uuid: string, kept: readonly KeptMigration[], shards: readonly string[]): string | null {
  return refuse(completed(kept.filter((row) => row.uuid === uuid)), kept, shards)
}

const completed = (rows: readonly KeptMigration[]): readonly KeptMigration[] =>
  rows.filter(({ status, isDuplicate }) => status === 'complete' && !isDuplicate)

/** Why Vitess would not take it back on one of the shards; null where it would. */
function refuse(
  rows: readonly KeptMigration[],
  kept: readonly KeptMigration[],
  shards: readonly string[],
): string | null {
  for (const shard of shards) {
    const row = rows.find((one) => one.shard === shard)
    const why =
      row === undefined ? `shard ${shard} has run it as another migration than the others` : refuseOn(row, kept)
    if (why !== null) return why
  }
  return null
}

/** IF NOT EXISTS and IF EXISTS have work on some shards alone where these differed before. */
function refuseUneven(rows: readonly KeptMigration[]): string | null {
  const [had, none] = [rows.find((row) => row.artifacts.length > 0), rows.find((row) => row.artifacts.length === 0)]
  if (had === undefined || none === undefined) return null
  return `it has changed \`${had.table}\` on shard ${had.shard} and not on shard ${none.shard}, so a \`REVERT\` would leave the shards different`
}

/** What shards have taken back already of a pass, also where its row of the journal is still open. Pure. */
export function listTakenBack(pass: number, kept: readonly KeptMigration[]): readonly string[] {
  const own = new Map(kept.flatMap((row) => (row.of?.pass === pass ? [[row.uuid, row.table] as const] : [])))
  return kept.flatMap(({ reverts, status, shard }) => {
    const table = own.get(reverts)
    return table === undefined || status !== 'complete' ? [] : [`\`${table}\` on shard ${shard}`]
  })
}

const isSpent = (row: KeptMigration): boolean => !isPending(row) && row.status !== 'complete'

function refuseOn(row: KeptMigration, kept: readonly KeptMigration[]): string | null {
  const { uuid, shard, table, action, strategy } = row
  const onTable = kept.filter((one) => one.shard === shard && one.table === table && one.reverts !== uuid)
  const own = kept.filter((one) => one.shard === shard && one.reverts === uuid)
  // What is under way there is followed to its end.
  if (own.some((one) => one.status === 'complete' || isPending(one))) return null
  // What Vitess creates and drops, it renames in each strategy.
  if (action === 'alter' && !byRevert.has(strategy)) return 'it ran as plain DDL, of which Vitess keeps nothing'
  if (row.isInPlace) return `Vitess changed \`${table}\` in place, and kept no copy of it`
  const isGone = action === 'alter' && row.artifacts.length === 0
  if (row.isCleaned || isGone || (row.left !== null && row.left <= 0))
    return `Vitess no longer keeps what \`${table}\` was on shard ${shard}: the time of \`--retain-online-ddl-tables\` has passed`
  const needed = neededFor(row)
  if (row.left !== null && row.left < needed)
    return `Vitess keeps what \`${table}\` was on shard ${shard} for ${describeDuration(row.left)} more, in which a \`REVERT\` must end, and it may take ${describeDuration(needed)}`
  const spent = own.find((one) => one.hasStarted && isSpent(one))
  if (spent !== undefined && isByCopy(row))
    return `a \`REVERT\` of it (${spent.uuid}) has begun on shard ${shard} and is \`${spent.status}\`: the copy that Vitess keeps has some of the rows that were written since, and another \`REVERT\` would write them a second time. Until Vitess removes it, that copy is the table \`${row.artifacts[0]}\` on the server of this shard, with the values that the table had`
  const pending = onTable.find(isPending)
  if (pending !== undefined)
    return `migration ${pending.uuid} of \`${table}\` is \`${pending.status}\` on shard ${shard}`
  const later = onTable.find((one) => one.status === 'complete' && one.completed > row.completed)
  return later === undefined
    ? null
    : `it is not the last migration of \`${table}\`, the only one that Vitess reverts: ${later.uuid} ran after it on shard ${shard}`
}

/** The statements of a pass that its file no longer has as they ran, by their places; those that Vitess was given have the digest of their text in their context. Pure. */
export function findEdited(pass: number, hashes: readonly string[], kept: readonly KeptMigration[]): readonly number[] {
  const edited = new Set<number>()
  // What failed or was canceled may have had another text, and was submitted again.
  for (const { of } of completed(kept))
    if (of?.pass === pass && !isOfContext(hashes[of.statement] ?? '', of)) edited.add(of.statement)
  return [...edited].toSorted((a, b) => a - b)
}

/** The file of a pass as it is now, and what the journal recorded of it. */
interface PassFile {
  readonly pass: number
  readonly total: number
  /** Of the statements of the file; empty where it has none in SQL. */
  readonly hashes: readonly string[]
  /** The journal has the checksum of the file, which `wwdb repair --accept-checksums` gives also to another text. */
  readonly isRecorded: boolean
}

/** Whether the file has a statement as it ran: by its own digest, or where Vitess was not given it, as far as all others and the checksum say so. Pure. */
export function isAsRan(
  { pass, total, hashes, isRecorded }: PassFile,
  at: number,
  kept: readonly KeptMigration[],
): boolean {
  const own = completed(kept).filter(({ of }) => of?.pass === pass && of.statement === at)
  if (own.length > 0) return own.every(({ of }) => of !== null && isOfContext(hashes[at] ?? '', of))
  return isRecorded && hashes.length === total && findEdited(pass, hashes, kept).length === 0
}
