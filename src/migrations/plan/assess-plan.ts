import type { Config } from '../../config/config.ts'
import { groupBy } from '../../core/group-by.ts'
import { nameScratch } from '../../core/scratch-name.ts'
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
import type { Statement } from '../../sql/statement.ts'
import type { JournalRow } from '../journal/journal.ts'
import type { Plan, Step, TargetPlan } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'
import { type OpenTarget, TargetLost } from '../targets.ts'
import { isLost } from '../unreached.ts'
import { foreseeFailures, noteUntried, notTried } from './foresee-failures.ts'
import { judgeByRows } from './look-at-rows.ts'
import { judgeByStatements, type LiveLook } from './look-at-statements.ts'
import { noteRetired, readRetiredNow, withoutSaid } from './note-retired.ts'
import { isTouchedByOthers, listStatementsRun, ownTables, refersToChanged, withJournal } from './own-tables.ts'
import { resolveObjects, resolveText, type Schemas } from './placeholders.ts'
import { planBatches } from './plan-batches.ts'
import { readLeft, readSessionBefore } from './read-left.ts'
import { renderShardStatement } from './shard-names.ts'
import { findTooLarge, type TooLarge } from './statement-packets.ts'
import { sizesOf } from './statement-sizes.ts'

interface Located {
  readonly step: Step
  readonly statement: Statement
  /** Its journal row is open: an earlier run may have executed it. */
  readonly isOpen: boolean
  /** The journal row of a run that stopped in this statement; null where there is none. */
  readonly row: JournalRow | null
}

/** A statement with the configuration's schemas in place of its placeholders. */
export function resolveStatement(statement: Statement, schemas: Schemas): Statement {
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

/** What is needed to judge a plan's statements. */
interface Assessed {
  /** Still to run, in order. */
  readonly located: readonly Located[]
  /** The statements of unfinished migrations in the plan that have run already. */
  readonly ran: readonly Statement[]
  /** By the position where such a migration continues: its statements that changed only the session. */
  readonly ranBefore: ReadonlyMap<number, readonly Statement[]>
  /** Statements that are too large for the server, among those that no earlier run has opened. */
  readonly tooLarge: readonly TooLarge[]
}

/**
 * The open rows of a step's last pass, by statement: a stopped run may have executed the one it opened last. The journal is read once for all steps.
 */
export function findOpenRows(target: OpenTarget): (step: Step) => ReadonlyMap<number, JournalRow> {
  const { passes, rows } = target.snapshot
  const last = new Map(
    passes.filter(({ kind }) => kind !== 'seed' && kind !== 'drift').map(({ version, pass }) => [version, pass]),
  )
  const open = groupBy(
    rows.filter(({ state, batch }) => state === 'open' || (state === 'entered' && batch !== undefined)),
    ({ pass }) => pass,
  )
  return ({ migration }) => {
    const pass = last.get(migration.version)
    const own = pass === undefined ? [] : (open.get(pass) ?? [])
    return new Map(own.map((row) => [row.statement, row]))
  }
}

async function listStatements(target: OpenTarget, steps: readonly Step[], schemas: Schemas): Promise<Assessed> {
  const located: Located[] = []
  const ranBefore = new Map<number, readonly Statement[]>()
  const tooLarge: TooLarge[] = []
  const openRowsOf = findOpenRows(target)
  for (const step of steps) {
    if (step.from > 0) ranBefore.set(located.length, await readSessionBefore(step))
    const open = openRowsOf(step)
    const read = await readLeft(step, (statement) => {
      const found = open.has(statement.index) ? null : findTooLarge(statement, target.session, schemas)
      if (found !== null) tooLarge.push(found)
    })
    const left = read.map((statement) => withJournal(statement, open.get(statement.index)))
    for (const statement of fillIn(step, left)) {
      const row = open.get(statement.index) ?? null
      located.push({ step, statement: resolveStatement(statement, schemas), isOpen: row?.state === 'open', row })
    }
  }
  const ran = await listStatementsRun(target.snapshot, steps)
  return { located, ran: ran.map((statement) => resolveStatement(statement, schemas)), ranBefore, tooLarge }
}

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
  const own = [...noteRetired(assessed.located, retired), ...assessed.tooLarge.map(({ note }) => note)]
  const notes = [...plan.notes, ...own, ...asked.notes, ...foreseen.notes]
  const before = [...(plan.failures ?? []), ...assessed.tooLarge.map(({ fault }) => fault)]
  const failures = [...before, ...planned.failures, ...withoutSaid(foreseen.failures, before)]
  return { ...plan, steps, notes, ...(failures.length === 0 ? {} : { failures }) }
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
    return open === undefined ? target : assessTarget(target, open, schemas, { ...asking, trial }, isTouched)
  })
  return { ...plan, targets: await Promise.all(assessed) }
}
