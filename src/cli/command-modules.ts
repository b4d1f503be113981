import type { CommandResult, Context } from '../commands/context.ts'

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
  migrate: () => import('../commands/migrate.ts'),
  plan: () => import('../commands/plan.ts'),
  rollback: () => import('../commands/rollback.ts'),
  redo: () => import('../commands/redo.ts'),
  status: () => import('../commands/status.ts'),
  history: () => import('../commands/history.ts'),
  validate: () => import('../commands/validate.ts'),
  'check references': () => import('../commands/check-references.ts'),
  repair: () => import('../commands/repair.ts'),
  baseline: () => import('../commands/baseline.ts'),
  mark: () => import('../commands/mark.ts'),
  'lock status': () => import('../commands/lock-status.ts'),
  'lock release': () => import('../commands/lock-release.ts'),
  init: () => import('../commands/init.ts'),
  new: () => import('../commands/new.ts'),
  'config show': () => import('../commands/config-show.ts'),
  'config validate': () => import('../commands/config-validate.ts'),
  'config schema': () => import('../commands/config-schema.ts'),
  'db create': () => import('../commands/db-create.ts'),
  'db drop': () => import('../commands/db-drop.ts'),
  'db wait': () => import('../commands/db-wait.ts'),
  'db ping': () => import('../commands/db-ping.ts'),
  seed: () => import('../commands/seed.ts'),
  'seed matrix': () => import('../commands/seed-matrix.ts'),
  'seed admin': () => import('../commands/seed-admin.ts'),
  'seed plan': () => import('../commands/seed-plan.ts'),
  'schedule run': () => import('../commands/schedule-run.ts'),
  'schedule next': () => import('../commands/schedule-next.ts'),
  'schedule render': () => import('../commands/schedule-render.ts'),
  'template check': () => import('../commands/template-check.ts'),
  'template render': () => import('../commands/template-render.ts'),
  'shards catalogue': () => import('../commands/shards-catalogue.ts'),
  'rotate run': () => import('../commands/rotate-run.ts'),
  'shards check': () => import('../commands/shards-check.ts'),
  'shards list': () => import('../commands/shards-list.ts'),
  'shards locate': () => import('../commands/shards-locate.ts'),
  'shards diff': () => import('../commands/shards-diff.ts'),
  'shards repair': () => import('../commands/shards-repair.ts'),
  'shards adopt': () => import('../commands/shards-adopt.ts'),
  'rotate plan': () => import('../commands/rotate-plan.ts'),
  'shards create': () => import('../commands/shards-create.ts'),
  'shards hold': () => import('../commands/shards-hold.ts'),
  'shards release': () => import('../commands/shards-release.ts'),
  'shards restore': () => import('../commands/shards-restore.ts'),
  'shards publish': () => import('../commands/shards-publish.ts'),
  up: () => import('../commands/up.ts'),
  'setup plan': () => import('../commands/setup-plan.ts'),
  'setup apply': () => import('../commands/setup-apply.ts'),
  'setup verify': () => import('../commands/setup-verify.ts'),
  'provision up': () => import('../commands/provision-up.ts'),
  'provision down': () => import('../commands/provision-down.ts'),
  'provision list': () => import('../commands/provision-list.ts'),
  'provision gc': () => import('../commands/provision-gc.ts'),
  'provision exec': () => import('../commands/provision-exec.ts'),
  'sandbox up': () => import('../commands/sandbox-up.ts'),
  'sandbox down': () => import('../commands/sandbox-down.ts'),
  'sandbox status': () => import('../commands/sandbox-status.ts'),
  'sandbox env': () => import('../commands/sandbox-env.ts'),
  completion: () => import('./about/completion.ts'),
  version: () => import('./about/version.ts'),
  help: () => import('./about/help.ts'),
}
