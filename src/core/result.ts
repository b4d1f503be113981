import type { Hazard } from '../lint/rule.ts'
import type { Pass } from '../migrations/journal/journal.ts'
import type { TargetStatus } from '../migrations/journal/status.ts'
import type { Plan } from '../migrations/plan.ts'
import type { LockStatus } from '../migrations/ports.ts'
import type { PlatformPlace, PlatformStepOutcome } from '../platform/platform.ts'
import type {
  EnvironmentVariable,
  ProvisionTemplate,
  RemovedEnvironment,
  TestEnvironment,
  UnremovedEnvironment,
} from '../provision/provision.ts'
import type { ReferenceCheck } from '../references/reference-check.ts'
import type { SchemaDiff } from '../schema/diff.ts'
import type { SeedMatrixDocument, SeedOutcome } from '../seeds/seed.ts'
import type {
  AcknowledgedLoss,
  FamilyAdoption,
  FamilyAlterations,
  FamilyOutcome,
  FamilyPlanDocument,
  FamilyRepair,
  ShardListing,
  TemplateCheck,
} from '../shards/answers.ts'
import type { TargetInspection, UnseenTarget } from '../shards/inspection.ts'
import type { StoreOutcome, StorePlanDocument, StoreVerification } from '../stores/outcome.ts'
import type { ErrorCode } from './error-codes.ts'
import type { StoreKind } from './store.ts'
import type { Target, UnreachedTarget } from './target.ts'
import type { Fault } from './tool-error.ts'

/**
 * How a run ended for one target.
 * - `not-reached` its server could not be used: nothing is known of it, and nothing was done
 * - `blocked`     migrations are left that depend on a database that was not reached; the others are done
 */
export interface TargetOutcome {
  readonly target: Target
  readonly state: 'done' | 'nothing-to-do' | 'failed' | 'stopped' | 'not-started' | 'not-reached' | 'blocked'
  /** Steps completed in this run, as `version_name`. */
  readonly done: readonly string[]
  readonly notDone: readonly string[]
  readonly statements: number
  readonly milliseconds: number
  /** Why it failed or was not started; null when it went well. */
  readonly fault: Fault | null
  readonly code: ErrorCode | null
}

/** What `db create|drop|ping|wait` found or did. */
export interface DatabaseOutcome {
  readonly target: Target
  readonly state: 'created' | 'exists' | 'dropped' | 'absent' | 'reachable' | 'unreachable'
  readonly detail: string | null
}

/** What a configuration value is and where it came from. */
export interface ConfigEntry {
  readonly path: string
  /** Printable; secrets are `***`. */
  readonly value: unknown
  readonly source: 'flag' | 'environment' | 'file' | 'default'
}

/** The answer of a command. Reporters know how each kind looks; the exit code comes with it. */
export type Result =
  | {
      readonly kind: 'run'
      readonly command: string
      readonly outcomes: readonly TargetOutcome[]
      readonly milliseconds: number
      readonly dryRun: boolean
    }
  | { readonly kind: 'plan'; readonly plan: Plan; readonly file: string | null }
  | {
      readonly kind: 'status'
      readonly targets: readonly TargetStatus[]
      /** Databases that nothing is known of, because their servers were not reached; so in all answers. */
      readonly unreached: readonly UnreachedTarget[]
      /** Migrations that `migrate` would apply, were there no findings. */
      readonly pending: number
      /** Those that a run is carrying out at this moment. */
      readonly running: number
    }
  | {
      readonly kind: 'history'
      readonly targets: readonly { readonly target: Target; readonly passes: readonly Pass[] }[]
      readonly unreached: readonly UnreachedTarget[]
    }
  | {
      readonly kind: 'validation'
      readonly faults: readonly Fault[]
      readonly hazards: readonly Hazard[]
      /** With --strict: hazards that are faults, because no header accepts them; null without. */
      readonly stopping: number | null
      readonly files: number
      readonly statements: number
    }
  | {
      readonly kind: 'config'
      readonly file: string | null
      readonly environment: string | null
      readonly entries: readonly ConfigEntry[]
    }
  /** A document that is the answer itself: a JSON Schema, a completion script, environment lines. */
  | { readonly kind: 'document'; readonly format: 'json' | 'text'; readonly content: string }
  | {
      readonly kind: 'schema-diff'
      readonly from: string
      /** The other side: what the first is to become. */
      readonly to: string
      readonly databases: readonly SchemaDiff[]
      /** Objects that differ, over all databases. */
      readonly differences: number
    }
  | {
      readonly kind: 'files'
      readonly created: readonly string[]
      readonly changed: readonly string[]
      readonly next: readonly string[]
    }
  | { readonly kind: 'locks'; readonly locks: readonly LockStatus[]; readonly unreached: readonly UnreachedTarget[] }
  | {
      readonly kind: 'databases'
      readonly command: string
      readonly databases: readonly DatabaseOutcome[]
    }
  | {
      readonly kind: 'orphans'
      /** How keys between logical databases are made here. */
      readonly references: 'physical' | 'logical'
      readonly keys: readonly ReferenceCheck[]
      readonly unreached: readonly UnreachedTarget[]
    }
  | {
      readonly kind: 'sandbox'
      readonly state: 'running' | 'stopped' | 'absent'
      readonly provider: 'url' | 'docker' | 'installed' | 'portable' | null
      readonly version: string | null
      readonly url: string | null
      readonly directory: string | null
      /** The stores beside MySQL that it has. `partly`: some of their servers run. */
      readonly stores: readonly {
        readonly store: StoreKind
        readonly state: 'running' | 'partly' | 'stopped'
        readonly version: string | null
        readonly ports: readonly number[]
      }[]
      readonly next: readonly string[]
    }
  | {
      readonly kind: 'schedule'
      /** Five fields of cron. */
      readonly schedule: string
      readonly zone: string
      /** ISO 8601, UTC; so is `at`. `local` is the same on the zone's clocks, to the minute. */
      readonly now: string
      readonly runs: readonly { readonly at: string; readonly local: string }[]
    }
  | {
      readonly kind: 'schedule-run'
      readonly runs: number
      /** Those at the end that failed one after the other. */
      readonly failures: number
      /** ISO 8601, UTC. */
      readonly lastSuccessAt: string | null
    }
  | {
      readonly kind: 'publication'
      /** Redis, as host:port. */
      readonly server: string
      readonly keys: { readonly map: string; readonly generation: string }
      /** `database.family`. */
      readonly families: readonly string[]
      readonly generation: number
      readonly changed: boolean
    }
  | {
      readonly kind: 'rotation'
      readonly command: string
      /** ISO 8601, UTC. */
      readonly now: string
      readonly families: readonly FamilyOutcome[]
      readonly milliseconds: number
    }
  | {
      readonly kind: 'rotation-plan'
      /** ISO 8601, UTC: when it would run. */
      readonly now: string
      /** True where that time was given, not read from a clock. */
      readonly rehearsal: boolean
      readonly families: readonly FamilyPlanDocument[]
    }
  | {
      readonly kind: 'seed'
      readonly command: string
      readonly outcomes: readonly SeedOutcome[]
      readonly milliseconds: number
      /** True where nothing was to be written. */
      readonly dryRun: boolean
    }
  | {
      readonly kind: 'seed-matrix'
      /** How people get it. */
      readonly layout: 'table' | 'markdown'
      readonly matrices: readonly SeedMatrixDocument[]
    }
  | { readonly kind: 'templates'; readonly templates: readonly TemplateCheck[] }
  | {
      readonly kind: 'shard-check'
      /** ISO 8601, UTC. */
      readonly at: string
      readonly targets: readonly TargetInspection[]
      readonly unseen: readonly UnseenTarget[]
      /** How many things are wrong; a table counts once. */
      readonly findings: number
    }
  | {
      readonly kind: 'shard-list'
      readonly shards: readonly ShardListing[]
      readonly unseen: readonly UnseenTarget[]
    }
  | {
      readonly kind: 'shard-location'
      readonly family: string
      readonly database: string
      readonly key: string
      readonly table: string
      /** Bounds of its period, ISO 8601, UTC; null for a key. */
      readonly from: string | null
      readonly to: string | null
      /** As it is on its server; null where the server was not asked. */
      readonly shard: ShardListing | null
    }
  | {
      readonly kind: 'shard-adoption'
      readonly dryRun: boolean
      readonly targets: readonly { readonly target: Target; readonly families: readonly FamilyAdoption[] }[]
      readonly unseen: readonly UnseenTarget[]
    }
  | {
      readonly kind: 'shard-repair'
      readonly families: readonly FamilyRepair[]
      /** Lost rows that a person knows of from now on. */
      readonly acknowledged: readonly AcknowledgedLoss[]
      readonly unseen: readonly UnseenTarget[]
      readonly milliseconds: number
    }
  | {
      readonly kind: 'shard-diff'
      readonly families: readonly FamilyAlterations[]
      readonly unseen: readonly UnseenTarget[]
    }
  | {
      readonly kind: 'platform'
      readonly steps: readonly PlatformStepOutcome[]
      readonly places: readonly PlatformPlace[]
      readonly milliseconds: number
    }
  | { readonly kind: 'store-plan'; readonly stores: readonly StorePlanDocument[]; readonly changes: number }
  | {
      readonly kind: 'store-run'
      readonly command: string
      readonly stores: readonly StoreOutcome[]
      readonly milliseconds: number
    }
  | {
      readonly kind: 'store-verification'
      readonly stores: readonly StoreVerification[]
      /** How many checks are bad. */
      readonly findings: number
    }
  | {
      readonly kind: 'provision'
      readonly environment: TestEnvironment
      /** What makes programs use it; URLs are without passwords here. */
      readonly variables: readonly EnvironmentVariable[]
      /** Absolute path of the file that has them with passwords; null where none was asked for. */
      readonly file: string | null
      readonly milliseconds: number
    }
  | {
      readonly kind: 'provision-list'
      /** ISO 8601, UTC, by the server's clock. */
      readonly now: string
      readonly environments: readonly TestEnvironment[]
      readonly templates: readonly ProvisionTemplate[]
    }
  | {
      readonly kind: 'provision-removal'
      readonly dryRun: boolean
      readonly removed: readonly RemovedEnvironment[]
      readonly failed: readonly UnremovedEnvironment[]
    }
  /** A program that was run has ended; `code` is its exit code, and becomes ours. */
  | { readonly kind: 'program'; readonly command: string; readonly code: number }
  | { readonly kind: 'version'; readonly version: string; readonly node: string; readonly platform: string }
