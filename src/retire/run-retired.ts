import type { CommandResult, Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ShardSteps } from '../migrations/shard-steps.ts'
import type { OpenTargets } from '../migrations/targets.ts'
import { exitCodeWith, listUnreached } from '../migrations/unreached.ts'
import { withTargets } from '../migrations/with-targets.ts'
import type { RetiredRecord } from '../operate/retire/record.ts'
import { nameRetired } from '../operate/retire/retirement.ts'
import { describeDoubt, dropAll, planDrops, settleRuns } from './drop-retired.ts'
import { type JudgedThing, judgeAll } from './judge-all.ts'
import { showRetired } from './retired-thing.ts'

export interface RetireRun {
  /** Only these, by name; empty for all. */
  readonly only: readonly string[]
  /** True to drop those of `only` also where nothing proves that they are unused. */
  readonly anyway: boolean
  readonly isRehearsal: boolean
  readonly shards: ShardSteps
}

/** Drops what nothing has used until its grace ended: a plan without files, under the lock, with the journal and the proof. */
export async function runRetired(
  context: Context,
  config: Config,
  open: OpenTargets,
  { only, anyway, isRehearsal, shards }: RetireRun,
): Promise<CommandResult> {
  const around = { context, config }
  const all = await judgeAll(around, open, !isRehearsal)
  refuseUnknown(only, all)
  const isMeant = ({ record }: JudgedThing): boolean => only.length === 0 || only.includes(nameRetired(record))
  const due = all.filter((one) => isMeant(one) && (one.verdict.type === 'unused' || anyway))
  for (const one of anyway ? due.filter(({ verdict }) => verdict.type !== 'unused') : [])
    await confirmAnyway(context, one)
  const drops = isRehearsal ? [] : planDrops(due, context.now(), anyway)
  const { dropped, failed, exitCode } = await dropAll(around, open, drops, shards)
  const unsettled = isRehearsal ? null : await settleRuns(around, open, drops, shards)
  if (unsettled !== null && failed.length === 0) return unsettled
  const things = all.map(({ target, record, verdict }) => {
    const isSame = (one: RetiredRecord): boolean => one.pass === record.pass && one.statement === record.statement
    const done = dropped.find(isSame)
    if (done !== undefined) return showRetired(target, done, null)
    return showRetired(target, record, verdict, failed.find((one) => isSame(one.record))?.fault)
  })
  const unreached = listUnreached(open.unreached)
  return {
    result: { kind: 'retired', things, unreached, dryRun: isRehearsal },
    exitCode: exitCodeWith(exitCode, unreached.length > 0),
  }
}

/** What a rotation drops of what is retired, in databases that it names: as `retire run` does, without a beginning of its own to people. */
export const retiringIn =
  (context: Context, shardsOf: (config: Config) => ShardSteps) =>
  (databases: readonly string[]): Promise<CommandResult> => {
    const emit: Context['emit'] = (event) => (event.type === 'run-started' ? undefined : context.emit(event))
    const quiet = { ...context, targets: databases, emit }
    const access = { writable: true, unreached: 'skip', missing: 'list' } as const
    return withTargets(quiet, access, (config, open) =>
      runRetired(quiet, config, open, { only: [], anyway: false, isRehearsal: false, shards: shardsOf(config) }),
    )
  }

function refuseUnknown(only: readonly string[], all: readonly JudgedThing[]): void {
  const unknown = only.find((name) => !all.some(({ record }) => nameRetired(record) === name))
  if (unknown === undefined) return
  throw new ToolError('USAGE', {
    what: `\`${unknown}\` is not retired.`,
    next: 'Give a table, or a column or an index behind its table, that `wwdb retire list` shows.',
  })
}

async function confirmAnyway(context: Context, { target, record, verdict }: JudgedThing): Promise<void> {
  await context.confirm({
    what: `This drops \`${nameRetired(record)}\` of \`${target.database.name}\` although nothing proves that it is unused: ${describeDoubt(verdict)}`,
    level: 'severe',
    name: nameRetired(record),
  })
}
