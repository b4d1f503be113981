import { nameScratch } from '../../core/scratch-name.ts'
import { compareSnapshots, describeDifference } from '../../ddl/compare-snapshots.ts'
import type { ServerAnswer } from '../../ddl/server-answer.ts'
import type { Migration } from '../../migrations/migration.ts'
import { findOpenRows, resolveStatement } from '../../migrations/plan/list-statements.ts'
import type { Schemas } from '../../migrations/plan/placeholders.ts'
import { readSessionBefore } from '../../migrations/plan/read-left.ts'
import type { Step } from '../../migrations/plan.ts'
import type { OpenTarget } from '../../migrations/targets.ts'
import { makeAlgorithmQuestions } from '../../probe/algorithm-questions.ts'
import type { ProbeResult, TrialReport } from '../../probe/probe-result.ts'
import { listProceduresToRead, listTablesToRead } from '../../probe/what-to-read.ts'
import type { Statement } from '../../sql/statement.ts'
import type { HeldMigration } from '../review/read-history.ts'
import { statementKey } from '../review/subject.ts'
import type { FileTrial } from '../subjects.ts'
import { type Arrangement, arrangeTrial, type Placed, type TriedFile } from './arrange-trial.ts'
import { holdMigrations } from './hold-migrations.ts'

/** What was tried of one database. */
export interface DatabaseTrial {
  /** By file. */
  readonly trials: ReadonlyMap<string, FileTrial>
  /** By `statementKey`. */
  readonly answers: ReadonlyMap<string, ServerAnswer>
  readonly tried: number
  readonly untried: readonly UntriedStatement[]
  /** Why not everything was asked: sentences. */
  readonly notes: readonly string[]
}

/** A statement that was not tried, and why. */
export interface UntriedStatement {
  readonly file: string
  readonly line: number
  /** A clause. */
  readonly why: string
}

/**
 * Tries the pending files of a database in their order, starting from the live schema: the up part of each, the down parts of the judged ones in
 * the order of a rollback from the newest, and their up parts again. Data migrations and migrations of shards are left out.
 */
export async function tryFiles(
  target: OpenTarget,
  steps: readonly Step[],
  judged: ReadonlySet<string>,
  schemas: Schemas,
): Promise<DatabaseTrial> {
  const held = await holdMigrations(steps.map(({ migration }) => migration))
  const continued = await readContinued(target, steps)
  const { placed, marks } = arrangeTrial(resolveFiles(held, continued, judged, schemas))
  const result = await ask(target, { placed, marks, continued })
  const report = result.trial ?? { tried: new Set<number>(), untried: new Map<number, string>(), snapshots: new Map() }
  const modules = held.filter(({ migration: { up } }) => up.type === 'module')
  return {
    trials: new Map(
      held
        .filter(({ migration }) => judged.has(migration.file))
        .map((one) => [one.migration.file, describeTrial(one, placed, result, report)]),
    ),
    answers: new Map(
      placed.flatMap(({ statement, part, again }, position): [string, ServerAnswer][] => {
        const answer = result.answers?.get(position)
        return answer === undefined || part === 'down' || again
          ? []
          : [[statementKey(statement.file, statement.index), answer]]
      }),
    ),
    tried: placed.filter(({ again }, position) => !again && report.tried.has(position)).length,
    untried: [
      ...modules.map(({ migration: { file } }) => ({ file, line: 1, why: 'it is a data migration' })),
      ...placed.flatMap(({ statement: { file, line }, again }, position) => {
        const why = report.untried.get(position)
        return why === undefined || again ? [] : [{ file, line, why }]
      }),
    ],
    notes: [...result.notes, ...[...continued.keys()].map(explainContinued)],
  }
}

/** A file that a run has begun: the next run continues it. */
interface Continued {
  /** The first remaining statement. */
  readonly from: number
  /** Statements that may have run. */
  readonly open: ReadonlySet<number>
  /** The session changes of those that ran. */
  readonly session: readonly Statement[]
}

async function readContinued(target: OpenTarget, steps: readonly Step[]): Promise<ReadonlyMap<string, Continued>> {
  const found = new Map<string, Continued>()
  const openRowsOf = findOpenRows(target)
  for (const step of steps) {
    const open = new Set(openRowsOf(step).keys())
    if (step.from > 0 || open.size > 0)
      found.set(step.migration.file, { from: step.from, open, session: await readSessionBefore(step) })
  }
  return found
}

const explainContinued = (file: string): string =>
  `\`${file}\` was interrupted, and the next run continues it: only the rest of its up part was tried.`

/** The statements of each file that are still to run, and its down part where the file is judged and was not begun. */
function resolveFiles(
  held: readonly HeldMigration<Migration>[],
  continued: ReadonlyMap<string, Continued>,
  judged: ReadonlySet<string>,
  schemas: Schemas,
): readonly TriedFile[] {
  return held.map(({ migration, up, down }) => {
    const resolved = (list: readonly Statement[]): readonly Statement[] =>
      list.map((statement) => resolveStatement(statement, schemas))
    const begun = continued.get(migration.file)
    const returns = judged.has(migration.file) && begun === undefined && migration.shards === undefined
    return {
      migration,
      up: resolved(up.filter(({ index }) => index >= (begun?.from ?? 0))),
      down: returns && down !== null ? resolved(down) : null,
    }
  })
}

/** What is asked of a server. */
interface Arranged extends Arrangement {
  readonly continued: ReadonlyMap<string, Continued>
}

async function ask({ session }: OpenTarget, { placed, marks, continued }: Arranged): Promise<ProbeResult> {
  const statements = placed.map(({ statement }) => statement)
  const present = await session.readTableStates(listTablesToRead(statements))
  const procedures = await session.readProcedures(listProceduresToRead(statements))
  const questions = makeAlgorithmQuestions({
    statements,
    tables: { ...present, procedures },
    schema: session.target.schema,
    serverVersion: session.facts.version,
    scratch: nameScratch(),
    ranBefore: new Map(
      [...continued].flatMap(([file, begun]) => {
        const first = placed.findIndex(({ statement }) => statement.file === file)
        return first < 0 ? [] : [[first, begun.session] as const]
      }),
    ),
    trial: {
      isTried: (position) => placed[position]?.migration.shards === undefined,
      mayHaveRun: (position) => {
        const { file, index } = placed[position]?.statement ?? {}
        return file !== undefined && index !== undefined && continued.get(file)?.open.has(index) === true
      },
      marks,
    },
  })
  return questions.steps.length === 0 ? { answers: new Map(), notes: [] } : session.probe(questions)
}

function describeTrial(
  { migration: { file } }: HeldMigration,
  placed: readonly Placed[],
  { refusals }: ProbeResult,
  { untried, snapshots }: TrialReport,
): FileTrial {
  const own = placed.flatMap((one, position) => (one.statement.file === file ? [{ ...one, position }] : []))
  const found = own.flatMap(({ part, again, statement, position }) => {
    const refusal = refusals?.get(position)
    // Statements that may already have run are asked about, but prove nothing.
    if (refusal === undefined || !refusal.isReported || untried.has(position)) return []
    return [{ part, again, index: statement.index, number: refusal.number, why: refusal.why }]
  })
  const isWhole = (list: typeof own): boolean =>
    list.every(({ position }) => !untried.has(position) && refusals?.has(position) !== true)
  const compare = (before: string, after: string): readonly string[] | null => {
    const [wanted, reached] = [snapshots.get(`${file} ${before}`), snapshots.get(`${file} ${after}`)]
    if (wanted === undefined || reached === undefined) return null
    return compareSnapshots(wanted, reached).map((one) => `${one.type} ${one.name}: ${describeDifference(one)}`)
  }
  const first = own.filter(({ again }) => !again)
  // What a later file left is not the fault of this one.
  const others = new Set(compare('made', 'reached'))
  const left = isWhole(first) ? compare('before', 'back') : null
  return {
    refusals: found,
    left: left?.filter((what) => !others.has(what)) ?? null,
    remade: isWhole(own) ? compare('made', 'again') : null,
  }
}
