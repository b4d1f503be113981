// Made by `npm run generate` from the views of the answers; a test compares it. Do not edit it.
import type { Result } from '../command/result.ts'
import type { View } from '../terminal/view.ts'

/** How the answer of each kind looks to people, loaded when a person reads one. */
const views = {
  version: async () => (await import('./version-view.ts')).versionView,
  databases: async () => (await import('../databases/commands/databases-view.ts')).databasesView,
  doctor: async () => (await import('../doctor/commands/doctor-view.ts')).doctorView,
  grants: async () => (await import('../grants/commands/grants-view.ts')).grantsView,
  'grants-check': async () => (await import('../grants/commands/grants-view.ts')).grantsCheckView,
  lint: async () => (await import('../lint/commands/lint-view.ts')).lintView,
  environments: async () => (await import('../migrations/commands/environments-view.ts')).environmentsView,
  history: async () => (await import('../migrations/commands/history-view.ts')).historyView,
  locks: async () => (await import('../migrations/commands/locks-view.ts')).locksView,
  plan: async () => (await import('../migrations/commands/plan-view.ts')).planView,
  run: async () => (await import('../migrations/commands/run-view.ts')).runView,
  status: async () => (await import('../migrations/commands/state-view.ts')).statusView,
  'targets-run': async () => (await import('../migrations/commands/targets-run-view.ts')).targetsRunView,
  'targets-status': async () => (await import('../migrations/commands/targets-status-view.ts')).targetsStatusView,
  undo: async () => (await import('../migrations/commands/undo-view.ts')).undoView,
  validation: async () => (await import('../migrations/commands/validate-view.ts')).validationView,
  'online-changes': async () => (await import('../operate/commands/online-list-view.ts')).onlineChangesView,
  throttle: async () => (await import('../operate/commands/throttle-view.ts')).throttleView,
  platform: async () => (await import('../platform/commands/up-view.ts')).platformView,
  config: async () => (await import('../project/commands/project-view.ts')).configView,
  files: async () => (await import('../project/commands/project-view.ts')).filesView,
  provision: async () => (await import('../provision/commands/provision-view.ts')).provisionView,
  'provision-list': async () => (await import('../provision/commands/provision-view.ts')).provisionListView,
  'provision-snapshot': async () => (await import('../provision/commands/provision-view.ts')).provisionSnapshotView,
  'provision-restore': async () => (await import('../provision/commands/provision-view.ts')).provisionRestoreView,
  'provision-removal': async () => (await import('../provision/commands/provision-view.ts')).provisionRemovalView,
  orphans: async () => (await import('../references/commands/check-references-view.ts')).orphansView,
  report: async () => (await import('../report/commands/report-view.ts')).reportView,
  retired: async () => (await import('../retire/commands/retired-view.ts')).retiredView,
  sandbox: async () => (await import('../sandbox/commands/sandbox-view.ts')).sandboxView,
  adoption: async () => (await import('../schema/commands/adopt-view.ts')).adoptionView,
  'held-tables': async () => (await import('../schema/commands/held-view.ts')).heldTablesView,
  'schema-diff': async () => (await import('../schema/commands/schema-diff-view.ts')).schemaDiffView,
  seed: async () => (await import('../seeds/commands/seed-view.ts')).seedView,
  'seed-matrix': async () => (await import('../seeds/commands/seed-view.ts')).seedMatrixView,
  'shard-adoption': async () => (await import('../shards/commands/adoption-view.ts')).shardAdoptionView,
  'family-move': async () => (await import('../shards/commands/family-move-view.ts')).familyMoveView,
  move: async () => (await import('../shards/commands/move-view.ts')).moveView,
  'shard-repair': async () => (await import('../shards/commands/repair-view.ts')).shardRepairView,
  rotation: async () => (await import('../shards/commands/rotation-view.ts')).rotationView,
  'rotation-plan': async () => (await import('../shards/commands/rotation-view.ts')).rotationPlanView,
  schedule: async () => (await import('../shards/commands/schedule-view.ts')).scheduleView,
  'schedule-run': async () => (await import('../shards/commands/schedule-view.ts')).scheduleRunView,
  'shard-removal': async () => (await import('../shards/commands/shard-removal-view.ts')).shardRemovalView,
  'shard-check': async () => (await import('../shards/commands/shards-check-view.ts')).shardCheckView,
  'shard-diff': async () => (await import('../shards/commands/shards-diff-view.ts')).shardDiffView,
  templates: async () => (await import('../shards/commands/shards-view.ts')).templatesView,
  'shard-list': async () => (await import('../shards/commands/shards-view.ts')).shardListView,
  'shard-location': async () => (await import('../shards/commands/shards-view.ts')).shardLocationView,
  publication: async () => (await import('../shards/commands/shards-view.ts')).publicationView,
  split: async () => (await import('../shards/commands/split-view.ts')).splitView,
  'code-migration-run': async () => (await import('../stores/commands/code-migration-run-view.ts')).codeMigrationRunView,
  'code-migrations': async () => (await import('../stores/commands/code-migrations-view.ts')).codeMigrationsView,
  'store-backfill': async () => (await import('../stores/commands/store-backfill-view.ts')).storeBackfillView,
  'store-import': async () => (await import('../stores/commands/store-import-view.ts')).storeImportView,
  'store-run': async () => (await import('../stores/commands/store-run-view.ts')).storeRunView,
  'store-status': async () => (await import('../stores/commands/store-status-view.ts')).storeStatusView,
  'store-verification': async () => (await import('../stores/commands/store-verification-view.ts')).storeVerificationView,
  'store-plan': async () => (await import('../stores/commands/stores-view.ts')).storePlanView,
  uses: async () => (await import('../uses/commands/uses-view.ts')).usesView,
}

/** The view of an answer; null for one that is printed as it is. */
export async function loadView<Answer extends Result>({ kind }: Answer): Promise<View<Answer> | null> {
  if (kind === 'document' || kind === 'program') return null
  // The table has the view of a kind under that kind.
  return (views[kind] as () => Promise<View<Answer>>)()
}
