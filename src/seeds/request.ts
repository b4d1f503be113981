import type { Config } from '../config/config.ts'
import type { Emit } from '../core/event.ts'
import type { ServerPort, StopRequest } from '../migrations/ports.ts'
import type { OpenTarget } from '../migrations/targets.ts'
import type { SeedStore } from './ports.ts'
import { type DatabaseSeeds, isForEnvironment, type SeedRow, type SeedTable } from './seed.ts'
import type { SeedOutcome, SeedTargetPlan } from './seed-plan.ts'
import type { StagedSeed } from './stage-target.ts'

/** What a seed run is asked to do. */
export interface SeedRequest {
  readonly config: Config
  /** As the files have them; databases without any are absent. */
  readonly seeds: readonly DatabaseSeeds[]
  readonly servers: ServerPort
  readonly emit: Emit
  readonly stop: StopRequest
  /** Files (without their ending) or tables; empty for all. */
  readonly only: readonly string[]
  /** Removes rows that the tool inserted and that left the files. */
  readonly prune: boolean
  /** False only shows what would be done. */
  readonly write: boolean
  /** False leaves no memory of the rows that are written: what is no file's is not to be pruned. Default true. */
  readonly remember?: boolean
  /** How the journal calls the rows' pass. Default `rows`. */
  readonly pass?: 'rows' | 'administrator'
  /** Looks at every plan of a target, and throws where something stands against it. */
  readonly object?: (seeding: SeedTarget, plan: SeedTargetPlan) => Promise<void>
  /** Looks at what is about to be done; throws to stop it. Called again where it differs under the lock. */
  readonly approve: (plans: readonly SeedTargetPlan[]) => Promise<void>
}

/** One target with all that its seeding needs. */
export interface SeedTarget {
  readonly target: OpenTarget
  readonly store: SeedStore
  readonly seeds: DatabaseSeeds
  readonly tables: readonly StagedSeed[]
}

export interface SeedReport {
  readonly outcomes: readonly SeedOutcome[]
  /** The first thing that went wrong, for the exit code; null when nothing did. */
  readonly error: unknown
}

/** `seeds/user_db/roles.yaml` is `roles`. */
function plainFileName(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.[^.]+$/, '')
}

export function isSelected(only: readonly string[], file: string, table: string | null): boolean {
  return only.length === 0 || only.some((name) => name === plainFileName(file) || name === table)
}

/** Whether a row takes part in this run. */
export function takesPartIn({ only, config }: Pick<SeedRequest, 'only' | 'config'>) {
  return (row: SeedRow, table: SeedTable): boolean =>
    isSelected(only, table.file, table.table) && isForEnvironment(row, config.environment)
}
