import { resolve } from 'node:path'
import type { CommandResult, Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { exitCode, noProbe, outOfOrder, steps, toVersion, trial } from '../../command/shared-flags.ts'
import type { Config } from '../../config/config.ts'
import { century, readDurationFlag } from '../../core/duration.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'
import { chooseMany } from '../many/choose-many.ts'
import type { ManyDatabase } from '../many/judge-list.ts'
import { stopForeseenFailures } from '../plan/approve-plan.ts'
import type { LiveTrial } from '../plan/live-trial.ts'
import { isIncomplete, makeSettledPlan } from '../plan/make-run-plan.ts'
import { planIdle } from '../plan/plan-idle.ts'
import { foreseesFailure, type Plan } from '../plan.ts'
import { writePlanFile } from '../plan-file.ts'
import type { OpenTargets, SeenTarget } from '../targets.ts'
import { exitCodeWith } from '../unreached.ts'
import { withTargets } from '../with-targets.ts'

/** `wwdb plan`: shows what a run would do, for people, programs or a later run. Writes nothing to a server. */
export const command = defineCommand({
  name: 'plan',
  group: 'Migrations',
  summary: 'show what a run would do',
  purpose:
    'Shows each pending statement with its kind, its hazards and how the server would execute it. Writes nothing ' +
    'to the databases. The plan can be saved to a file, reviewed by a second person, and executed unchanged.',
  examples: [
    { command: 'wwdb plan', purpose: 'what migrate would do now' },
    { command: 'wwdb plan --out plan.json', purpose: 'keep it for `wwdb migrate --plan plan.json`' },
    { command: 'wwdb plan --exit-code --quiet', purpose: 'in a deployment: 1 when something would run' },
    { command: 'wwdb plan --live', purpose: 'what the statements of applications do before and after it' },
    { command: 'wwdb plan --direction down --steps 1', purpose: 'what rollback would do' },
  ],
  flags: {
    'What to plan': {
      to: toVersion,
      steps,
      direction: {
        value: 'DIRECTION',
        description: 'up applies, down reverts',
        choices: ['up', 'down'],
        default: 'up',
      },
      outOfOrder,
      out: { value: 'FILE', type: 'file', description: 'write the plan to this file' },
      live: {
        description:
          'try the statements that servers have seen within `--within` and that name what is changed, before and after the migrations, in scratch schemas, without rows and with rows that are made there; exit code 1 if one breaks or has another result, 2 if a server was not looked at, or if none was tried and the servers could not show that none is sent',
      },
      within: {
        value: 'DURATION',
        type: 'duration',
        description:
          'with --live: only statements that were seen within this time, for which servers must have counted',
        otherwise: '7 days',
      },
      noProbe,
      trial,
      exitCode: { ...exitCode, description: 'exit with 1 if anything would run' },
    },
  },
  exitCodes: [...exitCodesOf.locks, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  manyTargets: true,
  vtgate: true,
  async run(options, context) {
    if (options.within !== undefined && options.live !== true)
      throw new ToolError('USAGE', {
        what: '`--within` is for `--live`, which is not given.',
        next: 'Add `--live`, or leave out `--within`.',
      })
    const many = chooseMany(await context.config(), context.targets, 'plan')
    if (many !== null) return planTargets(context, many, options)
    const chosen = { direction: options.direction ?? 'up', to: options.to ?? null, steps: options.steps ?? null }
    const asked = { ...chosen, probe: options.noProbe !== true, triesFirstBuild: true }
    const keep = async (plan: Plan): Promise<void> => {
      if (options.out === undefined) return
      stopForeseenFailures(plan)
      await writePlanFile(resolve(context.process.cwd, options.out), plan, { ...chosen, targets: context.targets })
    }
    const end = async (plan: Plan): Promise<CommandResult> => {
      await keep(plan)
      return answerPlan(plan, null, options)
    }
    // A plan for a later run must cover all databases, or none.
    const unreached = options.out === undefined ? 'skip' : 'fail'
    const idle = (config: Config, seen: readonly SeenTarget[]): (() => Promise<CommandResult>) | null => {
      const plan = options.live === true ? null : planIdle(config, seen, asked)
      return plan && (() => end(plan))
    }
    return withTargets(context, { writable: false, plans: true, unreached, idle }, async (config, open) => {
      const plan = await makeSettledPlan(config, open, asked, shardSteps(context, config, asked))
      if (options.live !== true || open.live === undefined) return end(plan)
      await keep(plan)
      const live = await lookAtLive(config, plan, open, {
        open: open.live,
        within: readDurationFlag('--within', options.within ?? '7 days') ?? century,
      })
      return answerPlan(plan, live, options)
    })
  },
})

/** The targets of a database that has many: which migrations are pending in how many of them, and the plan of one of those that are alike. */
async function planTargets(
  context: Context,
  many: ManyDatabase,
  options: {
    readonly out?: string | undefined
    readonly live?: boolean | undefined
    readonly direction?: 'up' | 'down' | undefined
    readonly to?: string | undefined
    readonly steps?: number | undefined
    readonly exitCode?: boolean | undefined
    readonly noProbe?: boolean | undefined
  },
): Promise<CommandResult> {
  const [{ refuseOfOne }, { surveyTargets }] = await Promise.all([
    import('../many/migrate-many.ts'),
    import('../many/survey.ts'),
  ])
  refuseOfOne(options.out, many, '--out')
  refuseOfOne(options.live, many, '--live')
  refuseOfOne(options.direction === 'down', many, '--direction down')
  const planning = {
    probe: options.noProbe !== true,
    makeShardSteps: (inside: Context, config: Config, how: { readonly probe: boolean }) =>
      shardSteps(inside, config, how),
  }
  return surveyTargets(context, many, { ...options, command: 'plan', planning })
}

function answerPlan(
  plan: Plan,
  live: readonly LiveTrial[] | null,
  options: { readonly exitCode?: boolean | undefined; readonly out?: string | undefined },
): CommandResult {
  const breaks = live?.some(({ broken }) => broken.length > 0) === true
  const willFail = foreseesFailure(plan)
  const isUnproven = live?.some(({ unproven }) => unproven.length > 0) === true
  const isPending = options.exitCode === true && plan.targets.some((target) => target.steps.length > 0)
  // As `wwdb uses` ends: what was found counts more than what was not looked at.
  const failed = willFail || (isUnproven && !breaks)
  const own = isPending || breaks ? exitCodes.findings : exitCodes.done
  return {
    result: { kind: 'plan', plan, file: options.out ?? null, ...(live === null ? {} : { live }) },
    exitCode: exitCodeWith(failed ? exitCodes.failed : own, isIncomplete(plan)),
  }
}

/** Loaded where it is asked for. */
async function lookAtLive(
  config: Config,
  plan: Plan,
  { targets }: OpenTargets,
  { open, within }: { readonly open: NonNullable<OpenTargets['live']>; readonly within: number },
): Promise<readonly LiveTrial[]> {
  const { tryLive } = await import('../plan/try-live.ts')
  const { listGivenRows } = await import('../../seeds/given-rows.ts')
  const rowsOf = (database: string) => listGivenRows(config, database)
  return tryLive(config, plan, targets, { servers: await open(), rowsOf, within })
}
