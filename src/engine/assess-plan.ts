import { randomBytes } from 'node:crypto'
import type { Hazard } from '../domain/hazard.ts'
import type { Algorithm, Plan, Step, TargetPlan } from '../domain/plan.ts'
import { scriptOf } from '../domain/plan-document.ts'
import type { Statement } from '../domain/statement.ts'
import { listTablesToRead, makeAlgorithmQuestions } from '../sql/algorithms/algorithm-questions.ts'
import { findHazards, findHazardsInOrder, type PlannedStatement } from '../sql/hazards/find-hazards.ts'
import { resolveObjects, resolveText, type Schemas } from './placeholders.ts'
import type { Session } from './ports.ts'
import { renderShardStatement } from './shards/fan-out/render-statement.ts'
import type { OpenTarget } from './targets.ts'

interface Located {
  readonly step: Step
  readonly statement: Statement
}

function resolveStatement(statement: Statement, schemas: Schemas): Statement {
  const text = resolveText(statement.text, schemas)
  if (text === statement.text) return statement
  const objects = resolveObjects(statement.objects, schemas)
  return { ...statement, text, objects, references: resolveObjects(statement.references, schemas) }
}

/** On shards: the statements for one shard of every distinct shape. */
function fillIn({ fanOut }: Step, statements: readonly Statement[]): readonly Statement[] {
  if (fanOut === undefined) return statements
  return fanOut.shapes.flatMap(({ names }) =>
    statements.map((statement) => renderShardStatement(statement, names, false)),
  )
}

/** The statements still to run of scripts that are held whole. */
function listStatements(steps: readonly Step[], schemas: Schemas): readonly Located[] {
  return steps.flatMap((step) => {
    const script = scriptOf(step)
    if (script?.type !== 'statements') return []
    const left = script.statements.filter((statement) => statement.index >= step.from)
    return fillIn(step, left).map((statement) => ({ step, statement: resolveStatement(statement, schemas) }))
  })
}

/** A file too large to hold is read once more: each statement is judged alone, by its text. */
async function judgeStream(step: Step): Promise<readonly Hazard[]> {
  const script = scriptOf(step)
  if (script?.type !== 'stream') return []
  const hazards: Hazard[] = []
  for await (const statement of script.open()) {
    if (statement.index >= step.from) hazards.push(...findHazards(statement, { accepted: step.migration.accepted }))
  }
  return hazards
}

const bySpeed: readonly Algorithm[] = ['INSTANT', 'INPLACE', 'COPY']

/** Shards of different shapes may be changed in different ways: the slowest counts. */
function slower(known: Algorithm | undefined, found: Algorithm): Algorithm {
  return known !== undefined && bySpeed.indexOf(known) > bySpeed.indexOf(found) ? known : found
}

/** The same hazard on shards of several shapes is told once. */
function once(hazards: readonly Hazard[]): readonly Hazard[] {
  return [...new Map(hazards.map((hazard) => [`${hazard.code} ${hazard.line} ${hazard.why}`, hazard])).values()]
}

interface Answers {
  readonly planned: readonly PlannedStatement[]
  readonly algorithms: ReadonlyMap<Step, ReadonlyMap<number, Algorithm>>
  readonly notes: readonly string[]
}

async function askServer(
  session: Session,
  located: readonly Located[],
  probe: boolean,
): Promise<Answers & { readonly hazards: readonly (readonly Hazard[])[] }> {
  const statements = located.map((one) => one.statement)
  const names = listTablesToRead(statements)
  const tables = await session.readTableStates(names)
  const { version: serverVersion } = session.facts
  const scratch = `wwdb_scratch_${randomBytes(6).toString('hex')}`
  const questions = makeAlgorithmQuestions({
    statements,
    tables,
    schema: session.target.schema,
    serverVersion,
    scratch,
  })
  const result = probe && questions.steps.length > 0 ? await session.probe(questions) : { answers: null, notes: [] }
  const algorithms = new Map<Step, Map<number, Algorithm>>()
  const planned = located.map(({ step, statement }, position): PlannedStatement => {
    const answer = result.answers?.get(position)
    const { accepted } = step.migration
    if (answer === undefined) return { statement, accepted }
    const own = algorithms.get(step) ?? new Map<number, Algorithm>()
    algorithms.set(step, own.set(statement.index, slower(own.get(statement.index), answer.algorithm)))
    return { statement, accepted, answer }
  })
  return { planned, algorithms, notes: result.notes, hazards: findHazardsInOrder(planned, { tables, serverVersion }) }
}

async function assessTarget(plan: TargetPlan, session: Session, schemas: Schemas, probe: boolean): Promise<TargetPlan> {
  if (plan.steps.length === 0) return plan
  const located = listStatements(plan.steps, schemas)
  const asked = await askServer(session, located, probe)
  const steps: Step[] = []
  const own = new Map<Step, Hazard[]>(plan.steps.map((step) => [step, []]))
  for (const [position, { step }] of located.entries()) own.get(step)?.push(...(asked.hazards[position] ?? []))
  for (const step of plan.steps) {
    const hazards = [...(own.get(step) ?? []), ...(await judgeStream(step))]
    steps.push({
      ...step,
      hazards: step.fanOut === undefined ? hazards : once(hazards),
      algorithms: asked.algorithms.get(step) ?? new Map(),
    })
  }
  return { ...plan, steps, notes: [...plan.notes, ...asked.notes] }
}

/**
 * Adds to a plan what is dangerous about its statements, and how the server would carry them out: it is asked about
 * tables that are there, on empty copies in a scratch schema of wwdb's own. `probe` false leaves the asking out.
 */
export async function assessPlan(
  plan: Plan,
  targets: readonly OpenTarget[],
  schemas: Schemas,
  probe: boolean,
): Promise<Plan> {
  const assessed = plan.targets.map((target) => {
    const open = targets.find((one) => one.database.name === target.target.database)
    return open === undefined ? target : assessTarget(target, open.session, schemas, probe)
  })
  return { ...plan, targets: await Promise.all(assessed) }
}
