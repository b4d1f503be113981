import type { Result } from '../core/result.ts'
import type { View } from '../terminal/view.ts'

/** Answers that are printed as they are, or not at all. */
type Plain = 'document' | 'program'

type Views = {
  readonly [Kind in Exclude<Result['kind'], Plain>]: () => Promise<View<Extract<Result, { readonly kind: Kind }>>>
}

/** How the answer of each kind looks to people, loaded when a person reads one. */
const views: Views = {
  run: async () => (await import('../migrations/commands/run-view.ts')).runView,
  plan: async () => (await import('../migrations/commands/plan-view.ts')).planView,
  status: async () => (await import('../migrations/commands/state-view.ts')).statusView,
  history: async () => (await import('../migrations/commands/history-view.ts')).historyView,
  validation: async () => (await import('../migrations/commands/validate-view.ts')).validationView,
  locks: async () => (await import('../migrations/commands/locks-view.ts')).locksView,
  config: async () => (await import('../project/commands/project-view.ts')).configView,
  files: async () => (await import('../project/commands/project-view.ts')).filesView,
  databases: async () => (await import('../databases/commands/databases-view.ts')).databasesView,
  orphans: async () => (await import('../references/commands/check-references-view.ts')).orphansView,
  sandbox: async () => (await import('../sandbox/commands/sandbox-view.ts')).sandboxView,
  schedule: async () => (await import('../shards/commands/schedule-view.ts')).scheduleView,
  'schedule-run': async () => (await import('../shards/commands/schedule-view.ts')).scheduleRunView,
  seed: async () => (await import('../seeds/commands/seed-view.ts')).seedView,
  'seed-matrix': async () => (await import('../seeds/commands/seed-view.ts')).seedMatrixView,
  templates: async () => (await import('../shards/commands/shards-view.ts')).templatesView,
  rotation: async () => (await import('../shards/commands/rotation-view.ts')).rotationView,
  'rotation-plan': async () => (await import('../shards/commands/rotation-view.ts')).rotationPlanView,
  'shard-check': async () => (await import('../shards/commands/shards-check-view.ts')).shardCheckView,
  'shard-list': async () => (await import('../shards/commands/shards-view.ts')).shardListView,
  'shard-location': async () => (await import('../shards/commands/shards-view.ts')).shardLocationView,
  'shard-adoption': async () => (await import('../shards/commands/adoption-view.ts')).shardAdoptionView,
  'shard-repair': async () => (await import('../shards/commands/repair-view.ts')).shardRepairView,
  'schema-diff': async () => (await import('../schema/commands/schema-diff-view.ts')).schemaDiffView,
  'shard-diff': async () => (await import('../shards/commands/shards-diff-view.ts')).shardDiffView,
  publication: async () => (await import('../shards/commands/shards-view.ts')).publicationView,
  platform: async () => (await import('../platform/commands/up-view.ts')).platformView,
  'store-plan': async () => (await import('../stores/commands/stores-view.ts')).storePlanView,
  'store-run': async () => (await import('../stores/commands/store-run-view.ts')).storeRunView,
  'store-verification': async () =>
    (await import('../stores/commands/store-verification-view.ts')).storeVerificationView,
  provision: async () => (await import('../provision/commands/provision-view.ts')).provisionView,
  'provision-list': async () => (await import('../provision/commands/provision-view.ts')).provisionListView,
  'provision-removal': async () => (await import('../provision/commands/provision-view.ts')).provisionRemovalView,
  version: async () => (await import('./version-view.ts')).versionView,
}

/** The view of an answer; null for one that is printed as it is. */
export async function loadView<Answer extends Result>({ kind }: Answer): Promise<View<Answer> | null> {
  if (kind === 'document' || kind === 'program') return null
  // The table has the view of a kind under that kind.
  return (views[kind] as () => Promise<View<Answer>>)()
}
