import type { Result } from '../command/result.ts'
import type { ErrorCode } from '../core/error-codes.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import type { Migration } from '../migrations/migration.ts'
import type { Step } from '../migrations/plan.ts'
import type { FamilyOutcome } from '../shards/answers.ts'
import type { FamilyPlan, ShardStepKind } from '../shards/rotation/family-plan.ts'
import { maskPasswords } from '../sql/mask-passwords.ts'
import { summarizeStatement } from '../sql/statement.ts'

/** A database of a run. */
export interface HookTarget extends Target {
  /** The `inputsDigest` of its plan; null where the command makes no plan. */
  readonly planDigest: string | null
}

/** Which run this is, and who started it: the same in all documents of a run. */
interface HookRun {
  /** The format of this document. */
  readonly version: 1
  /** The run's id, as in `wwdb_runs` and in every line of `--json`. */
  readonly run: string
  /** `migrate`, `rotate run`. */
  readonly command: string
  /** Flags and arguments, without secrets. */
  readonly flags: string
  /** The environment of the configuration; null without one. */
  readonly environment: string | null
  /** True for a protected environment. */
  readonly protected: boolean
  /** The user of the operating system. */
  readonly person: string
  readonly host: string
  /** Who started the CI job; null without one. */
  readonly actor: string | null
  /** The address or name of the CI job; null without one. */
  readonly job: string | null
  readonly toolVersion: string
  /** The databases that the run may write to. */
  readonly targets: readonly HookTarget[]
}

/** What went wrong. */
export interface HookError {
  /** Null for a defect of wwdb. */
  readonly code: ErrorCode | null
  readonly message: string
}

/** How it ended. */
export interface HookEnd {
  readonly outcome: 'done' | 'failed' | 'stopped'
  readonly milliseconds: number
  /** Null where nothing went wrong. */
  readonly error: HookError | null
}

/** A statement of a migration. */
interface HookStatement {
  /** Null where it has no line: a data migration. */
  readonly line: number | null
  /** Verb and objects, such as `ALTER TABLE users`. */
  readonly summary: string
  /** Its text, passwords masked, at most 4000 characters; null for a data migration. */
  readonly sql: string | null
}

/** A migration that is about to run or has run. */
export interface HookMigration {
  readonly database: string
  readonly schema: string
  readonly server: string
  readonly version: string
  readonly name: string
  /** Relative to the project's folder. */
  readonly file: string
  readonly direction: 'up' | 'down'
  /** The shard family that it runs on; null where it runs on none. */
  readonly shards: string | null
  /** How many statements it has. */
  readonly total: number
  /** How many of them an earlier run has completed. */
  readonly from: number
  /** The remaining statements, at most 100 of them. */
  readonly statements: readonly HookStatement[]
}

/** What a rotation will do to a family: names of tables. */
export interface HookRotation {
  readonly family: string
  readonly database: string
  readonly schema: string
  readonly server: string
  readonly create: readonly string[]
  readonly adopt: readonly string[]
  readonly restore: readonly string[]
  readonly seal: readonly string[]
  readonly hold: readonly string[]
  readonly archive: readonly string[]
  readonly drop: readonly string[]
}

interface BeforeRun extends HookRun {
  readonly event: 'before.run'
}

interface AfterRun extends HookRun {
  readonly event: 'after.run'
  readonly end: HookEnd & { readonly exitCode: number }
}

interface BeforeMigration extends HookRun {
  readonly event: 'before.migration'
  readonly migration: HookMigration
}

interface AfterMigration extends HookRun {
  readonly event: 'after.migration'
  readonly migration: HookMigration
  readonly end: HookEnd
}

interface BeforeRotation extends HookRun {
  readonly event: 'before.rotation'
  /** What is planned. */
  readonly rotation: HookRotation
}

interface AfterRotation extends HookRun {
  readonly event: 'after.rotation'
  /** What was done. */
  readonly rotation: HookRotation
  readonly end: HookEnd
}

/** What a hook reads from its stdin: one document, without secrets. Later versions may add fields. */
export type HookDocument = BeforeRun | AfterRun | BeforeMigration | AfterMigration | BeforeRotation | AfterRotation

/** Statements beyond this number are left out: a hook inspects statements, it does not run them. */
const mostStatements = 100
const longestText = 4000

/** A migration as a hook sees it. */
export function describeMigration(target: Target, step: Step): HookMigration {
  const { migration } = step
  return {
    ...target,
    version: migration.version,
    name: migration.name,
    file: migration.file,
    direction: step.type === 'revert' ? 'down' : 'up',
    shards: migration.shards ?? null,
    total: step.total,
    from: step.from,
    statements: describeStatements(migration, step),
  }
}

function describeStatements(migration: Migration, { type, from, texts }: Step): readonly HookStatement[] {
  const script = type === 'revert' ? migration.down : migration.up
  if (script === null) return []
  if (script.type === 'module')
    return [{ line: null, summary: `${type === 'revert' ? 'down' : 'up'}() of ${migration.file}`, sql: null }]
  const statements = script.type === 'stream' ? script.sample : script.statements
  return statements
    .filter(({ index }) => index >= from)
    .slice(0, mostStatements)
    .map((statement) => ({
      line: statement.line,
      summary: summarizeStatement(statement),
      sql: maskPasswords(texts?.get(statement.index) ?? statement.text).slice(0, longestText),
    }))
}

/** What a rotation is about to do to a family. */
export function describePlan(target: Target, plan: FamilyPlan): HookRotation {
  const tables = (kind: ShardStepKind): readonly string[] =>
    plan.steps.flatMap(({ step, record }) => (step === kind ? [record.table] : []))
  return {
    family: plan.family,
    ...target,
    create: plan.make.map(({ shard }) => shard.table),
    adopt: plan.adopt.map(({ table }) => table),
    restore: tables('restore'),
    seal: tables('seal'),
    hold: tables('hold'),
    archive: tables('archive'),
    drop: tables('drop'),
  }
}

/** What a rotation did to a family. */
export function describeOutcome(outcome: FamilyOutcome): HookRotation {
  const { family, target, created, adopted, restored, sealed, held, archived, dropped } = outcome
  return {
    family,
    ...target,
    create: created,
    adopt: adopted,
    restore: restored,
    seal: sealed,
    hold: held,
    archive: archived,
    drop: dropped,
  }
}

/** How a rotation of a family ended. */
export function endOfFamily({ state, milliseconds, code, fault }: FamilyOutcome): HookEnd {
  const outcome = state === 'done' || state === 'nothing-to-do' ? 'done' : state === 'stopped' ? 'stopped' : 'failed'
  return { outcome, milliseconds, error: fault === null ? null : { code, message: fault.what } }
}

/** How a command ended: where an answer has several outcomes, the first failure gives the reason. */
export function endOfCommand(
  ended: { readonly result: Result } | { readonly error: unknown },
  exitCode: ExitCode,
): Omit<HookEnd, 'milliseconds'> {
  const outcome = exitCode >= exitCodes.hangup ? 'stopped' : exitCode > exitCodes.findings ? 'failed' : 'done'
  if ('error' in ended) return { outcome, error: describeError(ended.error) }
  const failure = outcomesOf(ended.result).find(({ fault }) => fault !== null && fault !== undefined)
  const error = failure === undefined ? null : { code: failure.code, message: failure.fault?.what ?? '' }
  return { outcome, error: outcome === 'done' ? null : error }
}

function outcomesOf(result: Result): readonly Pick<FamilyOutcome, 'code' | 'fault'>[] {
  if (result.kind === 'run' || result.kind === 'seed' || result.kind === 'targets-run') return result.outcomes
  return result.kind === 'rotation' ? result.families : []
}

/** Null where nothing went wrong. */
export function describeError(error: unknown): HookError | null {
  if (error === null || error === undefined) return null
  if (!(error instanceof ToolError)) return { code: null, message: String(error) }
  return { code: error.code, message: error.faults[0]?.what ?? error.message }
}
