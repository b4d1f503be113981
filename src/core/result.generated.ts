// Made by `npm run generate` from the views of the answers; a test compares it. Do not edit it.
import type { VersionResult } from '../cli/version-view.ts'
import type { DatabasesResult } from '../databases/commands/databases-view.ts'
import type { DoctorResult } from '../doctor/commands/doctor-view.ts'
import type { GrantsCheckResult, GrantsResult } from '../grants/commands/grants-view.ts'
import type { LintResult } from '../lint/commands/lint-view.ts'
import type { EnvironmentsResult } from '../migrations/commands/environments-view.ts'
import type { HistoryResult } from '../migrations/commands/history-view.ts'
import type { LocksResult } from '../migrations/commands/locks-view.ts'
import type { PlanResult } from '../migrations/commands/plan-view.ts'
import type { RunResult } from '../migrations/commands/run-view.ts'
import type { StatusResult } from '../migrations/commands/state-view.ts'
import type { ValidationResult } from '../migrations/commands/validate-view.ts'
import type { PlatformResult } from '../platform/commands/up-view.ts'
import type { ConfigResult, FilesResult } from '../project/commands/project-view.ts'
import type { ProvisionListResult, ProvisionRemovalResult, ProvisionResult } from '../provision/commands/provision-view.ts'
import type { OrphansResult } from '../references/commands/check-references-view.ts'
import type { ReportResult } from '../report/commands/report-view.ts'
import type { SandboxResult } from '../sandbox/commands/sandbox-view.ts'
import type { AdoptionResult } from '../schema/commands/adopt-view.ts'
import type { HeldTablesResult } from '../schema/commands/held-view.ts'
import type { SchemaDiffResult } from '../schema/commands/schema-diff-view.ts'
import type { SeedMatrixResult, SeedResult } from '../seeds/commands/seed-view.ts'
import type { ShardAdoptionResult } from '../shards/commands/adoption-view.ts'
import type { FamilyMoveResult } from '../shards/commands/family-move-view.ts'
import type { ShardRepairResult } from '../shards/commands/repair-view.ts'
import type { RotationPlanResult, RotationResult } from '../shards/commands/rotation-view.ts'
import type { ScheduleResult, ScheduleRunResult } from '../shards/commands/schedule-view.ts'
import type { ShardRemovalResult } from '../shards/commands/shard-removal-view.ts'
import type { ShardCheckResult } from '../shards/commands/shards-check-view.ts'
import type { ShardDiffResult } from '../shards/commands/shards-diff-view.ts'
import type { PublicationResult, ShardListResult, ShardLocationResult, TemplatesResult } from '../shards/commands/shards-view.ts'
import type { StoreRunResult } from '../stores/commands/store-run-view.ts'
import type { StoreVerificationResult } from '../stores/commands/store-verification-view.ts'
import type { StorePlanResult } from '../stores/commands/stores-view.ts'
import type { DocumentResult, ProgramResult } from './result.ts'

/** The answer of a command. Each has its type and its view in one file, its capability's `commands/*-view.ts`. */
export type Result =
  | AdoptionResult
  | ConfigResult
  | DatabasesResult
  | DoctorResult
  | EnvironmentsResult
  | FamilyMoveResult
  | FilesResult
  | GrantsCheckResult
  | GrantsResult
  | HeldTablesResult
  | HistoryResult
  | LintResult
  | LocksResult
  | OrphansResult
  | PlanResult
  | PlatformResult
  | ProvisionListResult
  | ProvisionRemovalResult
  | ProvisionResult
  | PublicationResult
  | ReportResult
  | RotationPlanResult
  | RotationResult
  | RunResult
  | SandboxResult
  | ScheduleResult
  | ScheduleRunResult
  | SchemaDiffResult
  | SeedMatrixResult
  | SeedResult
  | ShardAdoptionResult
  | ShardCheckResult
  | ShardDiffResult
  | ShardListResult
  | ShardLocationResult
  | ShardRemovalResult
  | ShardRepairResult
  | StatusResult
  | StorePlanResult
  | StoreRunResult
  | StoreVerificationResult
  | TemplatesResult
  | ValidationResult
  | VersionResult
  | DocumentResult
  | ProgramResult
