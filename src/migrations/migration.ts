import type { Condition } from '../core/condition.ts'
import type { Fault } from '../core/tool-error.ts'
import type { AcceptedHazard, Suppression } from '../lint/accepted.ts'
import type { Statement } from '../sql/statement.ts'
import type { DataFunction } from './user-code.ts'

/** Names a migration of any logical database: `user_db/20260101000000`. */
export interface MigrationReference {
  readonly database: string
  readonly version: string
}

/** One direction of a migration. */
export type Script =
  | { readonly type: 'statements'; readonly statements: readonly Statement[] }
  /** A file too large to hold: read again, statement by statement, when it runs. `sample` is its start. */
  | {
      readonly type: 'stream'
      readonly total: number
      readonly sample: readonly Statement[]
      readonly open: () => AsyncIterable<Statement>
    }
  /** A data migration in TypeScript or JavaScript: one transaction through knex. */
  | { readonly type: 'module'; readonly path: string; readonly run: DataFunction }

/** The files that a squashed file replaced. */
export interface Squash {
  /** Their versions, including the file's own. */
  readonly versions: readonly string[]
  /** The files themselves, for databases that have run some of them; null once the folder `squashed` is deleted. */
  readonly files: readonly Migration[] | null
}

/** A versioned file with an up and a down part; `repeatable` ones re-run when their text changes. */
export interface Migration {
  readonly database: string
  /** Digits for `versioned` and `data`; the name (`R__name`) for `repeatable`. Unique within its database. */
  readonly version: string
  readonly name: string
  /** `drift`: the statements of `drift --revert`, which have no file. */
  readonly kind: 'versioned' | 'repeatable' | 'data' | 'drift'
  /** As a person would type it: relative to the project's folder, with `/`. */
  readonly file: string
  /** SHA-256 (hex) of the file with BOM removed and line ends as LF. */
  readonly checksum: string
  readonly requires: readonly MigrationReference[]
  readonly conditions: readonly Condition[]
  readonly accepted: readonly AcceptedHazard[]
  /** Its `wwdb:nolint` lines; absent without one. Where the file was recognized by its checksum, only those above its first part. */
  readonly suppressed?: readonly Suppression[]
  /** `-- wwdb:shards FAMILY`: its statements run on every shard of the family; absent for all others. */
  readonly shards?: string
  /** `-- wwdb:squashes VERSION ...`: it creates what older files created; absent for all others. */
  readonly squashes?: Squash
  readonly up: Script
  readonly down: Script | null
  /** Why its down part cannot run now; absent where it can. */
  readonly irreversible?: Fault
}

/** The number of statements in a script; a module counts as one. */
export function countStatements(script: Script): number {
  switch (script.type) {
    case 'statements':
      return script.statements.length
    case 'stream':
      return script.total
    case 'module':
      return 1
  }
}
