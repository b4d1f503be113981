import type { ShardFamily } from '../../core/shard-family.ts'
import type { Target } from '../../core/target.ts'
import type { CopyColumn } from '../../operate/online/checksum/columns.ts'
import type { TableObstacles } from '../../operate/online/ports.ts'
import type { VschemaTable } from '../../sql/vschema.ts'
import type { SequenceRow, UniqueIndex } from './ports.ts'
import type { MovedShard, VtctldShell } from './workflow-commands.ts'

/** A shard as it is now. */
export interface ShardFacts extends MovedShard {
  readonly columns: readonly CopyColumn[]
  readonly unique: readonly UniqueIndex[]
  readonly obstacles: TableObstacles
  /** Rows whose column of the key has another value; null where they were not looked for, as the shard does not have it. */
  readonly strangers: number | null
  /** InnoDB's estimate. */
  readonly rows: number
}

/** Values of a unique key that several shards have. */
export interface Collision {
  readonly key: string
  readonly columns: readonly string[]
  /** Some of them, as `1, 'a'`. */
  readonly values: readonly string[]
}

/** What was read of both sides. */
export interface MoveFacts {
  readonly source: Target
  readonly destination: Target
  readonly family: ShardFamily
  readonly column: string
  readonly table: string
  readonly shell: VtctldShell
  readonly shards: readonly ShardFacts[]
  /** By the VSchema; null where vtgate does not know the keyspace. */
  readonly isSharded: boolean | null
  /** Of the table in the keyspace: none where it does not exist. */
  readonly wanted: readonly CopyColumn[]
  readonly wantedUnique: readonly UniqueIndex[]
  readonly vschema: VschemaTable | null
  /** Its AUTO_INCREMENT column; null without one. */
  readonly counted: string | null
  /** The sequence of its AUTO_INCREMENT column. */
  readonly sequence: SequenceRow | null
  /** The highest id of all shards. */
  readonly lastId: bigint | null
  readonly collisions: readonly Collision[]
}

/** What speaks against a move, and what to do about it. */
export interface MoveRefusal {
  readonly why: string
  readonly next: string
}

export const isNamed = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
export const has = (columns: readonly { readonly name: string }[], name: string): boolean =>
  columns.some((one) => isNamed(one.name, name))
export const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')
