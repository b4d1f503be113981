import type { ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import { mayBeInstant } from '../../ddl/may-be-instant.ts'
import { placeInStatement } from '../../migrations/files/placeholders.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { ShardNames } from '../../migrations/plan/shard-names.ts'
import { tokenize } from '../../sql/tokens.ts'
import { wholesOf } from '../family-view.ts'
import type { LiveTable } from '../ports.ts'
import { namesOf } from '../render-shard.ts'
import type { ShardRecord } from '../shard.ts'

/** Shards as fan-outs and repairs change them: those that are partitions of one table are one, under the name of that table. */
export interface WholeTables {
  readonly standing: readonly ShardRecord[]
  /** The tables that can be changed. */
  readonly tables: ReadonlySet<string>
  /** The shards of which one of `standing` consists; itself where it is a table. */
  readonly partsOf: (shard: ShardRecord) => readonly ShardRecord[]
}

/** Joins the shards that are partitions of one table. Its version is the newest of theirs: a change of the table changed all of them. */
export function joinPartitions(standing: readonly ShardRecord[], live: readonly LiveTable[]): WholeTables {
  const wholeOf = wholesOf(live)
  const parts = new Map<string, ShardRecord[]>()
  const joined: ShardRecord[] = []
  for (const shard of standing) {
    const whole = wholeOf.get(shard.table)
    if (whole === undefined) joined.push(shard)
    else parts.set(whole, [...(parts.get(whole) ?? []), shard])
  }
  for (const [whole, own] of parts) {
    const [newest] = own.toSorted((one, other) => other.templateVersion - one.templateVersion)
    if (newest !== undefined) joined.push({ ...newest, key: whole, table: whole, state: 'live', seal: null })
  }
  return {
    standing: joined,
    tables: new Set([...live.map(({ name }) => name), ...parts.keys()]),
    partsOf: (shard) => parts.get(shard.table) ?? [shard],
  }
}

/** The names in the statements of one of `standing`. */
export function namesOfStanding(family: ShardFamily, families: readonly ShardFamily[], shard: ShardRecord): ShardNames {
  const { key, table } = shard
  return key === table ? { table, siblings: new Map() } : namesOf(family, families, key)
}

/**
 * Refuses a change of a family of partitions that the server could make INSTANT: after it no partition can be put on hold until the whole table is rebuilt (error 1731). Throws ToolError `SHARD_INSTANT`.
 */
export function refuseInstant(family: ShardFamily, { up, down }: Pick<Migration, 'up' | 'down'>): void {
  if (family.keeper !== 'partition') return
  for (const script of [up, down]) {
    for (const statement of script?.type === 'statements' ? script.statements : []) {
      if (!mayBeInstant(tokenize(statement.text))) continue
      throw new ToolError('SHARD_INSTANT', {
        what: `This change of the columns of \`${family.name}\` may be INSTANT.`,
        where: placeInStatement(statement, 0),
        why: 'After it the server refuses EXCHANGE PARTITION (error 1731), so no shard of the family could be put on hold until the whole table is rebuilt.',
        next: 'Add `ALGORITHM=INPLACE` to the statement, and `LOCK=NONE` where writes are to go on.',
      })
    }
  }
}

/** One of wwdb's own ALTERs of a shard, so that partitions can be exchanged after it. */
export function keepExchangeable(family: ShardFamily, text: string): string {
  return family.keeper === 'partition' && mayBeInstant(tokenize(text)) ? `${text}, ALGORITHM=INPLACE` : text
}
