import type { BlockedStep, Target, UnreachedTarget } from '../core/target.ts'
import type { Algorithm } from '../ddl/server-answer.ts'
import type { Hazard } from '../lint/rule.ts'
import { maskPasswords } from '../sql/mask-passwords.ts'
import type { Statement, StatementClass } from '../sql/statement.ts'
import { summarizeStatement } from '../sql/statement.ts'
import type { FanOutPlan } from './fan-out-plan.ts'
import { countStatements, type Migration, type Script } from './migration.ts'
import type { BatchPlan, Plan, Step, TableSize, TargetPlan } from './plan.ts'

/** Version of the document's format: the major one changes when readers must, the minor one when fields are added. */
const planDocumentSchema = '1.0'

interface StatementDocument {
  /** From 0. */
  readonly index: number
  readonly line: number
  readonly column: number
  readonly class: StatementClass
  /** Verb and objects. */
  readonly summary: string
  /** The text, with the names of schemas filled in; every password in it is `'***'`. */
  readonly sql: string
  /** For a long INSERT in a file too large to hold: its length in characters, of which `sql` is the beginning. */
  readonly whole?: number
  /** SHA-256 (hex) of the text as it is written in the file. */
  readonly hash: string
  /** The server's answer for an empty copy of the table; null where it was not asked. */
  readonly algorithm: Algorithm | null
  /** The table that it changes, by the estimates of InnoDB; null where it did not exist when the plan was made. */
  readonly size: TableSize | null
  /** How it runs in batches; absent for all others. */
  readonly batch?: BatchPlan
  /** What it drops is hidden first, for so many milliseconds at least; `isDefault` where only a protected environment asks for it. Absent for all others. */
  readonly retire?: { readonly grace: number | null; readonly isDefault: boolean }
}

/** A fan-out as programs read it. */
interface FanOutDocument extends Omit<FanOutPlan, 'shapes' | 'tables'> {
  readonly shapes: readonly { readonly table: string; readonly shards: number }[]
}

interface StepDocument {
  readonly type: Step['type']
  readonly database: string
  readonly version: string
  readonly name: string
  readonly kind: Migration['kind']
  readonly file: string
  readonly checksum: string
  readonly script: Script['type'] | 'none'
  /** The first statement that will run: not 0 when a stopped run is resumed. */
  readonly from: number
  readonly total: number
  readonly after: readonly string[]
  /** For a migration that runs on shards: which ones; absent for all others. */
  readonly fanOut?: FanOutDocument
  /** Every statement of the part that runs; for a `stream` its beginning, for a `module` or a `record` step none. */
  readonly statements: readonly StatementDocument[]
  readonly hazards: readonly Hazard[]
}

interface TargetPlanDocument {
  readonly target: Target
  readonly inputsDigest: string
  readonly steps: readonly StepDocument[]
  readonly notes: readonly string[]
  /** What is left out because it depends on a database that was not reached. */
  readonly blocked: readonly BlockedStep[]
}

/** The size of a plan, for its last line and for scripts. */
export interface PlanCounts {
  readonly targets: number
  readonly steps: number
  /** Statements that will run; a stopped run's completed statements do not count. */
  readonly statements: number
  readonly hazards: number
}

/** A plan without functions and maps: what `--json` prints and `plan --out` writes. */
export interface PlanDocument {
  readonly schema: typeof planDocumentSchema
  readonly direction: Plan['direction']
  readonly targets: readonly TargetPlanDocument[]
  /** Databases that the plan does not cover, because their servers were not reached. */
  readonly unreached: readonly UnreachedTarget[]
  readonly counts: PlanCounts
}

/** Projects a plan onto its document. Two plans that would do the same have equal documents. */
export function toPlanDocument(plan: Plan): PlanDocument {
  return {
    schema: planDocumentSchema,
    direction: plan.direction,
    targets: plan.targets.map(toTargetPlanDocument),
    unreached: plan.unreached ?? [],
    counts: countPlan(plan),
  }
}

/** Counts a plan's targets with something to do, its steps, statements and hazards. */
export function countPlan(plan: Plan): PlanCounts {
  const steps = plan.targets.flatMap((target) => target.steps)
  return {
    targets: plan.targets.filter((target) => target.steps.length > 0).length,
    steps: steps.length,
    statements: steps.reduce((sum, step) => sum + statementsToRun(step), 0),
    hazards: steps.reduce((sum, step) => sum + step.hazards.length, 0),
  }
}

/** How many statements a step runs; a step that only writes the journal runs none. */
export function statementsToRun(step: Step): number {
  if (step.type === 'record') return 0
  const { fanOut } = step
  const script = scriptOf(step)
  if (fanOut === undefined || script === null) return step.total - step.from
  return countStatements(script) * (fanOut.total - fanOut.done)
}

/** The part of the migration that a step runs; null when it only writes the journal. */
export function scriptOf(step: Step): Script | null {
  switch (step.type) {
    case 'apply':
      return step.migration.up
    case 'revert':
      return step.migration.down
    case 'record':
      return null
  }
}

function toTargetPlanDocument(plan: TargetPlan): TargetPlanDocument {
  const { database, schema, server } = plan.target
  return {
    target: { database, schema, server },
    inputsDigest: plan.inputsDigest,
    steps: plan.steps.map(toStepDocument),
    notes: plan.notes,
    blocked: plan.blocked ?? [],
  }
}

function toStepDocument(step: Step): StepDocument {
  const { migration } = step
  const script = scriptOf(step)
  return {
    type: step.type,
    database: migration.database,
    version: migration.version,
    name: migration.name,
    kind: migration.kind,
    file: migration.file,
    checksum: migration.checksum,
    script: script?.type ?? 'none',
    from: step.from,
    total: step.total,
    after: step.after,
    ...(step.fanOut === undefined ? {} : { fanOut: toFanOutDocument(step.fanOut) }),
    statements: toStatementDocuments(step, script),
    hazards: step.hazards.map(toHazardDocument),
  }
}

function toFanOutDocument(plan: FanOutPlan): FanOutDocument {
  const { family, version, total, done, shapes, near, online, proven } = plan
  return {
    family,
    version,
    total,
    done,
    shapes: shapes.map(({ names, shards }) => ({ table: names.table, shards })),
    near,
    ...(online === undefined ? {} : { online }),
    proven,
  }
}

/** The text of a statement as people and programs read it: as it will run, with its passwords masked. */
export function shownText(step: Pick<Step, 'texts'>, { index, text }: Pick<Statement, 'index' | 'text'>): string {
  return maskPasswords(step.texts?.get(index) ?? text)
}

function toStatementDocuments(step: Step, script: Script | null): readonly StatementDocument[] {
  if (script === null || script.type === 'module') return []
  const statements = script.type === 'stream' ? script.sample : script.statements
  return statements.map((statement) => ({
    index: statement.index,
    line: statement.line,
    column: statement.column,
    class: statement.class,
    summary: summarizeStatement(statement),
    sql: shownText(step, statement),
    ...(statement.whole === undefined ? {} : { whole: statement.whole }),
    hash: statement.hash,
    algorithm: step.algorithms.get(statement.index) ?? null,
    size: step.sizes?.get(statement.index) ?? null,
    ...batchOf(step, statement),
    ...retireOf(statement),
  }))
}

function retireOf({ retire }: Statement): Pick<StatementDocument, 'retire'> {
  if (retire === undefined || retire.back !== undefined) return {}
  return { retire: { grace: retire.grace, isDefault: retire.isDefault === true } }
}

function batchOf({ batches }: Step, { index }: Statement): { readonly batch?: BatchPlan } {
  const batch = batches?.get(index)
  return batch === undefined ? {} : { batch }
}

function toHazardDocument(hazard: Hazard): Hazard {
  const { code, kind, why, instead, file, line, statement, accepted } = hazard
  return { code, kind, why, instead, file, line, statement, accepted }
}
