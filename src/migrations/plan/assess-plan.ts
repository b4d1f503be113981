import type { Config } from '../../config/config.ts'
import { groupBy } from '../../core/group-by.ts'
import { nameScratch } from '../../core/scratch-name.ts'
import type { Fault } from '../../core/tool-error.ts'
import { applyStatement } from '../../ddl/apply-statement.ts'
import { listMissingBefore } from '../../ddl/follow-calls.ts'
import { nothingKnown, type Schema } from '../../ddl/schema.ts'
import type { Algorithm } from '../../ddl/server-answer.ts'
import { judgeInOrder, type PlannedStatement } from '../../lint/find-hazards.ts'
import type { Hazard } from '../../lint/rule.ts'
import { makeAlgorithmQuestions } from '../../probe/algorithm-questions.ts'
import type { ProbeRefusal, ProbeResult } from '../../probe/probe-result.ts'
import { readCode } from '../../probe/read-code.ts'
import { listParentsToRead, listTablesToRead } from '../../probe/what-to-read.ts'
import { type Plan, type Step, type TargetPlan, withFailures } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'
import { type OpenTarget, TargetLost } from '../targets.ts'
import { isLost } from '../unreached.ts'
import { foreseeFailures } from './foresee-failures.ts'
import { type Assessed, listStatements } from './list-statements.ts'
import { judgeByRows } from './look-at-rows.ts'
import { judgeByStatements, type LiveLook } from './look-at-statements.ts'
import { noteRetired, readRetiredNow, withoutSaid } from './note-retired.ts'
import { noteUntried, notTried } from './note-untried.ts'
import { isTouchedByOthers, ownTables, refersToChanged } from './own-tables.ts'
import { resolveText, type Schemas } from './placeholders.ts'
import { planBatches } from './plan-batches.ts'
import { refuseVschema } from './refuse-vschema.ts'
import { sizesOf } from './statement-sizes.ts'

const bySpeed: readonly Algorithm[] = ['INSTANT', 'INPLACE', 'COPY']

/** Shards of different shapes may be changed in different ways: the slowest counts. */
function slower(known: Algorithm | undefined, found: Algorithm): Algorithm {
  return known !== undefined && bySpeed.indexOf(known) > bySpeed.indexOf(found) ? known : found
}

/** The texts with the schemas' names in place of placeholders; those for shards are shown as they are written. */
function textsOf(step: Step, schemas: Schemas): ReadonlyMap<number, string> {
  const script = scriptOf(step)
  if (script === null || script.type === 'module') return new Map()
  const statements = script.type === 'stream' ? script.sample : script.statements
  return new Map(
    statements.flatMap(({ index, text }) => {
      const resolved = resolveText(text, schemas)
      return resolved === text ? [] : [[index, resolved] as const]
    }),
  )
}

/** The same hazard on shards of several shapes is reported once. */
function once(hazards: readonly Hazard[]): readonly Hazard[] {
  return [...new Map(hazards.map((hazard) => [`${hazard.code} ${hazard.line} ${hazard.why}`, hazard])).values()]
}

interface Answers {
  readonly planned: readonly PlannedStatement[]
  readonly algorithms: ReadonlyMap<Step, ReadonlyMap<number, Algorithm>>
  readonly notes: readonly string[]
  readonly refusals: ReadonlyMap<number, ProbeRefusal>
}

async function askServer(
  target: OpenTarget,
  { located, ran, ranBefore }: Assessed,
  { probe, trial, live }: Asking,
): Promise<Answers & { readonly judged: Awaited<ReturnType<typeof judgeByRows>>; readonly tables: Schema }> {
  const { session } = target
  const statements = located.map((one) => one.statement)
  const place = { schema: session.target.schema, foldsNames: session.facts.foldsNames }
  const { inner, ...code } = await readCode(session, place, [...ran, ...statements])
  const all = [...statements, ...inner]
  const present = await session.readTableStates(listTablesToRead(all), {
    parents: listParentsToRead(all),
    views: code.views,
  })
  const tables = ownTables({ ...present, ...code }, ran)
  const { version: serverVersion, accounts = [] } = session.facts
  const scratch = nameScratch()
  const questions = probe
    ? makeAlgorithmQuestions({
        statements,
        tables,
        schema: session.target.schema,
        serverVersion,
        scratch,
        ranBefore,
        ...(trial !== 'off' && {
          trial: {
            isTried: (position: number) => located[position]?.step.fanOut === undefined,
            mayHaveRun: (position: number) => located[position]?.isOpen === true,
          },
        }),
      })
    : null
  const isAsked = questions !== null && questions.steps.length > 0
  const result: ProbeResult = isAsked ? await session.probe(questions) : { answers: null, notes: [] }
  const algorithms = new Map<Step, Map<number, Algorithm>>()
  const planned = located.map(({ step, statement }, position): PlannedStatement => {
    const answer = result.answers?.get(position)
    const { accepted } = step.migration
    if (answer === undefined) return { statement, accepted }
    const own = algorithms.get(step) ?? new Map<number, Algorithm>()
    algorithms.set(step, own.set(statement.index, slower(own.get(statement.index), answer.algorithm)))
    return { statement, accepted, answer }
  })
  const byRows = await judgeByRows(session, planned, judgeInOrder(planned, { tables, serverVersion, accounts }), tables)
  const looked = await judgeByStatements(live, target, located, planned, byRows)
  if (trial === 'required' && isAsked && result.answers === null) throw notTried(session.target, result.notes)
  const notes = [...result.notes, ...noteUntried(result.trial, statements), ...looked.notes]
  return { planned, algorithms, notes, refusals: result.refusals ?? new Map(), judged: looked.judged, tables }
}

/** The questions for the server. */
export interface Asking {
  /** False asks nothing. */
  readonly probe: boolean
  /** Whether definitions are tried in a scratch schema; `required` stops where that is impossible. */
  readonly trial: Config['trial']
  /** Whether `auto` tries a database that has nothing applied. */
  readonly triesFirstBuild: boolean
  /** How live statements are looked at; null where they are not. */
  readonly live: LiveLook | null
}

async function assessTarget(
  plan: TargetPlan,
  target: OpenTarget,
  schemas: Schemas,
  asking: Asking,
  isTouchedByOthers: boolean,
): Promise<TargetPlan> {
  if (plan.steps.length === 0) return plan
  const assessed = await listStatements(target, plan.steps, schemas)
  const asked = await askServer(target, assessed, isTouchedByOthers ? { ...asking, trial: 'off' } : asking).catch(
    (error: unknown) => {
      throw isLost(error) ? new TargetLost(target, error) : error
    },
  )
  const planned = await planBatches(target.session, assessed.located)
  const stepsOwn = groupBy(
    assessed.located.map((one, position) => ({ ...one, ...asked.judged[position] })),
    ({ step }) => step,
  )
  // The state after a step is followed only where code needs it: it is a second version of the tables before the step, which copies them all.
  let known = (): Schema => asked.tables
  const steps = plan.steps.map((step): Step => {
    if (scriptOf(step)?.type === 'module') return { ...step, known: new Map([[0, known()]]) }
    const own = stepsOwn.get(step) ?? []
    const { tables: before, statement } = own.at(-1) ?? {}
    if (before !== undefined && statement !== undefined) known = () => applyStatement(before, statement)
    const hazards = own.flatMap((one) => one.hazards ?? [])
    const executes = own.flatMap(({ statement, tables, looksLater = false }) =>
      (statement.class === 'execute' || looksLater) && tables !== undefined ? [[statement.index, tables] as const] : [],
    )
    const missing = own.flatMap(({ statement, tables }) => {
      const found = statement.class === 'call' && tables !== undefined ? listMissingBefore(tables, statement) : []
      return found.length === 0 ? [] : [[statement.index, found] as const]
    })
    const sizes = sizesOf(own)
    const texts = textsOf(step, schemas)
    const ownBatches = planned.batches.get(step)
    return {
      ...step,
      hazards: step.fanOut === undefined ? hazards : once(hazards),
      algorithms: asked.algorithms.get(step) ?? new Map(),
      ...(sizes.size === 0 ? {} : { sizes }),
      ...(ownBatches === undefined ? {} : { batches: ownBatches }),
      ...(texts.size === 0 ? {} : { texts }),
      ...(executes.length === 0 ? {} : { known: new Map(executes) }),
      ...(missing.length === 0 ? {} : { missing: new Map(missing) }),
    }
  })
  const statements = assessed.located.map((one, position) => ({
    ...one,
    tables: asked.judged[position]?.tables ?? nothingKnown,
  }))
  const retired = await readRetiredNow(target)
  const foreseen = foreseeFailures(statements, asked.refusals, {
    isTouchedByOthers,
    serverVersion: target.session.facts.version,
    retired,
  })
  const tooLarge = assessed.tooLarge.map(({ note }) => note)
  const own = [...noteRetired(assessed.located, retired), ...tooLarge]
  const notes = [...plan.notes, ...own, ...asked.notes, ...foreseen.notes]
  const failureNotes = [...(plan.failureNotes ?? []), ...tooLarge, ...foreseen.failureNotes]
  const before = [...(plan.failures ?? []), ...assessed.tooLarge.map(({ fault }) => fault)]
  const failures = [...before, ...planned.failures, ...withoutSaid(foreseen.failures, before)]
  return { ...plan, steps, notes, ...(failures.length === 0 ? {} : { failures, failureNotes }) }
}

/** A plan that cannot run. A run ends with the faults; the plan itself is read by its notes. */
function withRefused(plan: TargetPlan, refused: readonly Fault[]): TargetPlan {
  const notes = refused.map(({ what, why, next }) => [what, why, next].filter((part) => part !== undefined).join(' '))
  return withFailures(plan, refused, notes)
}

/** On a keyspace nothing is tried, and nothing is asked: statements are judged by their texts. */
async function assessKeyspace(
  plan: TargetPlan,
  target: OpenTarget,
  schemas: Schemas,
  whole: Plan,
): Promise<TargetPlan> {
  if (plan.steps.length === 0) return plan
  const { findChangingFault } = await import('../vitess/changing-shards.ts')
  const { findVitessFaults } = await import('../vitess/refuse-statements.ts')
  const { findForeignKeyTables } = await import('../vitess/foreign-key-tables.ts')
  const { findUnroutedRows } = await import('../vitess/unrouted-rows.ts')
  const { findUnknownNames, listMade } = await import('../vitess/unknown-names.ts')
  const { dropsUsable, findUsedNames } = await import('../vitess/used-names.ts')
  const { schema } = target.session.target
  const vschema = (await target.session.readVschema?.()) ?? null
  const vschemas = dropsUsable(plan) ? ((await target.session.readVschemas?.()) ?? []) : []
  const isOnline = target.database.vitess?.ddlStrategy === 'vitess'
  const own = { keyspace: schema, isOnline, resolve: (text: string) => resolveText(text, schemas) }
  const changing = (await target.session.findChanging?.()) ?? null
  const refused = [
    ...(changing === null ? [] : findChangingFault(plan.steps, schema, changing)),
    ...findVitessFaults(plan.steps, { ...own, isSharded: vschema?.isSharded === true }),
    ...(vschema === null ? [] : findUnroutedRows(plan.steps, vschema)),
    ...(await findUnknownNames(plan.steps, own, listMade(whole), target.session)),
    ...findUsedNames(whole, plan, vschemas, own.resolve),
    ...(await findForeignKeyTables(plan.steps, isOnline, target.session)),
  ]
  if (refused.length > 0) return withRefused(plan, refused)
  return assessTarget(plan, target, schemas, { probe: true, trial: 'off', triesFirstBuild: false, live: null }, true)
}

/**
 * Where nothing is protected, a first build is its own trial: the trial would take half as long again, and a failure half way in an empty schema loses
 * nothing.
 */
function isWorthTrying(target: OpenTarget | undefined, { trial, triesFirstBuild }: Asking): boolean {
  if (trial === 'required' || triesFirstBuild) return true
  const { baseline = null, states } = target?.state ?? {}
  return baseline !== null || [...(states?.values() ?? [])].some(({ type }) => type !== 'pending')
}

/**
 * Adds to a plan the hazards of its statements, and how the server would carry them out, on empty copies of its tables in a scratch schema.
 * Definitions are tried there, too. Throws `TargetLost`, and ToolError `NOT_TRIED` where the trial is required but impossible.
 */
export async function assessPlan(
  plan: Plan,
  targets: readonly OpenTarget[],
  schemas: Schemas,
  asking: Asking,
): Promise<Plan> {
  const assessed = plan.targets.map((target) => {
    const open = targets.find((one) => one.database.name === target.target.database)
    const isTouched = isTouchedByOthers(plan, target)
    // `lint` tries down parts: they do not concern a run forward.
    const isTried = plan.direction === 'up' && isWorthTrying(open, asking) && !refersToChanged(plan, target)
    const trial = isTried ? asking.trial : 'off'
    if (open?.database.vitess !== undefined) return assessKeyspace(target, open, schemas, plan)
    const refused = refuseVschema(target)
    const own = refused.length === 0 ? target : withRefused(target, refused)
    return open === undefined ? own : assessTarget(own, open, schemas, { ...asking, trial }, isTouched)
  })
  return { ...plan, targets: await Promise.all(assessed) }
}
