import type { Condition } from '../core/condition.ts'
import type { ErrorCode } from '../core/error-codes.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { DataFunction } from '../migrations/user-code.ts'
import type { Statement } from '../sql/statement.ts'

/** The position of something in a seed file; line and column count from 1. */
export interface SeedPlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A value from a file; the type of its column decides what it means. `json` is for columns of that type. */
export type SeedValue =
  | { readonly type: 'null' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'json'; readonly text: string }

export interface SeedCell {
  readonly value: SeedValue
  readonly place: SeedPlace
}

/** How rows name rows of a table: `role: operator` fills `role_id` with the ID of the row of `roles` that has this name. */
export interface SeedReference {
  /** The field under which rows name it. */
  readonly field: string
  /** The column that it fills. */
  readonly column: string
  readonly table: string
  /** Columns of that table whose values identify a row of it. */
  readonly key: readonly string[]
  /** The column of that table whose value is used. */
  readonly value: string
  /** The column of that table that tells people what a row is; null where none was named. */
  readonly label: string | null
  readonly place: SeedPlace
}

export interface SeedRow {
  readonly place: SeedPlace
  /** By column. */
  readonly cells: ReadonlyMap<string, SeedCell>
  /** By field: a cell for each column of the reference's key; null where the reference is empty. */
  readonly references: ReadonlyMap<string, readonly SeedCell[] | null>
  /** Where it is seeded; null for everywhere. */
  readonly environments: readonly string[] | null
}

/** What happens to values that were changed outside the tool: kept and reported, or overwritten. */
export type ChangedByHand = 'keep' | 'overwrite'

/** A matrix as its file has it: who may do what, for people to review. Its marked cells are the table's rows. */
export interface SeedMatrix {
  /** The fields of the references whose names label the lines and the columns. */
  readonly down: string
  readonly across: string
  readonly columns: readonly SeedCell[]
  readonly lines: readonly { readonly name: SeedCell; readonly marks: readonly boolean[] }[]
  /** The column of the left table by which lines are grouped for people; null for none. */
  readonly group: string | null
}

/** The rows that one file has for a table. */
export interface SeedTable {
  /** As a person would type it: relative to the project's folder, with `/`. */
  readonly file: string
  readonly table: string
  readonly tablePlace: SeedPlace
  /** The natural key: columns, or fields of references. */
  readonly key: readonly string[]
  readonly keyPlace: SeedPlace
  readonly references: readonly SeedReference[]
  readonly changedByHand: ChangedByHand
  readonly rows: readonly SeedRow[]
  readonly matrix: SeedMatrix | null
}

/** A seed that is a program: runs once for each text of its file. */
export interface SeedScript {
  readonly file: string
  /** The file's name: `010_regions.sql`. */
  readonly name: string
  /** SHA-256 (hex) of the text with line ends as LF. */
  readonly checksum: string
  readonly conditions: readonly Condition[]
  readonly body:
    | { readonly type: 'statements'; readonly statements: readonly Statement[] }
    | { readonly type: 'module'; readonly path: string; readonly run: DataFunction }
}

/** Rows of another table that make the first user an administrator. */
export interface AdministratorGrant extends Pick<SeedTable, 'table' | 'tablePlace' | 'references'> {
  /** The column that names the user. */
  readonly user: string
  /** The users' column whose value it holds. */
  readonly id: string
  readonly row: SeedRow
}

/** How `wwdb seed admin` creates the first administrator. */
export interface AdministratorSeed {
  readonly file: string
  readonly table: string
  readonly tablePlace: SeedPlace
  /** The columns for the name, the hash and the salt. */
  readonly username: string
  readonly passwordHash: string
  readonly salt: string
  /** What else the row contains; `{username}` in a text stands for the name. */
  readonly values: ReadonlyMap<string, SeedCell>
  /** Where the table has such a row, an administrator already exists. */
  readonly unless: ReadonlyMap<string, SeedCell>
  readonly grants: readonly AdministratorGrant[]
}

/** All seeds of one logical database. */
export interface DatabaseSeeds {
  readonly database: string
  readonly tables: readonly SeedTable[]
  readonly scripts: readonly SeedScript[]
  readonly administrator: AdministratorSeed | null
}

/** A value for people and for comparing names; null for NULL. */
export function textOf(value: SeedValue): string | null {
  return value.type === 'null' ? null : value.text
}

/** True for a row that belongs to the environment; null is a configuration without environments. */
export function isForEnvironment(row: Pick<SeedRow, 'environments'>, environment: string | null): boolean {
  return row.environments === null || (environment !== null && row.environments.includes(environment))
}

/** One column of a row: its value, and the seeds' value. */
export interface SeedChange {
  readonly column: string
  /** Null for NULL, or where there is no row yet. Columns whose names suggest secrets show `***`. */
  readonly before: string | null
  readonly after: string | null
  /** The current value is not the one that the tool wrote. */
  readonly byHand: boolean
  /** It stays as it is: the file's policy for values changed by hand. */
  readonly kept: boolean
}

/** What depends on rows that are about to be removed, by the foreign key that connects it to them. */
interface SeedDependents {
  /** `schema.table` where it is in another schema. */
  readonly table: string
  readonly constraint: string
  readonly rows: number
  readonly effect: 'delete' | 'set-null' | 'refuse'
}

/**
 * What a seed run does, or did, with a row:
 * - `insert`, `update`
 * - `keep`   it was changed by hand, and the policy keeps that
 * - `adopt`  it already existed as the seeds want it: the tool records it and does not touch the row itself
 * - `delete` the tool had inserted it, and it left the files
 * - `leave`  the same without --prune: it stays
 */
export interface SeedRowChange {
  readonly table: string
  /** The natural key, in the words of the file. */
  readonly key: Readonly<Record<string, string | null>>
  readonly action: 'insert' | 'update' | 'keep' | 'adopt' | 'delete' | 'leave'
  readonly file: string
  /** Null for rows that left the files. */
  readonly line: number | null
  readonly changes: readonly SeedChange[]
}

export interface SeedScriptRun {
  readonly file: string
  /** `changed` runs because its text differs from the one that ran; `same` ran before and does not run again. */
  readonly state: 'new' | 'changed' | 'same'
  /** An earlier run was cut off while the shards of a keyspace committed it: some may have what this text does, or what a former one did. Absent otherwise. */
  readonly onSomeShards?: 'this-text' | 'former-text'
}

/** What a seed run does to one database. */
export interface SeedTargetPlan {
  readonly target: Target
  readonly rows: readonly SeedRowChange[]
  /** Rows that are as the seeds want them. */
  readonly unchanged: number
  readonly scripts: readonly SeedScriptRun[]
  readonly dependents: readonly SeedDependents[]
}

/** The plan with its result. `planned` wrote nothing, because nothing more was requested. */
export interface SeedOutcome extends SeedTargetPlan {
  readonly state: 'done' | 'nothing-to-do' | 'planned' | 'failed' | 'stopped' | 'not-started' | 'not-reached'
  readonly milliseconds: number
  readonly fault: Fault | null
  readonly code: ErrorCode | null
}
/** A matrix as it is shown for review. */
export interface SeedMatrixDocument {
  readonly database: string
  readonly file: string
  readonly table: string
  readonly down: string
  readonly across: string
  readonly columns: readonly { readonly name: string; readonly label: string | null }[]
  readonly lines: readonly {
    readonly name: string
    readonly label: string | null
    readonly group: string | null
    /** In the order of `columns`. */
    readonly marks: readonly boolean[]
  }[]
}
