import type { CommandResult, Context } from '../../command/context.ts'
import type { Result, TargetOutcome } from '../../command/result.ts'
import type { Config } from '../../config/config.ts'
import { type ExitCode, exitCodes } from '../../core/exit-code.ts'
import { countOf } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { fixStop } from '../../operate/fix-stop.ts'
import { migrationFolders } from '../files/folder.ts'
import { readMigrations } from '../files/read-migrations.ts'
import { describeMigrate, type MakeShardSteps, type MigrateOptions } from '../migrate.ts'
import type { Migration } from '../migration.ts'
import { hasFailed, isDue } from './is-due.ts'
import type { ListedTarget, ManyDatabase } from './judge-list.ts'
import { type LeftTarget, lookAtTargets, type TargetLook } from './look.ts'
import { planWaves, type Wave } from './plan-waves.ts'
import { listTargets, readersOf } from './read-list.ts'
import { runOne } from './run-one.ts'
import { runWaves, type WavesEnd, type WorkEnd } from './run-waves.ts'
import { Tally } from './tally.ts'

/** What to apply to the targets of a database that has many. */
export interface ManyOptions extends MigrateOptions {
  readonly errorBudget?: number | undefined
  readonly failedOnly?: boolean | undefined
}

export type Files = ReadonlyMap<string, readonly Migration[]>

/** Reads the files once for all targets. Throws ToolError `MIGRATIONS_INVALID`. */
export async function readFiles(config: Config, { name }: ManyDatabase): Promise<Files> {
  const request = { root: config.root, databases: migrationFolders(config), chosen: new Set([name]) }
  return (await readMigrations(request)).migrations
}

/** Brings every target of a database that has many to the state of its files: a canary first, then wave after wave. */
export async function migrateMany(
  context: Context,
  database: ManyDatabase,
  options: ManyOptions,
  makeShardSteps: MakeShardSteps,
): Promise<CommandResult> {
  const started = performance.now()
  const config = fixStop(await context.config())
  const stop = stopAtTime(context, config)
  const warn = warnOnce(context)
  const [files, targets] = await Promise.all([
    readFiles(config, database),
    listTargets(readersOf(context), config, database, warn),
  ])
  const run = { context: { ...context, emit: quiet(context, warn), confirm: once(context) }, config, database, files }
  const tally = new Tally()
  const { due, left, rankOf } = await sortTargets(run, targets, options, tally)
  const sizes = database.targets
  await confirmAll(
    context,
    config,
    { name: database.name, canary: Math.min(sizes.canary, due.length) },
    due.length,
    targets.length,
  )
  const waves = planWaves(due, sizes, serverOf, rankOf)
  const ended = await naming(context, database, tally, () =>
    runWaves({
      waves,
      serverOf,
      atOnce: database.targets.atOnce,
      errorBudget: options.errorBudget ?? 0,
      stop,
      beforeWave: (wave, number, all) => announce(context, database, wave, `${number} of ${all}`, tally),
      work: async (target) => {
        const one = await runOne({
          ...{ ...run, target },
          command: (own, ownConfig) => describeMigrate(own, ownConfig, options, makeShardSteps),
        })
        tally.add(one.outcome, one.exitCode)
        return endOf(one.outcome)
      },
    }),
  )
  return answer({ database, tally, left, ended, listed: targets.length, waves: ended.waves, started })
}

/** A defect in the work on one target ends the run without an answer: what had ended until then is said before it. */
async function naming<Ended>(
  { emit }: Context,
  { name }: ManyDatabase,
  tally: Tally,
  run: () => Promise<Ended>,
): Promise<Ended> {
  try {
    return await run()
  } catch (error) {
    emit({ type: 'warning', message: tally.describeBroken(name), target: null })
    throw error
  }
}

/** Asked for by a person, or by `--stop-at`: no further target is begun. */
function stopAtTime({ stop }: Context, { throttle: { stopAt } }: Config): { readonly requested: boolean } {
  const at = stopAt?.type === 'instant' ? stopAt.at : Number.POSITIVE_INFINITY
  return {
    get requested() {
      return stop.requested || Date.now() >= at
    },
  }
}

const serverOf = ({ database }: ListedTarget): unknown => database.server

function endOf({ state, done }: TargetOutcome): WorkEnd {
  if (state === 'done') return done.length > 0 ? 'worked' : 'idle'
  return state === 'nothing-to-do' || state === 'stopped' ? 'idle' : 'failed'
}

interface Run {
  readonly context: Context
  readonly config: Config
  readonly database: ManyDatabase
  readonly files: Files
}

interface Sorted {
  readonly due: readonly ListedTarget[]
  readonly left: readonly LeftTarget[]
  readonly rankOf: (target: ListedTarget) => number
}

/** Which targets have something to do, as far as their journals say; the others are counted at once. */
async function sortTargets(
  { context, config, database, files }: Run,
  targets: readonly ListedTarget[],
  options: ManyOptions,
  tally: Tally,
): Promise<Sorted> {
  const due = new Map<ListedTarget, number>()
  const take = (target: ListedTarget, look: TargetLook): void => {
    if (look.type === 'not-reached') tally.miss(target, look.error)
    else if (look.type === 'absent') tally.missSchema(target)
    else if (isDue({ config, files, target, options }, look)) due.set(target, rank(look))
    else if (options.failedOnly === true) tally.leaveOut()
    else tally.idle()
  }
  const left = await lookAtTargets(context, { config, name: database.name, migrations: files, targets, take })
  return { due: targets.filter((target) => due.has(target)), left, rankOf: (target) => due.get(target) ?? 0 }
}

/** As a canary, a target that has run migrations proves more than one that is new, and one whose last attempt failed proves least. */
function rank(look: TargetLook): number {
  if (look.type !== 'seen') return 1
  return hasFailed(look.seen) ? 2 : 0
}

/** One question for all of them, where the environment is protected. */
async function confirmAll(
  context: Context,
  config: Config,
  { name, canary }: { readonly name: string; readonly canary: number },
  due: number,
  all: number,
): Promise<void> {
  if (!config.protected || due === 0) return
  const first = canary === 0 ? '' : `, ${canary} of them first`
  await context.confirm({
    what: `This migrates ${countOf(due, 'target')} of the ${all} of \`${name}\` in the protected environment \`${config.environment ?? ''}\`${first}.`,
    level: 'moderate',
    name,
  })
}

/** The same question of two targets is asked once. */
function once({ confirm }: Context): Context['confirm'] {
  const asked = new Map<string, Promise<void>>()
  return (question) => {
    const whole = JSON.stringify(question)
    const answered = asked.get(whole) ?? confirm(question)
    asked.set(whole, answered)
    return answered
  }
}

type Warn = (message: string, target?: Target | null) => void

/** Targets that are alike have the same warnings: the first one is named. */
function warnOnce({ emit }: Context): Warn {
  const said = new Set<string>()
  return (message, target = null) => {
    if (said.has(message)) return
    said.add(message)
    emit({ type: 'warning', message, target })
  }
}

function quiet({ emit }: Context, warn: Warn): Context['emit'] {
  return (event) => (event.type === 'warning' ? warn(event.message, event.target) : emit(event))
}

function announce(
  { emit }: Context,
  { name }: ManyDatabase,
  { isCanary, targets }: Wave<ListedTarget>,
  place: string,
  tally: Tally,
): void {
  const labels = targets.slice(0, 3).map(({ label }) => `\`${label}\``)
  const more = targets.length > labels.length ? ` and ${targets.length - labels.length} more` : ''
  const kind = isCanary ? 'The canary' : `Wave ${place}`
  const failed = tally.failures === 0 ? '' : `, ${tally.failures} failed`
  const missing = tally.missing === 0 ? '' : `, ${tally.missing} missing or not reached`
  emit({
    type: 'progress',
    message: `${kind} of \`${name}\`: ${labels.join(', ')}${more}; ${tally.finished} done so far${failed}${missing}.`,
  })
}

interface Ended {
  readonly database: ManyDatabase
  readonly tally: Tally
  readonly left: readonly LeftTarget[]
  readonly ended: { readonly end: WavesEnd; readonly notStarted: readonly ListedTarget[] }
  readonly listed: number
  readonly waves: number
  readonly started: number
}

function answer({ database, tally, left, ended, listed, waves, started }: Ended): CommandResult {
  const result: Result = {
    kind: 'targets-run',
    command: 'migrate',
    database: database.name,
    listed,
    ...tally.summary(),
    notStarted: ended.notStarted.length,
    end: ended.end,
    waves,
    left: left.map(({ schema, server }) => ({ database: database.name, schema, server })),
    milliseconds: performance.now() - started,
  }
  return { result, exitCode: exitCodeOf(tally, ended.end) }
}

function exitCodeOf(tally: Tally, end: WavesEnd): ExitCode {
  if (tally.exitCode !== exitCodes.done) return tally.exitCode
  return end === 'done' ? exitCodes.done : exitCodes.failed
}

/** Throws ToolError `USAGE` for what is asked of one schema only. */
export function refuseOfOne(given: unknown, database: ManyDatabase, flag: string): void {
  if (given === undefined || given === false) return
  throw new ToolError('USAGE', {
    what: `\`${flag}\` is about one schema, and \`${database.name}\` has many.`,
    next: `Name one of its targets: \`--target ${database.name}/SCHEMA\`.`,
  })
}
