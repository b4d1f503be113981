import type { Target } from '../../../core/target.ts'
import { asSentence, ToolError } from '../../../core/tool-error.ts'
import { reasonOf } from '../../../migrations/mysql/vitess/errors.ts'
import { adviseChanging } from '../../../migrations/vitess/changing-shards.ts'
import { nameWithoutHold, type ShardRecord } from '../../shard.ts'
import type { SpreadTable } from './at-shards.ts'

const list = (shards: readonly string[]): string =>
  `${shards.length === 1 ? 'shard' : 'the shards'} ${shards.join(', ')}`

/** A table that a DROP of wwdb has taken from some shards. Only `rotate run` drops the rest: every other command stops here. */
export function halfDropped(
  { database, server, schema }: Target,
  { family, key, table: own }: ShardRecord,
  at: { readonly table: string; readonly gone: readonly string[]; readonly by: string | null },
): ToolError {
  const { table, gone, by } = at
  const migration = by === null ? 'the migration of its DROP, which `SHOW VITESS_MIGRATIONS` shows' : `'${by}'`
  return new ToolError('SHARDS_DIFFER', {
    what: `\`${own}\` was dropped on ${list(gone)} alone.`,
    where: { database, server },
    why: `A run of wwdb ended while Vitess dropped it. Its other rows are still there, as \`${table}\`.`,
    next:
      `\`wwdb rotate run\` drops the rest, where the policy still does. To keep the rows, let no rotation run, and bring them back within a day, in the keyspace \`${schema}\`: ` +
      `\`SET @@ddl_strategy='vitess'; REVERT VITESS_MIGRATION ${migration}\`. When \`${table}\` exists on each shard again, \`wwdb shards restore --family ${family} --key ${key}\` brings the shard back.`,
  })
}

/** What an earlier run began with a shard, where it is not seen how that ends. */
export function notEnded({ database, server }: Target, { table, state }: ShardRecord, error: unknown): ToolError {
  return new ToolError('SHARDS_DIFFER', {
    what: `What an earlier run began with \`${table}\` (${state}) did not come to its end.`,
    where: { database, server },
    why: `${reasonOf(error)}.`,
    next: 'The next run looks at it again. `SHOW VITESS_MIGRATIONS` shows what Vitess does.',
  })
}

/** @param why as a part of a sentence */
export function changingShards({ database, server, schema }: Target, why: string): ToolError {
  return new ToolError('SHARDS_CHANGING', {
    what: `Tables of the keyspace \`${schema}\` are neither made, renamed, archived nor dropped now.`,
    where: { database, server },
    why: asSentence(why),
    next: adviseChanging(schema),
  })
}

/** The shards that serve now show how it ended on them, and not on those that are about to take their place. */
export function leftWhileChanging({ database, server, schema }: Target, { table, state }: ShardRecord, why: string) {
  return new ToolError('SHARDS_CHANGING', {
    what: `What an earlier run began with \`${table}\` (${state}) stays open now.`,
    where: { database, server },
    why: asSentence(why),
    next: adviseChanging(schema),
  })
}

/** A drop of which Vitess has not said that every shard has done it. */
export function notDropped(
  { database, server }: Target,
  own: string,
  at: {
    readonly table: string
    readonly why: string
    readonly having: readonly string[]
    readonly lacking: readonly string[]
  },
): ToolError {
  const on = (shards: readonly string[]): string => (shards.length === 0 ? 'no shard' : list(shards))
  return new ToolError('SHARDS_DIFFER', {
    what: `The drop of \`${own}\` did not come to its end in the keyspace.`,
    where: { database, server },
    why: `${at.why}. When the shards were looked at, ${on(at.having)} had its table \`${at.table}\`, and ${on(at.lacking)} did not.`,
    next: 'The next `wwdb rotate run` cancels what Vitess has not done of it, and goes on by what each shard has. `SHOW VITESS_MIGRATIONS` shows what Vitess does.',
  })
}

/** A table of the registry that some shards lack, for a reason that is not known. */
export function lackingTable(
  { database, server }: Target,
  { name, lacking }: SpreadTable,
  others: readonly SpreadTable[],
): ToolError {
  const found = lacking.flatMap((shard) => {
    const other = others.find((one) => isOtherName(one.name, name) && !one.lacking.includes(shard))
    return other === undefined ? [] : [{ shard, name: other.name }]
  })
  const where = found.map((one) => `on shard ${one.shard} a table \`${one.name}\` exists`).join(', ')
  const back = found.map((one) => `on shard ${one.shard}, \`RENAME TABLE ${one.name} TO ${name}\``).join('; ')
  return new ToolError('SHARDS_DIFFER', {
    what: `\`${name}\` does not exist on each shard of the keyspace.`,
    where: { database, server },
    why:
      `It is missing on ${list(lacking)}. ` +
      (found.length > 0
        ? `But ${where}: a run of wwdb that was paused may have renamed it there, or a person.`
        : 'It was dropped or renamed there. Vitess keeps what it dropped for a day, unless `--retain-online-ddl-tables` says otherwise.'),
    next:
      found.length > 0
        ? `If these are its rows, give the table its name back on the MySQL server of the shard: ${back}.`
        : 'Find out what became of its rows there before you create or drop anything: `SHOW VITESS_MIGRATIONS` shows what Vitess has dropped, and `REVERT VITESS_MIGRATION` brings it back.',
  })
}

/** Whether one is a hold name of the other, or both are of one table: hold names are cut at their end. */
function isOtherName(one: string, other: string): boolean {
  if (one === other) return false
  const [own, rest] = [nameWithoutHold(one), nameWithoutHold(other)]
  return (own !== one && rest.startsWith(own)) || (rest !== other && own.startsWith(rest))
}
