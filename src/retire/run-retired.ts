import type { CommandResult, Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import { hazardCodes } from '../lint/hazard-codes.generated.ts'
import { timestampOf } from '../migrations/files/migration-name.ts'
import { dropOfRetired, madeMigration, withOnly } from '../migrations/made-migration.ts'
import type { Migration } from '../migrations/migration.ts'
import { readRanTexts } from '../migrations/ran-texts.ts'
import { hasRetired, retireStores } from '../migrations/retirements.ts'
import { runTargets } from '../migrations/run-targets.ts'
import type { ShardSteps } from '../migrations/shard-steps.ts'
import type { OpenTarget, OpenTargets } from '../migrations/targets.ts'
import { exitCodeWith, listUnreached } from '../migrations/unreached.ts'
import type { RetireStore } from '../operate/retire/ports.ts'
import { isWaiting, type RetiredRecord } from '../operate/retire/record.ts'
import { nameRetired, writeRetiring } from '../operate/retire/retirement.ts'
import { statementServers } from '../uses/ports.ts'
import { watchObject } from '../uses/watch-object.ts'
import { judgeRetired, type Verdict } from './judge.ts'
import { showRetired } from './retired-thing.ts'
import { settleRetired, writeSettled } from './settle.ts'

/** A retired thing of a database, with what is known of it now. */
export interface JudgedThing {
  readonly target: OpenTarget
  readonly store: RetireStore
  readonly record: RetiredRecord
  readonly verdict: Verdict
}

interface Around {
  readonly context: Context
  readonly config: Config
}

/** What is retired in the open databases. @param writes true to record what became of it, and since when it is watched */
export async function judgeAll(
  around: Around,
  { targets }: Pick<OpenTargets, 'targets'>,
  writes: boolean,
): Promise<readonly JudgedThing[]> {
  const judged: JudgedThing[] = []
  for (const target of targets.filter(({ snapshot }) => hasRetired(snapshot))) {
    const store = (await around.context.port(retireStores))(target.session)
    const settled = await settleRetired(store, target)
    if (writes) await writeSettled(store, settled)
    for (const { record } of settled) {
      if (record.state !== 'retired') continue
      const verdict = await judge(around, { target, store, record })
      const uses = verdict.type === 'used' ? verdict.uses : record.uses
      const watched = { ...record, uses, baselines: verdict.baselines }
      if (writes) await store.update(watched, 'retired')
      judged.push({ target, store, record: watched, verdict })
    }
  }
  return judged
}

async function judge(
  { context, config }: Around,
  { target, store, record }: Pick<JudgedThing, 'target' | 'store' | 'record'>,
): Promise<Verdict> {
  const { database } = target
  const servers = await context.port(statementServers)
  const { type, part, table, hold } = record
  // A table that has its name by now is another one: who names it does not miss this one.
  const isFree = type === 'table' && (await store.look({ ...record, hold: '' })) === 'gone'
  const tables = type === 'table' ? [hold, ...(isFree ? [table] : [])] : [table]
  const named = type === 'table' || part === null ? null : { type, name: part }
  const begun = Math.min(context.now(), record.since, ...Object.values(record.baselines).map(({ at }) => at))
  const within = context.now() - begun + hour
  const ran = () => readRanTexts(config, database, servers)
  return judgeRetired(record, await watchObject(config, database, servers, { tables, part: named }, within, ran))
}

/** Clocks of this machine and of servers may differ. */
const hour = 3_600_000

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
  const unsettled = open.targets.some(
    (target) => hasRetired(target.snapshot) && target.snapshot.passes.some((pass) => pass.open > 0),
  )
  const ended = isRehearsal || (drops.length === 0 && !unsettled) ? null : await carryOut(around, open, drops, shards)
  const dropped = await settleDropped(drops)
  if (ended !== null && ended.exitCode !== exitCodes.done) return ended
  const things = all.map(({ target, record, verdict }) => {
    const done = dropped.find((one) => one.pass === record.pass && one.statement === record.statement)
    return done === undefined ? showRetired(target, record, verdict) : showRetired(target, done, null)
  })
  const unreached = listUnreached(open.unreached)
  return {
    result: { kind: 'retired', things, unreached, dryRun: isRehearsal },
    exitCode: exitCodeWith(exitCodes.done, unreached.length > 0),
  }
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

function describeDoubt(verdict: Verdict): string {
  switch (verdict.type) {
    case 'used':
      return `${verdict.uses.map(({ what, server }) => `${what} (${server})`).join('; ')}.`
    case 'unproven':
      return verdict.why.join(' ')
    case 'waiting':
      return `its grace ends on ${new Date(verdict.until).toISOString().slice(0, 10)}.`
    case 'unused':
      return 'it is.'
  }
}

interface Drop extends JudgedThing {
  readonly migration: Migration
  readonly proof: string
  readonly isForced: boolean
}

function planDrops(due: readonly JudgedThing[], now: number, anyway: boolean): readonly Drop[] {
  return due.map((one, index) => {
    const { record, target, verdict } = one
    const proof =
      verdict.type === 'unused'
        ? verdict.proof
        : `${nameRetired(record)} dropped without proof: ${describeDoubt(verdict)}`
    const { drop } = writeRetiring(record, record.hold)
    // The binary log has the proof with the statement; the journal has its hash alone.
    const text = `${drop} /* ${proof.replaceAll('*/', '* /')} */`
    const reason = 'retired, and nothing used it'
    const migration = madeMigration({
      database: target.database.name,
      // One for each: those before one that fails are done, and those behind it wait for the next run.
      version: timestampOf(new Date(now + index * 1000)),
      name: dropOfRetired,
      file: 'retire run',
      texts: [text],
      accepted: hazardCodes.map((code) => ({ code, reason, line: 1 })),
    })
    return { ...one, migration, proof, isForced: anyway && verdict.type !== 'unused' }
  })
}

function carryOut(
  around: Around,
  open: OpenTargets,
  drops: readonly Drop[],
  shards: ShardSteps,
): Promise<CommandResult> {
  const { context, config } = around
  const targets = open.targets
    .filter(({ snapshot }) => hasRetired(snapshot))
    .map((target) =>
      withOnly(
        target,
        drops.filter((one) => one.target.database.name === target.database.name).map(({ migration }) => migration),
      ),
    )
  return runTargets(
    context,
    { ...config, outOfOrder: 'allow' },
    { ...open, targets, neighbors: [] },
    {
      command: 'retire run',
      direction: 'up',
      to: null,
      steps: null,
      probe: false,
      shards,
      drift: 'off',
      allow: hazardCodes,
      dryRun: false,
      confirm: () => Promise.resolve(),
      before: async ({ database }, { migration: { version } }) => {
        const drop = drops.find((one) => one.migration.version === version && one.target.database.name === database)
        if (drop !== undefined) await recordDropping(around, drop)
      },
    },
  )
}

/** Under the lock: what was used after the first look stays. */
async function recordDropping(
  around: Around,
  { target, store, record, proof, migration, isForced }: Drop,
): Promise<void> {
  const isThere = (await store.look(record)) === (record.isHidden ? 'hidden' : 'visible')
  const again = isForced ? null : await judge(around, { target, store, record })
  if (!isThere || (again !== null && again.type !== 'unused'))
    throw new ToolError('PLAN_STALE', {
      what: `\`${nameRetired(record)}\` of \`${target.database.name}\` can no longer be dropped.`,
      where: { database: target.database.name },
      why: isThere ? 'It was used after the first look.' : 'Another run changed it after the first look.',
      next: 'See `wwdb retire list`.',
    })
  await store.update({ ...record, state: 'dropping', proof, dropVersion: migration.version }, 'retired')
}

/** What is gone is recorded as dropped; what is still there waits again. */
async function settleDropped(drops: readonly Drop[]): Promise<readonly RetiredRecord[]> {
  const dropped: RetiredRecord[] = []
  for (const { store, record, proof, migration } of drops) {
    if (isWaiting(record) && (await store.look(record)) !== 'gone') continue
    const done: RetiredRecord = { ...record, state: 'dropped', proof, dropVersion: migration.version }
    await store.update(done, 'dropping')
    // A run beside this one saw it before the drop.
    await store.update(done, 'retired')
    dropped.push(done)
  }
  return dropped
}
