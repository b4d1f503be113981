import { runLedgers } from '../../audit/ports.ts'
import type { RunHistory, RunQuestion } from '../../audit/run.ts'
import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { type Config, selectDatabases } from '../../config/config.ts'
import { readDurationFlag } from '../../core/duration.ts'
import { environmentsSchema } from '../../core/environments-schema.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { readInstant } from '../../core/instant.ts'
import { countOf } from '../../core/plural.ts'
import { releaseMemory } from '../../core/release-memory.ts'
import { ToolError } from '../../core/tool-error.ts'
import { findRun } from '../find-run.ts'
import type { Pass } from '../journal/journal.ts'
import type { OpenTarget, OpenTargets } from '../targets.ts'
import { exitCodeWith, listUnreached } from '../unreached.ts'
import { withTargets } from '../with-targets.ts'
import type { RecordedPass, TargetHistory } from './history-view.ts'

/** `wwdb history`: shows the journals and the tables of runs, newest first. Writes nothing. */
export const command = defineCommand({
  name: 'history',
  group: 'Migrations',
  summary: 'who ran what, when, and what it did',
  purpose:
    'Reads the journal and the runs of every database, newest first: migrations applied and reverted, baselines and ' +
    'marks, with the time each took; and every run that wrote there, with its flags, the person, the account, the CI ' +
    'job and the commit behind it, and how it ended. `--shard` shows what happened to one shard, even one that no ' +
    'longer exists, `--run` everything that one run did, and `--test-environments` who created, reset and dropped ' +
    'test environments.',
  examples: [
    { command: 'wwdb history --limit 10', purpose: 'the last ten entries of each database' },
    { command: 'wwdb history --shard messages_202603', purpose: 'who did what to a shard' },
    { command: 'wwdb history -t user_db --since 7d --json', purpose: 'a week of one database, for a program' },
  ],
  flags: {
    'What to show': {
      limit: {
        value: 'NUMBER',
        type: 'integer',
        description: 'maximum number of entries of each kind per database',
        min: 1,
        otherwise: 'all',
      },
      shard: { value: 'NAME', description: 'only entries of this shard: its table, or its key', minLength: 1 },
      since: { value: 'TIME', description: 'only entries since then: 7d, 12h, or 2026-03-01', otherwise: 'all' },
      testEnvironments: {
        description: 'the runs that `provision` recorded on these servers, instead of those of databases',
        conflicts: ['shard'],
      },
      run: { value: 'ID', description: 'only this run, and everything that it did', minLength: 1 },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  run(options, context) {
    const question: RunQuestion = {
      limit: options.limit ?? null,
      since: options.since === undefined ? null : readSince(options.since, context.now()),
      run: options.run ?? null,
      shard: options.shard ?? null,
    }
    return withTargets(context, { writable: false, missing: 'skip', unreached: 'skip' }, async (config, open) => {
      releaseWhereLarge(open)
      const targets =
        options.testEnvironments === true
          ? await readTestEnvironments(context, config, open, question)
          : await Promise.all(open.targets.map((target) => readTarget(context, target, question)))
      const unreached = listUnreached(open.unreached)
      if (options.run !== undefined && unreached.length === 0 && targets.every(isEmpty))
        throw unknownRun(options.run, targets)
      return {
        result: { kind: 'history', targets, unreached },
        exitCode: exitCodeWith(exitCodes.done, unreached.length > 0),
      }
    })
  },
})

function isEmpty({ passes, runs, shardEvents }: TargetHistory): boolean {
  return passes.length + runs.length + shardEvents.length === 0
}

function unknownRun(run: string, targets: readonly TargetHistory[]): ToolError {
  return new ToolError('UNKNOWN_RUN', {
    what: `No run \`${run}\` is recorded in ${countOf(targets.length, 'database')}.`,
    why: 'A run is recorded in each database that it wrote to, and `audit.keep` may have removed it.',
    next: 'Run `wwdb history`, which lists the runs with their ids.',
  })
}

/** A duration up to now, or an instant. Throws ToolError `USAGE` (64) for anything else. */
function readSince(text: string, now: number): number {
  return /^\d{4}-/.test(text) ? readInstant('--since', text) : now - (readDurationFlag('--since', text) ?? 0)
}

/** The number of passes from which a journal is large. */
const manyPasses = 20_000

/** The memory left over from reading a large journal is as large again: on a busy machine V8 would free it after the answer. */
function releaseWhereLarge({ targets }: OpenTargets): void {
  const passes = targets.reduce((sum, { snapshot }) => sum + snapshot.passes.length, 0)
  if (passes >= manyPasses) releaseMemory()
}

/** One object for all passes of an earlier wwdb: there may be 200,000. */
const noRuns: readonly string[] = []

async function readTarget(context: Context, target: OpenTarget, question: RunQuestion): Promise<TargetHistory> {
  const config = await context.config()
  const history = await (await context.port(runLedgers)).read(target.database, config.timeouts, question)
  const underWay = await findRun(context, config, target)
  const wanted = target.snapshot.passes.filter((pass) => isWanted(pass, question, history)).toReversed()
  return {
    target: target.session.target,
    passes: wanted
      .slice(0, question.limit ?? wanted.length)
      .map((pass): RecordedPass => ({ ...pass, runs: history.passes.get(pass.pass) ?? noRuns })),
    ...(underWay !== null && wanted.some(({ pass }) => pass === underWay.pass) ? { underWay } : {}),
    runs: history.runs,
    shardEvents: question.shard === null && question.run === null ? [] : history.shardEvents,
    shardChanges: history.shardChanges,
  }
}

/** For each server, the runs in its registry of test environments, which may not exist. */
async function readTestEnvironments(
  context: Context,
  config: Config,
  { unreached }: OpenTargets,
  question: RunQuestion,
): Promise<readonly TargetHistory[]> {
  const missed = new Set(unreached.map(({ database }) => database.name))
  const reached = selectDatabases(config, context.targets).filter(({ name }) => !missed.has(name))
  const ledgers = await context.port(runLedgers)
  const servers = new Map(reached.map((database) => [database.server.label, database]))
  const read = [...servers.values()].map(async (database): Promise<TargetHistory> => {
    const home = { ...database, name: environmentsSchema, schema: environmentsSchema }
    const runs = await ledgers.read(home, config.timeouts, question).then(
      (history) => history.runs,
      (error: unknown) => {
        if (error instanceof ToolError && error.code === 'SCHEMA_MISSING') return []
        throw error
      },
    )
    const target = { database: environmentsSchema, schema: environmentsSchema, server: database.server.label }
    return { target, passes: [], runs, shardEvents: [], shardChanges: [] }
  })
  return Promise.all(read)
}

/** The journal does not list shards: these have their own ledger. */
function isWanted({ pass, openedAt }: Pass, { shard, run, since }: RunQuestion, { passes }: RunHistory): boolean {
  if (shard !== null || (run !== null && passes.get(pass)?.includes(run) !== true)) return false
  return since === null || Date.parse(`${openedAt.replace(' ', 'T')}Z`) >= since
}
