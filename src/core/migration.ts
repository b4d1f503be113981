import type { DataFunction } from '../migrations/user-code.ts'
import type { Statement } from '../sql/statement.ts'

/** Names a migration of any logical database: `user_db/20260101000000`. */
export interface MigrationReference {
  readonly database: string
  readonly version: string
}

/** `-- wwdb:when NAME OPERATOR VALUES`: the migration counts only where this holds. */
export type Condition =
  | { readonly type: 'references'; readonly value: 'physical' | 'logical' }
  | { readonly type: 'environment'; readonly names: readonly string[]; readonly negated: boolean }
  | { readonly type: 'server'; readonly operator: '<' | '<=' | '>=' | '>'; readonly version: string }

/** `-- wwdb:accept CODE reason`: a hazard that its author has weighed. The reason is never empty. */
export interface AcceptedHazard {
  readonly code: string
  readonly reason: string
  readonly line: number
}

/** `-- wwdb:nolint CODE reason [until DATE]`: a finding of review that its author has weighed. It allows no hazard. */
export interface Suppression {
  readonly code: string
  readonly reason: string
  /** The last day on which it counts, as `2027-03-01`; null for good. */
  readonly until: string | null
  readonly line: number
  /** `file` above the first part; `next` inside one: then it is about the statement that follows it. */
  readonly scope: 'file' | 'next'
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

/** What a squashed file took the place of. */
export interface Squash {
  /** Their versions, the file's own included. */
  readonly versions: readonly string[]
  /** The files themselves, for databases that have run some of them; null once the folder `squashed` is gone. */
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
  /** Its `wwdb:nolint` lines; absent without one. Where the file was known by its checksum, only those above its first part. */
  readonly suppressed?: readonly Suppression[]
  /** `-- wwdb:shards FAMILY`: its statements run on every shard of the family; absent for all others. */
  readonly shards?: string
  /** `-- wwdb:squashes VERSION ...`: it makes what older files made; absent for all others. */
  readonly squashes?: Squash
  readonly up: Script
  readonly down: Script | null
}

/** How many statements a script has; a module counts as one. */
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
