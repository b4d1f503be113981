import type { FilesAnswer, PlanAnswer, RunAnswer, StatusAnswer } from './answers.generated.ts'
import type {
  MigrateOptions,
  PlanOptions,
  RollbackOptions,
  StatusOptions,
  ValidateOptions,
} from './options.generated.ts'
import { type Following, type Project, type Run, run } from './run.ts'

export type { RunLine } from './answers.generated.ts'
export type * from './options.generated.ts'
export type { Following, Project, Run } from './run.ts'
export { type Failure, WwdbError } from './wwdb-error.ts'

/**
 * Brings every database to the state of its migration files, as `wwdb migrate` does: by the same engine, under the same lock, with the same
 * journal and record. Nothing is written to stdout or stderr, and nothing of the process is changed. Rejected with WwdbError where a database failed, or where
 * a question would have to be asked that the options do not answer; throws TypeError for an option that there is not.
 */
export function migrate(options: MigrateOptions & Project & Following = {}): Run<RunAnswer> {
  return run('migrate', { ...options })
}

/** What `migrate`, or with `direction: 'down'` a rollback, would do, as `wwdb plan` shows it. Rejected and throws as `migrate`. */
export function plan(options: PlanOptions & Project & Following = {}): Run<PlanAnswer> {
  return run('plan', { ...options })
}

/** Reverts migrations, as `wwdb rollback` does, which asks: give `yes`. Rejected and throws as `migrate`. */
export function rollback(options: RollbackOptions & Project & Following = {}): Run<RunAnswer> {
  return run('rollback', { ...options })
}

/** What is applied, pending and wrong, as `wwdb status` shows it. Rejected and throws as `migrate`. */
export function status(options: Omit<StatusOptions, 'allEnvironments'> & Project & Following = {}): Run<StatusAnswer> {
  return run('status', { ...options })
}

/** Whether the files are in order, by themselves and against the journal, as `wwdb validate` says. Rejected and throws as `migrate`. */
export function validate(options: ValidateOptions & Project & Following = {}): Run<FilesAnswer> {
  return run('validate', { ...options })
}
