import type { CommandResult, Context } from '../command/context.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { hazardCodes } from '../lint/hazard-codes.generated.ts'
import { freeMoment } from '../migrations/files/free-moment.ts'
import { timestampOf } from '../migrations/files/migration-name.ts'
import { dropOfRetired, madeMigration, withOnly } from '../migrations/made-migration.ts'
import type { Migration } from '../migrations/migration.ts'
import { hasRetired } from '../migrations/retirements.ts'
import { runTargets } from '../migrations/run-targets.ts'
import type { ShardSteps } from '../migrations/shard-steps.ts'
import type { OpenTarget, OpenTargets } from '../migrations/targets.ts'
import { isWaiting, type RetiredRecord } from '../operate/retire/record.ts'
import { nameRetired, writeRetiring } from '../operate/retire/retirement.ts'
import type { Verdict } from './judge.ts'
import { type Around, type JudgedThing, judge } from './judge-all.ts'

/** Why nothing proves that it is unused. */
export function describeDoubt(verdict: Verdict): string {
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

/** A drop that is due, as a run makes it. */
export interface Drop extends JudgedThing {
  readonly migration: Migration
  readonly proof: string
  readonly isForced: boolean
}

/** What is dropped: one run for each, as those behind one that fails are dropped all the same. */
export function planDrops(due: readonly JudgedThing[], now: number, anyway: boolean): readonly Drop[] {
  const first = freeMoment(
    now,
    due.map(({ target }) => target),
  )
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
      version: timestampOf(new Date(first + index * 1000)),
      name: dropOfRetired,
      file: 'retire run',
      texts: [text],
      accepted: hazardCodes.map((code) => ({ code, reason, line: 1 })),
    })
    return { ...one, migration, proof, isForced: anyway && verdict.type !== 'unused' }
  })
}

/** A drop that failed, or was not tried because of one that ended its database's. */
interface FailedDrop {
  readonly record: RetiredRecord
  readonly fault: Fault
}

export interface Dropped {
  readonly dropped: readonly RetiredRecord[]
  readonly failed: readonly FailedDrop[]
  /** That of the first that failed. */
  readonly exitCode: ExitCode
}

/** Drops one after another, each in a run of its own: one that fails stops no other. */
export async function dropAll(
  around: Around,
  open: OpenTargets,
  drops: readonly Drop[],
  shards: ShardSteps,
): Promise<Dropped> {
  const context = announcingOnce(around.context)
  const dropped: RetiredRecord[] = []
  const failed: FailedDrop[] = []
  const ended = new Map<OpenTarget, Fault>()
  let exitCode: ExitCode = exitCodes.done
  for (const drop of drops) {
    const before = ended.get(drop.target)
    if (before !== undefined) {
      failed.push({ record: drop.record, fault: before })
      continue
    }
    const end = await carryOut({ ...around, context }, open, [drop], shards)
    if (end.fault === null) {
      const done = await settleDropped(drop)
      if (done !== null) dropped.push(done)
      continue
    }
    failed.push({ record: drop.record, fault: end.fault })
    if (exitCode === exitCodes.done) exitCode = end.exitCode
    // A statement that the server refused says nothing of the next one; a lost server, a held lock and a stop do.
    if (end.exitCode !== exitCodes.failed) ended.set(drop.target, end.fault)
  }
  return { dropped, failed, exitCode }
}

/** What earlier runs left open is settled where nothing is dropped, too. Null where that went well. */
export async function settleRuns(
  around: Around,
  open: OpenTargets,
  drops: readonly Drop[],
  shards: ShardSteps,
): Promise<CommandResult | null> {
  const targets = open.targets.filter(
    (target) =>
      hasRetired(target.snapshot) &&
      target.snapshot.passes.some((pass) => pass.open > 0) &&
      !drops.some((drop) => drop.target === target),
  )
  if (targets.length === 0) return null
  const ended = await runDrops(around, { ...open, targets }, [], shards)
  return ended.exitCode === exitCodes.done ? null : ended
}

/** The runs of the drops are one to people. */
function announcingOnce(context: Context): Context {
  let isAnnounced = false
  return {
    ...context,
    emit: (event) => {
      if (event.type === 'run-started' && isAnnounced) return
      isAnnounced ||= event.type === 'run-started'
      context.emit(event)
    },
  }
}

const afterRefusal = 'Change what the server refuses it for, then run `wwdb retire run` again.'

async function carryOut(
  around: Around,
  open: OpenTargets,
  drops: readonly Drop[],
  shards: ShardSteps,
): Promise<{ readonly fault: Fault | null; readonly exitCode: ExitCode }> {
  const targets = drops.map(({ target }) => target)
  try {
    const { result, exitCode } = await runDrops(around, { ...open, targets, unreached: [] }, drops, shards)
    if (exitCode === exitCodes.done) return { fault: null, exitCode }
    const outcomes = result.kind === 'run' ? result.outcomes : []
    const fault = outcomes.find((one) => one.fault !== null)?.fault ?? { what: 'The run was stopped.' }
    // The advice for statements of files says to correct them.
    return { fault: fault.errno === undefined ? fault : { ...fault, next: afterRefusal }, exitCode }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { fault: error.faults[0] ?? { what: error.message }, exitCode: error.exitCode }
  }
}

function runDrops(
  around: Around,
  open: OpenTargets,
  drops: readonly Drop[],
  shards: ShardSteps,
): Promise<CommandResult> {
  const { context, config } = around
  const targets = open.targets.map((target) =>
    withOnly(
      target,
      drops.filter((one) => one.target === target).map(({ migration }) => migration),
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

/** What is gone is recorded as dropped; null where it is still there. */
async function settleDropped({ store, record, proof, migration }: Drop): Promise<RetiredRecord | null> {
  if (isWaiting(record) && (await store.look(record)) !== 'gone') return null
  const done: RetiredRecord = { ...record, state: 'dropped', proof, dropVersion: migration.version }
  await store.update(done, 'dropping')
  // A run beside this one saw it before the drop.
  await store.update(done, 'retired')
  return done
}
