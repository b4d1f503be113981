import type { Config } from '../../config/config.ts'
import { countOf } from '../../core/plural.ts'
import { nameScratch } from '../../core/scratch-name.ts'
import { nameServer } from '../../core/server-place.ts'
import type { SampleStatement } from '../../probe/algorithm-question.ts'
import { makeAlgorithmQuestions } from '../../probe/algorithm-questions.ts'
import type { SampleOutcome } from '../../probe/probe-result.ts'
import type { GivenRows } from '../../probe/rows/made-row.ts'
import { listTablesToRead } from '../../probe/what-to-read.ts'
import { isName } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'
import { findStatements, type LiveStatement, withoutPacket } from '../../uses/find-uses.ts'
import { countOwn, type RanText } from '../../uses/own-statements.ts'
import type { SeenStatements, ServerLook, StatementServers } from '../../uses/ports.ts'
import type { Plan, TargetPlan } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'
import { readRanTexts } from '../ran-texts.ts'
import type { OpenTarget } from '../targets.ts'
import { resolveStatement } from './list-statements.ts'
import { toSample, withoutScratch } from './live-samples.ts'
import { findUnproven, type LiveTrial, noteLost } from './live-trial.ts'
import { schemasOf } from './placeholders.ts'
import { listReached } from './reached-tables.ts'
import { readLeft } from './read-left.ts'
import { listTouched, type Touched } from './touched-names.ts'
import { listChanged, sumUpResults, tryResults } from './try-results.ts'

/** More would take longer than a person waits. */
const mostTried = 500

/** A live statement of several servers. */
interface Seen {
  readonly statement: LiveStatement
  readonly servers: readonly string[]
  readonly count: number
  readonly lastSeen: number
}

/** What a trial of live statements needs beside the plan. */
export interface TrialMeans {
  readonly servers: StatementServers
  /** The rows that the project has for the tables of a database. */
  readonly rowsOf: (database: string) => readonly GivenRows[]
  /** How long ago a statement may have been seen last. Milliseconds. */
  readonly within: number
}

/** Tries the live statements that name what the plan changes, before and after it, in scratch schemas: without rows, and with rows that are made there. */
export async function tryLive(
  config: Config,
  plan: Plan,
  targets: readonly OpenTarget[],
  means: TrialMeans,
): Promise<readonly LiveTrial[]> {
  const trials: LiveTrial[] = []
  for (const one of plan.targets) {
    const target = targets.find(({ database }) => database.name === one.target.database)
    const statements = target === undefined ? [] : await listStatements(config, one)
    const touched = target === undefined ? null : listTouched(statements, target.database.schema)
    if (target === undefined || touched === null || touched.tables.length + touched.others.length === 0) continue
    trials.push(
      touched.tables.length === 0
        ? withoutTables(target.database.name, touched.others, means)
        : await tryTarget(config, target, means, { statements, unknown: findUnknown(one) }, touched),
    )
  }
  return trials
}

/** No server is asked. */
function withoutTables(database: string, others: readonly string[], { within }: TrialMeans): LiveTrial {
  const unproven = findUnproven({ within, looks: [], tried: 0, untried: 0, isUsed: false, others })
  return { database, within, tables: [], tried: 0, broken: [], untried: [], unproven, notes: [] }
}

async function listStatements(config: Config, { steps }: TargetPlan): Promise<readonly Statement[]> {
  const schemas = schemasOf(config)
  const read = steps.filter(({ fanOut }) => fanOut === undefined).map((step) => readLeft(step, () => undefined))
  return (await Promise.all(read)).flat().map((statement) => resolveStatement(statement, schemas))
}

/** Why the rows after a plan are not known, as a clause; null where its statements show it. */
function findUnknown({ steps }: TargetPlan): string | null {
  const types = steps.flatMap((step) => scriptOf(step)?.type ?? [])
  if (types.includes('module')) return 'the code of a data migration is not run there'
  return types.includes('stream') ? 'not all statements of a large file are run there' : null
}

interface Pending {
  readonly statements: readonly Statement[]
  readonly unknown: string | null
}

async function tryTarget(
  config: Config,
  target: OpenTarget,
  { servers, rowsOf, within }: TrialMeans,
  { statements, unknown }: Pending,
  { tables: changed, others }: Touched,
): Promise<LiveTrial> {
  const { database, session } = target
  const { schema } = database
  const { foldsNames, version: serverVersion } = session.facts
  const { stored } = await servers.readParts(database, [schema], config.timeouts, [])
  const tables = listReached(changed, stored, { schema, foldsNames })
  const looks = await servers.look(database, config.throttle.replicas, config.timeouts, {
    ...{ schema, schemas: [schema], words: tables, within, sentHere: true },
  })
  const fold = (name: string): string => (foldsNames ? name.toLowerCase() : name)
  const known = new Set(tables.map(fold))
  const object = { schema, part: null, foldsNames, isTable: (name: string) => known.has(fold(name)) }
  const ran = await readRanTexts(config, database, servers)
  const found = looks.map((look) => ({ look, of: look.type === 'seen' ? findStatements(look, object, ran) : null }))
  const seen = join(found.flatMap(({ look, of }) => (of?.statements ?? []).map((one) => ({ one, name: look.name }))))
  const longestSample = Math.min(...looks.map((look) => (look.type === 'seen' ? look.longestSample : Infinity)))
  const scratch = nameScratch()
  const untried = new Map<string, number>()
  const leaveOut = (why: string): void => void untried.set(why, (untried.get(why) ?? 0) + 1)
  const samples: SampleStatement[] = []
  for (const { statement } of directFirst([...seen.values()], changed, fold)) {
    const made = toSample(statement, schema, scratch, { longestSample })
    if (made.type === 'untried') leaveOut(made.why)
    else if (samples.length === mostTried) leaveOut(`${mostTried} others were tried`)
    else samples.push(made.sample)
  }
  const mark = (name: string) => [{ type: 'mark' as const, name, names: [], samples }]
  const questions = makeAlgorithmQuestions({
    ...{ statements, schema, serverVersion, scratch },
    tables: await session.readTableStates(listTablesToRead(statements)),
    trial: {
      isTried: () => true,
      marks: new Map([
        [0, mark('before')],
        [statements.length, mark('after')],
      ]),
    },
  })
  const names = samples.flatMap((sample) => sample.names)
  const result =
    samples.length === 0 ? null : await session.probe({ ...questions, steps: withNames(questions.steps, names) })
  const outcomes = result?.trial?.samples
  const judged = samples.map(({ key }) => ({
    key,
    found: judge(outcomes?.get('before')?.get(key), outcomes?.get('after')?.get(key)),
  }))
  for (const { found } of judged) if (found.type === 'untried') leaveOut(found.why)
  // One that fails without rows fails with them.
  const live = judged.flatMap(({ key, found }) => {
    const isRunning = found.type === 'same' || (found.type === 'broken' && found.change === 'reads')
    const one = isRunning ? seen.get(key)?.statement : undefined
    return one === undefined ? [] : [one]
  })
  const given = live.length === 0 ? [] : rowsOf(database.name)
  const compared =
    live.length === 0 ? null : await tryResults(target, { statements, live, longestSample, given, unknown })
  const broken = judged.flatMap(({ key, found }) => {
    const one = seen.get(key)
    if (one === undefined) return []
    const { text, digest } = one.statement
    const lastSeen = new Date(one.lastSeen).toISOString()
    const facts = { text, digest, servers: one.servers, count: one.count, lastSeen }
    return [...listBroken(found, scratch, schema), ...listChanged(compared, key, schema)].map((change) => ({
      ...facts,
      ...change,
    }))
  })
  const left = [...untried].map(([why, count]) => ({ why, statements: count }))
  const notTried = left.reduce((sum, { statements: count }) => sum + count, 0)
  const tried = seen.size - notTried
  const isUsed = looks.some((look) => look.type === 'seen' && isUsedByOthers(look, ran))
  const unproven = findUnproven({ within, looks, tried, untried: notTried, isUsed, others })
  const notes = [
    ...found.flatMap(({ look, of }) => noteOf(look, of?.unjudged ?? 0)),
    ...(outcomes === undefined && samples.length > 0 ? (result?.notes ?? []) : []),
    ...(compared?.notes ?? []),
  ]
  return {
    ...{ database: database.name, within, tables, tried, broken, untried: left, unproven },
    ...(compared === null ? {} : { results: sumUpResults(compared) }),
    notes: notes.filter((note) => !unproven.includes(note)),
  }
}

/** Where more reach what is changed than are tried, those that name it come first. */
function directFirst(
  seen: readonly Seen[],
  changed: readonly string[],
  fold: (name: string) => string,
): readonly Seen[] {
  const names = new Set(changed.map(fold))
  const isDirect = ({ statement }: Seen): boolean =>
    tokenize(statement.text).some((token) => isName(token) && names.has(fold(token.text)))
  return [...seen.filter(isDirect), ...seen.filter((one) => !isDirect(one))]
}

type Steps = ReturnType<typeof makeAlgorithmQuestions>['steps']

/** What samples need is listed with what the statements need. */
const withNames = (steps: Steps, names: readonly string[]): Steps =>
  steps.map((step) => (step.type === 'mark' && step.name === 'before' ? { ...step, names } : step))

/** The statements of all servers, each once, without those that nobody has sent. */
function join(all: readonly { readonly one: LiveStatement; readonly name: string }[]): ReadonlyMap<string, Seen> {
  const seen = new Map<string, Seen>()
  const sent = new Set(all.flatMap(({ one }) => (isSent(one) ? [one.digest] : [])))
  for (const { one, name } of all.filter((each) => sent.has(each.one.digest))) {
    const known = seen.get(one.digest)
    seen.set(one.digest, {
      statement: known?.statement ?? one,
      servers: [...(known?.servers ?? []), name],
      count: (known?.count ?? 0) + one.count,
      lastSeen: Math.max(known?.lastSeen ?? 0, one.lastSeen),
    })
  }
  return seen
}

type Judged =
  | { readonly type: 'same' }
  | { readonly type: 'untried'; readonly why: string }
  | { readonly type: 'broken'; readonly change: 'fails' | 'reads'; readonly before: string; readonly after: string }

/** Pure. */
function judge(before: SampleOutcome | undefined, after: SampleOutcome | undefined): Judged {
  if (before === undefined || after === undefined) return { type: 'untried', why: 'the scratch schema was not made' }
  if (before.type === 'untried') return { type: 'untried', why: before.why }
  if (before.type === 'refused') return { type: 'untried', why: 'it fails before the migration, too' }
  if (after.type === 'untried') return { type: 'untried', why: after.why }
  if (after.type === 'refused') return { type: 'broken', change: 'fails', before: before.reads, after: after.why }
  if (before.reads === after.reads) return { type: 'same' }
  return { type: 'broken', change: 'reads', before: before.reads, after: after.reads }
}

function listBroken(found: Judged, scratch: string, schema: string) {
  if (found.type !== 'broken') return []
  const show = (text: string): string => withoutScratch(text, scratch, schema)
  return [{ change: found.change, before: show(found.before), after: show(found.after) }]
}

/** MySQL 8.0.12 counts SHOW CREATE VIEW by the text of the view, as if somebody had sent that. */
const isSent = ({ sample }: { readonly sample: string }): boolean => !/^\s*SHOW\s/i.test(sample)

/** Whether somebody else has sent a statement to the database, whatever it names. */
const isUsedByOthers = ({ sentHere = [] }: SeenStatements, ran: readonly RanText[]): boolean =>
  sentHere.map(withoutPacket).some((row) => isSent(row) && countOwn(row, ran) < row.count)

function noteOf(look: ServerLook, cut: number): readonly string[] {
  if (look.type === 'unseen') return []
  const place = nameServer(look.name)
  return [
    ...(cut === 0 ? [] : [`${countOf(cut, 'statement')} on ${place} that it has cut may name what is changed.`]),
    ...noteLost(look),
  ]
}
