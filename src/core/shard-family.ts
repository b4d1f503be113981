/** The period lengths that a calendar family may have. A week is an ISO week. */
export type PeriodKind = 'day' | 'week' | 'month' | 'quarter' | 'year'

/** A number of days, ISO weeks, months, quarters or years: calendar arithmetic, not milliseconds. */
export interface CalendarSpan {
  readonly count: number
  readonly unit: PeriodKind
}

/** The rows of which each needs a shard. */
export interface KeySource {
  /** The logical database that holds them: not always the family's own. */
  readonly database: string
  readonly table: string
  /** An integer column: its values, in decimal, are the shard keys. */
  readonly column: string
  /** A row counts as deleted when this column is not NULL; null where deleting removes the row. */
  readonly deletedAt: string | null
}

/** What distinguishes the members of a family. */
export type Division =
  /** `zone` is `UTC` or an IANA name. */
  | { readonly type: 'period'; readonly kind: PeriodKind; readonly zone: string }
  | { readonly type: 'key'; readonly source: KeySource }

/** The column of a family of periods that says in which shard a row belongs. */
export interface RowTime {
  readonly column: string
  readonly type: 'datetime' | 'timestamp'
  /** Decimals of a second that the column keeps, 0 to 6: the server rounds to them (manual, "Fractional Seconds in Time Values"). */
  readonly precision: number
  /** Whose clocks a DATETIME shows: `UTC` or an IANA name. A TIMESTAMP is an instant, whatever this says. */
  readonly zone: string
}

/** A foreign key from the family to a shared table: it is created only where `references` is physical. */
export interface SharedReference {
  readonly columns: readonly string[]
  readonly database: string
  readonly table: string
  readonly parentColumns: readonly string[]
  readonly onDelete: 'restrict' | 'cascade' | 'set null'
  /** The line of the template file that declares it. */
  readonly line: number
}

/**
 * `CREATE TABLE` with `{{table}}` for the shard's name and `{{sibling:family}}` for the sibling family's shard of the same
 * key.
 */
export interface ShardTemplate {
  /** Relative to the project's folder. */
  readonly file: string
  /** The CREATE TABLE alone, delimiter excluded, placeholders unfilled. */
  readonly text: string
  /** The line of its first token. */
  readonly line: number
  /** SHA-256 (hex) of the normalized text. */
  readonly checksum: string
  /** Families of the same division whose shards it references: they are created before it and retired after it. */
  readonly siblings: readonly string[]
  readonly sharedReferences: readonly SharedReference[]
  /** AUTO_INCREMENT of a shard is its period's digits by this pattern (`YYYYMM`) times `factor`; null restarts at 1. */
  readonly idBase: { readonly pattern: string; readonly factor: bigint } | null
}

/** What happens to the shards of a family over time. Durations in milliseconds. */
export interface FamilyPolicy {
  /** Made ahead: a number of periods after the current one, or of days, whichever is farther. */
  readonly premake: {
    readonly periods: number
    readonly days: number
    /** True where no more shards are made, not even the current one: those that exist are kept and retired. */
    readonly none?: boolean
  }
  /** How long writes may still arrive after a period ended (or a key was deleted) before the shard is sealed. */
  readonly late: number
  /** How long a shard is kept after its period ended (a key: after it was deleted); null keeps it forever. */
  readonly keep: CalendarSpan | null
  /** How long it stays under its hold name before it may be dropped. */
  readonly grace: number
  readonly archive: 'directory' | 'none'
  readonly references: 'physical' | 'logical'
  /** A UNION ALL view over the current period and `periods` before it. */
  readonly view: { readonly name: string; readonly periods: number } | null
  /** The most shards of the family that one run retires. */
  readonly cap: number
  /** A run that would take more than this part (0 to 1) of the family's live shards asks first. */
  readonly share: number
}

/** A vindex of Vitess: `by_account (account_id) USING xxhash`. */
export interface FamilyVindex {
  readonly name: string
  readonly columns: readonly string[]
  readonly type: string
}

/** A sequence of Vitess, in the keyspace of a logical database: `id USING user_db.message_ids`. */
export interface FamilySequence {
  readonly column: string
  readonly database: string
  readonly table: string
}

/** A table that exists many times. */
export interface ShardFamily {
  readonly name: string
  /** The logical database that its shards live in. */
  readonly database: string
  readonly division: Division
  /** How shards are called: `messages_{YYYYMM}`, `contacts_{key}`. Proven one-to-one when the configuration is read. */
  readonly pattern: string
  readonly template: ShardTemplate
  readonly policy: FamilyPolicy
  /** Absent where the template does not say it, and in families of keys. */
  readonly time?: RowTime
  /** Absent where each shard is a table; `partition` where new ones are partitions of one table, by `time`. What exists stays what it is. */
  readonly keeper?: 'partition'
  /** How a sharded keyspace of Vitess finds the shard of a row. Absent where the template does not say it; a server of MySQL has no use for it. */
  readonly vindex?: FamilyVindex
  /** Where a keyspace takes the numbers of an AUTO_INCREMENT column from, as each of its shards would count by itself. */
  readonly sequence?: FamilySequence
  /** Former names of the family: archives and migrations may still use them. */
  readonly formerNames?: readonly string[]
}

/** True for the name of a family, and for a former name. */
export function isCalled(
  { name, formerNames = [] }: Pick<ShardFamily, 'name' | 'formerNames'>,
  given: string,
): boolean {
  return name === given || formerNames.includes(given)
}
