import type { CommandResult, Context } from '../core/context.ts'

/** What is wrong with one value of a command's input. */
export interface InputIssue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** The least that the command line must know of zod: whether the input is right, and what is wrong with it. */
interface InputSchema {
  readonly safeParse: (
    value: unknown,
  ) =>
    | { readonly success: true; readonly data: unknown }
    | { readonly success: false; readonly error: { readonly issues: readonly InputIssue[] } }
}

/**
 * A command's module. `run` takes what `input` let through; the pair belongs together, which TypeScript cannot say of a
 * module picked at run time, hence `never`.
 */
export interface CommandModule {
  readonly input: InputSchema
  readonly run: (input: never, context: Context) => Promise<CommandResult>
}

/** Brings a command's module when the command is asked for, and with it what it needs: zod, the engine, drivers. */
export const commandModules: Readonly<Record<string, () => Promise<CommandModule>>> = {
  migrate: () => import('../migrations/commands/migrate.ts'),
  plan: () => import('../migrations/commands/plan.ts'),
  rollback: () => import('../migrations/commands/rollback.ts'),
  redo: () => import('../migrations/commands/redo.ts'),
  status: () => import('../migrations/commands/status.ts'),
  history: () => import('../migrations/commands/history.ts'),
  validate: () => import('../migrations/commands/validate.ts'),
  'check references': () => import('../references/commands/check-references.ts'),
  repair: () => import('../migrations/commands/repair.ts'),
  baseline: () => import('../migrations/commands/baseline.ts'),
  mark: () => import('../migrations/commands/mark.ts'),
  'lock status': () => import('../migrations/commands/lock-status.ts'),
  'lock release': () => import('../migrations/commands/lock-release.ts'),
  init: () => import('../project/commands/init.ts'),
  new: () => import('../migrations/commands/new.ts'),
  'config show': () => import('../project/commands/config-show.ts'),
  'config validate': () => import('../project/commands/config-validate.ts'),
  'config schema': () => import('../project/commands/config-schema.ts'),
  'db create': () => import('../databases/commands/db-create.ts'),
  'db drop': () => import('../databases/commands/db-drop.ts'),
  'db wait': () => import('../databases/commands/db-wait.ts'),
  'db ping': () => import('../databases/commands/db-ping.ts'),
  seed: () => import('../seeds/commands/seed.ts'),
  'seed matrix': () => import('../seeds/commands/seed-matrix.ts'),
  'seed admin': () => import('../seeds/commands/seed-admin.ts'),
  'seed plan': () => import('../seeds/commands/seed-plan.ts'),
  'schedule run': () => import('../shards/commands/schedule-run.ts'),
  'schedule next': () => import('../shards/commands/schedule-next.ts'),
  'schedule render': () => import('../shards/commands/schedule-render.ts'),
  'template check': () => import('../shards/commands/template-check.ts'),
  'template render': () => import('../shards/commands/template-render.ts'),
  'shards catalogue': () => import('../shards/commands/shards-catalogue.ts'),
  'rotate run': () => import('../shards/commands/rotate-run.ts'),
  'shards check': () => import('../shards/commands/shards-check.ts'),
  'shards list': () => import('../shards/commands/shards-list.ts'),
  'shards locate': () => import('../shards/commands/shards-locate.ts'),
  'shards diff': () => import('../shards/commands/shards-diff.ts'),
  'shards repair': () => import('../shards/commands/shards-repair.ts'),
  'shards adopt': () => import('../shards/commands/shards-adopt.ts'),
  'rotate plan': () => import('../shards/commands/rotate-plan.ts'),
  'shards create': () => import('../shards/commands/shards-create.ts'),
  'shards protect': () => import('../shards/commands/shards-protect.ts'),
  'shards unprotect': () => import('../shards/commands/shards-unprotect.ts'),
  'shards restore': () => import('../shards/commands/shards-restore.ts'),
  'shards publish': () => import('../shards/commands/shards-publish.ts'),
  up: () => import('../platform/commands/up.ts'),
  'setup plan': () => import('../stores/commands/setup-plan.ts'),
  'setup apply': () => import('../stores/commands/setup-apply.ts'),
  'setup verify': () => import('../stores/commands/setup-verify.ts'),
  'provision up': () => import('../provision/commands/provision-up.ts'),
  'provision down': () => import('../provision/commands/provision-down.ts'),
  'provision list': () => import('../provision/commands/provision-list.ts'),
  'provision gc': () => import('../provision/commands/provision-gc.ts'),
  'provision exec': () => import('../provision/commands/provision-exec.ts'),
  'sandbox up': () => import('../sandbox/commands/sandbox-up.ts'),
  'sandbox down': () => import('../sandbox/commands/sandbox-down.ts'),
  'sandbox status': () => import('../sandbox/commands/sandbox-status.ts'),
  'sandbox env': () => import('../sandbox/commands/sandbox-env.ts'),
  completion: () => import('./commands/completion.ts'),
  version: () => import('./commands/version.ts'),
  help: () => import('./commands/help.ts'),
}
