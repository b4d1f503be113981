import { formatDuration } from '../../core/duration.ts'
import { timeLeft } from '../../core/progress.ts'
import { assertNever, ToolError } from '../../core/tool-error.ts'
import type { ArchivePort, WrittenArchive } from '../ports.ts'
import type { RowCount, ShardFinding, ShardRecord } from '../shard.ts'
import type { ShardStep } from './family-plan.ts'
import { leaveView } from './propagate.ts'
import { restoreShard } from './restore-shards.ts'
import type { FamilyWork, StepEnd, StepWork, TargetRun } from './target-run.ts'

/** Milliseconds between two progress reports of a copy. */
const progressInterval = 1000

/** Takes one step of one shard. Each step begins with the checks that can refuse it, and ends with a correct registry. */
export async function takeStep(at: StepWork, { step, record }: ShardStep): Promise<StepEnd> {
  // Before an intent is written: what stops all steps needs no settlement.
  if (step !== 'seal') await at.target.store.requireShards()
  switch (step) {
    case 'restore':
      return restoreShard(at, record)
    case 'seal':
      return sealShard(at, record)
    case 'hold':
      return holdShard(at, record)
    case 'archive':
      return archiveShard(at, record)
    case 'drop':
      return dropShard(at, record)
    default:
      return assertNever(step)
  }
}

const isSame = (one: RowCount, other: RowCount): boolean => one.rows === other.rows && one.checksum === other.checksum

/** Counts and sums the rows: from now on every change is visible. */
async function sealShard({ target, work }: StepWork, record: ShardRecord): Promise<StepEnd> {
  const count = await target.store.measure(record.table)
  const sealed = { ...record, state: 'sealed', hold: null, archive: null } as const
  // A hold that was put off before the shard came back into use no longer counts.
  const closed = closePutOffs(work, record, target.clocks.now)
  await target.write([{ ...sealed, seal: { ...count, at: target.clocks.now } }], [], null, closed)
  return { type: 'done', rows: count.rows }
}

/** Takes the table out of use: out of the view over it, then by a RENAME. Rows that arrived after the seal put it off. */
async function holdShard(at: StepWork, record: ShardRecord): Promise<StepEnd> {
  const { target, work } = at
  const { now } = target.clocks
  const count = await target.store.measure(record.table)
  if (record.seal === null || !isSame(count, record.seal)) {
    await target.write([{ ...record, seal: { ...count, at: now } }], [], null, openPutOff(work, record, now))
    const before = record.seal?.rows ?? 0
    return { type: 'put-off', why: `its rows changed after it was sealed (${before} then, ${count.rows} now)` }
  }
  const hold = { table: target.store.nameHold(record, now), at: now, until: now + work.family.policy.grace }
  await target.write([{ ...record, state: 'holding', hold }])
  let returnToView = async (): Promise<void> => {}
  try {
    returnToView = await leaveView(target, work, record.table)
    await target.rename(record.table, hold.table)
  } catch (error) {
    await putBack(target, record, error, returnToView)
    throw error
  }
  await target.write([{ ...record, state: 'held', hold }], [], null, closePutOffs(work, record, now))
  return { type: 'done', rows: count.rows }
}

const putOffsOf = ({ view }: FamilyWork, { key }: ShardRecord): readonly ShardFinding[] =>
  view.findings.filter((one) => one.kind === 'put-off' && one.key === key)

/** The first time counts: since then writes have put the hold off. */
function openPutOff(work: FamilyWork, record: ShardRecord, at: number): readonly ShardFinding[] {
  const { family, key, table, state, seal } = record
  if (putOffsOf(work, record).length > 0) return []
  return [{ family, key, kind: 'put-off', table, state, rows: seal?.rows ?? null, at, closed: null }]
}

function closePutOffs(work: FamilyWork, record: ShardRecord, at: number): readonly ShardFinding[] {
  const closed = { at, by: 'wwdb rotate run', reason: 'no row changed since it was counted' }
  return putOffsOf(work, record).map((one) => ({ ...one, closed }))
}

/** An intent whose statement certainly did not run is reverted at once; the next run settles any other. */
async function putBack(
  target: TargetRun,
  record: ShardRecord,
  error: unknown,
  returnToView?: () => Promise<void>,
): Promise<void> {
  if (!(error instanceof ToolError) || error.code !== 'SHARD_BLOCKED') return
  await target.write([record])
  // The first failure is the one to report; the next run renews a view without the table.
  await returnToView?.().catch(() => undefined)
}

/** Copies the rows out, reads the copy to its end, and accepts it only when it equals what was sealed. */
async function archiveShard(at: StepWork, record: ShardRecord): Promise<StepEnd> {
  const { request, target } = at
  const archive = await request.archive()
  const { config } = request
  const place = { database: target.database, timeouts: config.timeouts, table: heldTable(record) }
  const report = followRows(at, record)
  const written = await archive.write({ ...place, shard: record, ownNames: target.ownNames() }, report)
  const read = await verifyArchive(archive, record, written.address)
  if (record.seal === null || !isSame(read, record.seal))
    throw changed(record, `${read.rows} rows are in the archive, but ${record.seal?.rows ?? 0} were sealed`)
  await target.write([{ ...record, state: 'archived', archive: { ...read, at: target.clocks.now } }])
  return { type: 'done', rows: read.rows }
}

/** Between the pieces of an archive: reports how many of the sealed rows are copied, at most once a second, and waits where heavy work is to pause. */
function followRows({ request, target, work }: StepWork, record: ShardRecord): (rows: number) => Promise<void> {
  const started = performance.now()
  const total = record.seal?.rows ?? 0
  const at = { target: target.store.target, family: work.family.name, table: record.table, step: 'archive' } as const
  let reported = started
  return async (done) => {
    await awaitGovernor({ request, target, work })
    const now = performance.now()
    if (now - reported < progressInterval) return
    reported = now
    request.emit({ type: 'rotation-step-progress', ...at, done, total, left: timeLeft(done, total, now - started) })
  }
}

/** Waits where the servers of the target are over a bound; each pause is a note of the family. Throws ToolError `THROTTLED`. */
export async function awaitGovernor({ request, target, work }: StepWork): Promise<void> {
  const governor = request.governors?.of(target.store.target) ?? null
  if (governor === null) return
  const before = governor.pauses.length
  try {
    await governor.clear()
  } finally {
    for (const { why, milliseconds } of governor.pauses.slice(before))
      work.run.note(`Paused ${formatDuration(milliseconds)}: ${why}.`)
  }
}

async function verifyArchive(archive: ArchivePort, record: ShardRecord, address: string): Promise<WrittenArchive> {
  const read = await archive.verify(address)
  const known = record.archive
  if (known === null || (isSame(read, known) && read.sha256 === known.sha256)) return read
  throw new ToolError('ARCHIVE_BROKEN', {
    what: `The archive ${address} is not the one written for \`${record.table}\`.`,
    why: `It has ${read.rows} rows and SHA-256 ${read.sha256}; the registry has ${known.rows} and ${known.sha256}.`,
    next: 'Nothing is dropped. Restore the right file, or remove the folder of this archive: `wwdb rotate run` then notices that it is missing, and the run after that writes it again from the table.',
  })
}

/** Drops the table for good: only after its rows, counted again, equal what was sealed and what the archive contains. */
async function dropShard(at: StepWork, record: ShardRecord): Promise<StepEnd> {
  const { request, target } = at
  const table = heldTable(record)
  const count = await target.store.measure(table)
  const expected = record.archive ?? record.seal
  if (expected === null || !isSame(count, expected))
    throw changed(record, `${expected?.rows ?? 0} rows were sealed or archived, but there are ${count.rows} now`)
  if (record.archive !== null) {
    const archive = await request.archive()
    // The archive was removed, like a broken one: the rows are still in the table.
    if (await archive.isRemoved(record.archive.address)) return archiveAgain(target, record)
    await verifyArchive(archive, record, record.archive.address)
  }
  await target.write([{ ...record, state: 'dropping' }])
  try {
    await target.drop(table)
  } catch (error) {
    await putBack(target, record, error)
    throw error
  }
  await target.write([{ ...record, state: 'dropped' }])
  return { type: 'done', rows: count.rows }
}

/**
 * Drops the rest of a table that an earlier run has dropped on some shards of a keyspace. What is gone cannot be counted, so there must not be more rows than were counted before, and the
 * archive must have them all.
 */
export async function endDrop({ request, target }: StepWork, record: ShardRecord): Promise<void> {
  const table = heldTable(record)
  const expected = record.archive ?? record.seal
  const { rows } = await target.store.measure(table)
  if (expected === null || rows > expected.rows)
    throw changed(record, `${expected?.rows ?? 0} rows were sealed or archived, but there are ${rows} now`)
  if (record.archive !== null) await verifyArchive(await request.archive(), record, record.archive.address)
  // The event of it gives the statement a context of its own: what was canceled in the other one is not looked at again.
  await target.write([{ ...record, state: 'dropping' }])
  await target.drop(table)
  await target.write([{ ...record, state: 'dropped' }])
}

/** The table was counted right before, and equals what was archived. */
async function archiveAgain(target: TargetRun, record: ShardRecord): Promise<StepEnd> {
  const address = record.archive?.address ?? ''
  await target.write([{ ...record, state: 'held', archive: null }])
  return { type: 'put-off', why: `its archive ${address} was removed; the next run writes it again from the table` }
}

function heldTable({ hold, table }: ShardRecord): string {
  if (hold === null) throw new Error(`\`${table}\` is on hold without a hold name`)
  return hold.table
}

function changed({ table, hold }: ShardRecord, why: string): ToolError {
  return new ToolError('SHARD_CHANGED', {
    what: `The rows of \`${table}\` changed after they were counted, so it was not dropped.`,
    why: `${why}. It is now called ${hold?.table ?? table}.`,
    next: `Check its rows; \`wwdb shards restore\` restores its own name, and rotation counts it again.`,
  })
}
