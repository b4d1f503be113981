import type { Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { ServerAnswer } from '../../ddl/server-answer.ts'
import { findLeftOfTables } from '../../migrations/find-left.ts'
import type { Migration } from '../../migrations/migration.ts'
import { makeRunPlan } from '../../migrations/plan/make-run-plan.ts'
import { schemasOf } from '../../migrations/plan/placeholders.ts'
import type { OpenTarget, OpenTargets } from '../../migrations/targets.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import type { FileTrial } from '../subjects.ts'
import { type DatabaseTrial, tryFiles, type UntriedStatement } from './try-files.ts'

/** What servers answered about pending files. */
interface ServerReview {
  readonly trials: ReadonlyMap<string, FileTrial>
  readonly answers: ReadonlyMap<string, ServerAnswer>
  readonly summary: TrialSummary
}

/** What was tried in scratch schemas. */
export interface TrialSummary {
  /** Statements that ran there. */
  readonly tried: number
  readonly untried: readonly UntriedStatement[]
  /** Questions that could not be asked: sentences. */
  readonly notes: readonly string[]
}

/** The open databases of a review. */
export interface OpenServers {
  /** The version of each database's server: `9.7.4`. */
  readonly versions: ReadonlyMap<string, string>
  /** Whether a journal records the file in its current form. */
  readonly isApplied: (migration: Migration) => boolean
  readonly review: (judged: ReadonlySet<string>) => Promise<ServerReview>
}

/**
 * Opens the databases for a review, reads their journals, and closes them afterwards. Databases that cannot be reached are named, and the rest is
 * reviewed.
 */
export async function withServers<T>(context: Context, work: (servers: OpenServers) => Promise<T>): Promise<T> {
  const access = { writable: false, missing: 'skip', unreached: 'skip', plans: true } as const
  return withTargets(context, access, (config, open) =>
    work({
      versions: new Map(open.targets.map(({ database, session }) => [database.name, session.facts.version])),
      isApplied: (migration) => isApplied(open, migration),
      review: (judged) => reviewAll(config, open, judged),
    }),
  )
}

function isApplied({ targets }: OpenTargets, { database, version, checksum, kind }: Migration): boolean {
  const state = targets.find((target) => target.database.name === database)?.state
  const own = state?.states.get(version)
  if (own?.type === 'applied') return own.pass.checksum === checksum
  const baseline = state?.baseline ?? null
  return own === undefined && baseline !== null && kind !== 'repeatable' && compareVersions(version, baseline) <= 0
}

async function reviewAll(config: Config, open: OpenTargets, judged: ReadonlySet<string>): Promise<ServerReview> {
  const gone = [
    ...open.missing.map(
      ({ name, schema }) => `\`${name}\` has no schema \`${schema}\` yet: its statements were not tried.`,
    ),
    ...open.unreached.map(({ database }) => `\`${database.name}\` was not reached: its statements were not tried.`),
  ]
  const found = await tryAll(config, open, judged)
  if (judged.size > 0 && found.length === 0 && gone.length > 0) throw nothingTried(gone)
  return {
    trials: new Map(found.flatMap(({ trials }) => [...trials])),
    answers: new Map(found.flatMap(({ answers }) => [...answers])),
    summary: {
      tried: found.reduce((sum, { tried }) => sum + tried, 0),
      untried: found.flatMap(({ untried }) => untried),
      notes: [...gone, ...found.flatMap(({ notes }) => notes)],
    },
  }
}

/** What tools left of tables shows on the live schema alone: a scratch schema has none of it. */
async function addLeftovers(
  { trials, notes, ...tried }: DatabaseTrial,
  target: OpenTarget,
  { online }: OpenTargets,
): Promise<DatabaseTrial> {
  if (online === undefined) return { ...tried, trials, notes }
  try {
    const leftovers = await findLeftOfTables(target, Date.now(), online)
    if (leftovers.length === 0) return { ...tried, trials, notes }
    return { ...tried, notes, trials: new Map([...trials].map(([file, trial]) => [file, { ...trial, leftovers }])) }
  } catch (error) {
    const why = error instanceof ToolError ? (error.faults[0]?.what ?? error.message) : String(error)
    const note = `What tools of online changes left in \`${target.database.name}\` could not be read: ${why}`
    return { ...tried, trials, notes: [...notes, note] }
  }
}

/** A trial of nothing must not pass. */
function nothingTried(gone: readonly string[]): ToolError {
  return new ToolError('NOTHING_JUDGED', {
    what: 'No statement was tried, because none of the databases is there.',
    why: gone.join(' '),
    next: 'Create them as of the base, for example with `wwdb provision exec --commit origin/main -- wwdb lint --since origin/main --server`, or leave out `--server`.',
  })
}

/** Where a run would be refused, because a file was changed after it ran, nothing can be tried. */
async function tryAll(
  config: Config,
  open: OpenTargets,
  judged: ReadonlySet<string>,
): Promise<readonly DatabaseTrial[]> {
  const options = { direction: 'up', to: null, steps: null, probe: false } as const
  try {
    const plan = await makeRunPlan({ ...config, outOfOrder: 'allow' }, open, options)
    const trials: DatabaseTrial[] = []
    for (const { target, steps } of plan.targets) {
      const own = open.targets.find(({ database }) => database.name === target.database)
      if (own === undefined || steps.length === 0) continue
      trials.push(await addLeftovers(await tryFiles(own, steps, judged, schemasOf(config)), own, open))
    }
    return trials
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const notes = error.faults.map(({ what }) => `No statement was tried. ${what}`)
    return [{ trials: new Map(), answers: new Map(), tried: 0, untried: [], notes }]
  }
}
