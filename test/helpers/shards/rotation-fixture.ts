import type { ShardFamily } from '../../../src/core/shard-family.ts'
import type { RotationWork } from '../../../src/shards/rotation/request.ts'
import type { RotationReport } from '../../../src/shards/rotation/run-rotation.ts'
import type { FamilyWork, TargetRun } from '../../../src/shards/rotation/target-run.ts'
import type { ShardRecord } from '../../../src/shards/shard.ts'
import type { Mishap } from '../memory/process.ts'

/** A session that reads a table and has not ended the transaction. */
export interface Reader {
  readonly end: () => void | Promise<void>
}

/** A server, an archive and a clock that histories are played in: in memory, or MySQL. */
export interface RotationFixture {
  /** Milliseconds since the epoch. */
  now: number
  /** How much the server's clock is ahead of ours, in milliseconds. */
  skew: number
  families: readonly ShardFamily[]
  /** One run of the tool; at these of its calls something goes wrong. */
  readonly rotate: (mishaps?: readonly (readonly [number, Mishap])[]) => Promise<RotationReport>
  /** Another command on one family, in a run of its own. */
  readonly change: (
    family: string,
    work: (target: TargetRun, family: FamilyWork, request: RotationWork) => Promise<void>,
    mishaps?: readonly (readonly [number, Mishap])[],
  ) => Promise<RotationReport>
  readonly readRecords: () => Promise<readonly ShardRecord[]>
  readonly readTables: () => Promise<readonly string[]>
  readonly readRows: (table: string) => Promise<readonly string[]>
  readonly insert: (table: string, row: string) => Promise<void>
  /** By hand, past the tool. */
  readonly create: (text: string) => Promise<void>
  readonly drop: (table: string) => Promise<void>
  /** ALTER TABLE ADD COLUMN of a nullable INT, as a fan-out does it. */
  readonly addColumn: (table: string, column: string) => Promise<void>
  readonly setInstances: (present: readonly string[], deleted: readonly string[]) => Promise<void>
  readonly read: (table: string) => Promise<Reader>
  /** All rows of an archive, in some text that has each of them. */
  readonly readArchive: (address: string) => Promise<string>
  /** What archives there are, by address. */
  readonly listArchives: () => Promise<readonly string[]>
}
