import type { RunHistory, RunQuestion } from '../../audit/run.ts'
import { defineCommand } from '../../core/command.ts'
import type { Context } from '../../core/context.ts'
import { readDurationFlag } from '../../core/duration.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { readInstant } from '../../core/instant.ts'
import type { Pass } from '../journal/journal.ts'
import type { OpenTarget } from '../targets.ts'
import { exitCodeWith, listUnreached } from '../unreached.ts'
import { withTargets } from '../with-targets.ts'
import { findRun } from './find-run.ts'
import type { RecordedPass, TargetHistory } from './history-view.ts'

/** `wwdb history`: what the journals and the tables of runs hold, newest first. Writes nothing. */
export const command = defineCommand({
  name: 'history',
  group: 'Migrations',
  summary: 'who ran what, when, and what it did',
  purpose:
    'Reads the journal and the runs of every database, newest first: migrations applied and reverted, baselines and ' +
    'marks, with the time each took; and every run that wrote there, with its flags, the person, the account, the CI ' +
    'job and the commit behind it, and how it ended. `--shard` shows what happened to one shard, also where it is gone ' +
    'by now, and `--run` all that one run did.',
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
        description: 'at most this many entries of each kind per database',
        min: 1,
        otherwise: 'all',
      },
      shard: { value: 'NAME', description: 'only what concerns this shard: its table, or its key', minLength: 1 },
      since: { value: 'TIME', description: 'only from then on: 7d, 12h, or 2026-03-01', otherwise: 'all' },
      run: { value: 'ID', description: 'only this run, and all that it did', minLength: 1 },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  run(options, context) {
    const question: RunQuestion = {
      limit: options.limit ?? null,
      since: options.since === undefined ? null : readSince(options.since, context.now()),
      run: options.run ?? null,
      shard: options.shard ?? null,
    }
    return withTargets(context, { writable: false, missing: 'skip', unreached: 'skip' }, async (_config, open) => {
      const targets = await Promise.all(open.targets.map((target) => readTarget(context, target, question)))
      const unreached = listUnreached(open.unreached)
      return {
        result: { kind: 'history', targets, unreached },
        exitCode: exitCodeWith(exitCodes.done, unreached.length > 0),
      }
    })
  },
})

/** A length of time until now, or an instant. Throws ToolError `USAGE` (64) for anything else. */
function readSince(text: string, now: number): number {
  return /^\d{4}-/.test(text) ? readInstant('--since', text) : now - (readDurationFlag('--since', text) ?? 0)
}

async function readTarget(context: Context, target: OpenTarget, question: RunQuestion): Promise<TargetHistory> {
  const config = await context.config()
  const history = await (await context.mysql.runLedgers()).read(target.database, config.timeouts, question)
  const underWay = await findRun(context, config, target)
  const wanted = target.snapshot.passes.filter((pass) => isWanted(pass, question, history)).toReversed()
  return {
    target: target.session.target,
    passes: wanted
      .slice(0, question.limit ?? wanted.length)
      .map((pass): RecordedPass => ({ ...pass, runs: history.passes.get(pass.pass) ?? [] })),
    ...(underWay !== null && wanted.some(({ pass }) => pass === underWay.pass) ? { underWay } : {}),
    runs: history.runs,
    shardEvents: question.shard === null && question.run === null ? [] : history.shardEvents,
    shardChanges: history.shardChanges,
  }
}

/** The journal has no shards: these have a ledger of their own. */
function isWanted({ pass, openedAt }: Pass, { shard, run, since }: RunQuestion, { passes }: RunHistory): boolean {
  if (shard !== null || (run !== null && passes.get(pass)?.includes(run) !== true)) return false
  return since === null || Date.parse(`${openedAt.replace(' ', 'T')}Z`) >= since
}
