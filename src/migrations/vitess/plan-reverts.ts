import { isPending } from './shard-migrations.ts'

/** A migration of Vitess on one shard, with what its REVERT needs. */
export interface KeptMigration {
  readonly uuid: string
  readonly shard: string
  /** The statement of the journal that it was given for; null for all others. */
  readonly of: { readonly pass: number; readonly statement: number } | null
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
  /** How many of its REVERTs an earlier run has completed. */
  readonly reverted: number
}

const byRevert: ReadonlySet<string> = new Set(['vitess', 'online'])

const isAction = (action: string): action is RevertPart['action'] =>
  action === 'create' || action === 'alter' || action === 'drop'

/**
 * Whether Vitess can take back each statement of a pass on every shard. What it checks itself only when a REVERT runs is checked here for all of them before the first one. Pure.
 * @param kept what Vitess knows of the keyspace, of each shard
 */
export function planReverts(
  { pass, total, nameOf, reverted }: PassToRevert,
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
        `${named(statement)} did not run as a migration of Vitess: \`REVERT\` takes back definitions, and no data or VSchema`,
      )
    const done = own.filter(({ status, isDuplicate }) => status === 'complete' && !isDuplicate)
    const uuids = [...new Set(done.map(({ uuid }) => uuid))].toSorted((a, b) => compareTables(done, b, a))
    if (uuids.length === 0) return refused(`${named(statement)} is not complete on any shard`)
    for (const uuid of uuids) {
      const rows = done.filter((row) => row.uuid === uuid)
      const isReverted = parts.length < reverted
      const why = isReverted ? null : refuse(rows, kept, shards)
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
    ...{ uuid, table: first.table, action: first.action },
    artifact: table === undefined ? null : { shard: first.shard, table },
    left: lefts.length === 0 ? null : Math.min(...lefts),
    notes: [...new Set(rows.flatMap(({ notes }) => notes))],
  }
}

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

const isSpent = (row: KeptMigration): boolean => !isPending(row) && row.status !== 'complete'

function refuseOn(row: KeptMigration, kept: readonly KeptMigration[]): string | null {
  const { uuid, shard, table, action, strategy } = row
  const onTable = kept.filter((one) => one.shard === shard && one.table === table && one.reverts !== uuid)
  const isTakenBack = kept.some((one) => one.shard === shard && one.reverts === uuid && one.status === 'complete')
  if (isTakenBack) return null
  if (!byRevert.has(strategy)) return 'it ran as plain DDL, of which Vitess keeps nothing'
  if (row.isInPlace) return `Vitess changed \`${table}\` in place, and kept no copy of it`
  const isGone = action === 'alter' && row.artifacts.length === 0
  if (row.isCleaned || isGone || (row.left !== null && row.left <= 0))
    return `Vitess no longer keeps what \`${table}\` was on shard ${shard}: the time of \`--retain-online-ddl-tables\` has passed`
  const spent = kept.find((one) => one.shard === shard && one.reverts === uuid && one.hasStarted && isSpent(one))
  if (spent !== undefined && action === 'alter')
    return `a \`REVERT\` of it (${spent.uuid}) has begun on shard ${shard} and is \`${spent.status}\`: the copy that Vitess keeps has some of the rows that were written since, and no other \`REVERT\` can begin with it`
  const pending = onTable.find(isPending)
  if (pending !== undefined)
    return `migration ${pending.uuid} of \`${table}\` is \`${pending.status}\` on shard ${shard}`
  const later = onTable.find((one) => one.status === 'complete' && one.completed > row.completed)
  return later === undefined
    ? null
    : `it is not the last migration of \`${table}\`, the only one that Vitess reverts: ${later.uuid} ran after it on shard ${shard}`
}
