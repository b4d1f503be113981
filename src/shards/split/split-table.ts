import type { Emit } from '../../command/event.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Governor } from '../../operate/governor.ts'
import { pairColumns } from '../../operate/online/checksum/columns.ts'
import { chooseKey } from '../../operate/online/checksum/key.ts'
import { onlineHoldName } from '../../operate/online/record.ts'
import { createNamed, protectNamed, unprotectNamed } from '../rotation/named-shards.ts'
import type { RotationWork } from '../rotation/request.ts'
import type { FamilyWork, TargetRun } from '../rotation/target-run.ts'
import { copyRows, type SplitProgress, type StageRequest } from './copy-rows.ts'
import { createTriggers, dropTriggers, dropView, isRenamed, renameAway, type SplitPlace } from './cut-over.ts'
import { planSplit, type SplitPlan } from './plan-split.ts'
import { readFacts } from './read-facts.ts'
import { type SplitRecord, splitTriggersOf } from './record.ts'
import { refuseUnwalked, requireOwnKey } from './split-keys.ts'
import { type SplitShape, toPieces } from './triggers.ts'
import { requireEqual, requirePlaced } from './verify.ts'

/** One table that is to become a family. */
export interface SplitRequest extends SplitPlace {
  readonly rotation: RotationWork
  readonly run: TargetRun
  readonly work: FamilyWork
  readonly table: string
  readonly by: string | null
  readonly view: boolean
  readonly person: string
  readonly governor: Governor | null
  readonly stop: StopRequest
  readonly emit: Emit
  readonly now: () => number
  /** Returns when the answer is yes; throws ToolError `NOT_CONFIRMED`. */
  readonly confirm: (what: string) => Promise<void>
}

/** What a run has done of a split. */
export interface SplitEnd {
  readonly record: SplitRecord
  readonly plan: SplitPlan | null
  readonly compared: number | null
  /** For how long others waited for the table at most, in milliseconds. */
  readonly milliseconds: number | null
}

/** Splits a table, or goes on where an earlier run was ended. */
export async function splitTable(request: SplitRequest): Promise<SplitEnd> {
  const { server, table } = request
  const known = (await server.readRecords()).find((one) => one.table === table)
  if (known !== undefined && known.family !== request.work.family.name && known.state !== 'undone')
    throw otherFamily(request, known)
  if (known?.state === 'undoing' || known?.state === 'emptying') throw isTakenBack(request)
  if (known?.state === 'confirmed' || known?.state === 'held') return settleHeld(request, known)
  const isNew = known === undefined || known.state === 'undone'
  const begun = isNew ? await begin(request) : { record: known, plan: null }
  if (begun.record.state === 'copied' && (await isRenamed(request, begun.record)))
    return settleHeld(request, begun.record)
  return { ...(await server.strictly(() => carryOut(request, begun.record))), plan: begun.plan }
}

/** Plans, asks, makes the shards, and records the split before anything of the table is touched. */
async function begin(request: SplitRequest): Promise<{ readonly record: SplitRecord; readonly plan: SplitPlan }> {
  const { server, work, run, rotation, table, by, view, confirm, now } = request
  const plan = planSplit(await factsOf(request))
  await confirm(
    `\`${table}\` (about ${plan.rows} rows) is split into ${plan.pieces.length} shards of \`${plan.family}\`. ${plan.notes.join(' ')}`,
  )
  const keys = plan.pieces.map(({ key }) => key)
  await createNamed(
    rotation,
    run,
    work,
    keys.filter((key) => !run.tables.has(work.view.naming.name(key))),
  )
  if (!work.run.canContinue) throw work.run.error ?? stopped(request)
  const free = keys.filter((key) => work.view.records.get(key)?.protection === null)
  const record: SplitRecord = {
    table,
    family: plan.family,
    state: 'copying',
    column: by ?? plan.column,
    pieces: plan.pieces,
    triggers: splitTriggersOf(table, plan.pieces),
    hold: onlineHoldName(table, 'split', now()),
    hasView: view,
    copiedThrough: null,
    copiedRows: 0,
    protects: free,
    keptUntil: null,
  }
  await server.writeRecord(record)
  return { record, plan }
}

export const factsOf = ({
  server,
  store,
  work,
  rotation,
  table,
  by,
  now,
}: Pick<SplitRequest, 'server' | 'store' | 'table' | 'by' | 'now'> & {
  readonly work: Pick<FamilyWork, 'family'>
  readonly rotation: Pick<RotationWork, 'render'>
}) =>
  readFacts({
    server,
    store,
    family: work.family,
    table,
    by,
    render: (piece) =>
      rotation.render(work.family, {
        family: work.family.name,
        key: piece.key,
        table: piece.table,
        from: null,
        to: null,
      }),
    now: now(),
  })

async function carryOut(request: SplitRequest, begun: SplitRecord): Promise<Omit<SplitEnd, 'plan'>> {
  const { table, run, work, person } = request
  // Rotation must hold none of them: then each write of the table would fail in its trigger.
  const bare = begun.protects.filter((key) => work.view.records.get(key)?.protection === null)
  await protectNamed(run, work, bare, { reason: reasonOf(table), by: person })
  await requireOwnKey(request, begun)
  const stage = await stageOf(request, begun, table)
  await createTriggers(request, table, begun.triggers, toPieces(stage.shape, begun.triggers))
  const copied = begun.state === 'copied' ? begun : await copyRows(stage, begun)
  const compared = await requireEqual(
    stage,
    table,
    'The table is as it was, and triggers write each change of it twice. Correct the rows that are named and run the command again, or take it back with `--undo`.',
  )
  const milliseconds = await renameAway(request, copied)
  const { record } = await settleHeld(request, copied)
  await requirePlaced(stage, record.hold)
  return { record, compared, milliseconds }
}

/** The table is under its hold name: what outlives the cut-over goes. */
async function settleHeld(request: SplitRequest, record: SplitRecord): Promise<SplitEnd> {
  const held: SplitRecord = record.state === 'copied' ? { ...record, state: 'held' } : record
  if (record.state === 'copied') await request.server.writeRecord(held)
  await dropTriggers(request, held.triggers)
  await dropView(request, held)
  return { record: held, plan: null, compared: null, milliseconds: null }
}

/** What the stages read and write. @param table its name of the moment, whose definition counts */
export async function stageOf(
  { server, store, governor, stop, emit }: Pick<SplitRequest, 'server' | 'store' | 'governor' | 'stop' | 'emit'>,
  record: Pick<SplitRecord, 'table' | 'column' | 'pieces'>,
  table: string,
): Promise<StageRequest> {
  const { target } = store
  const { columns, keys, shape } = await shapeOf({ server, store }, record, table)
  const { pairs } = pairColumns(columns, columns, new Map())
  const key = chooseKey(keys.slice(0, 1), pairs)
  if (key === null) throw await refuseUnwalked({ server, store }, record, table)
  const [listed] = await server.listTables([table])
  return {
    server,
    target,
    key,
    pairs,
    shape,
    rows: listed === undefined ? 0 : Number((await server.ask(rowsOf(target.schema, table)))[0]?.[0] ?? 0),
    governor,
    stop,
    progressed: progressOf(emit, target, record),
  }
}

export const progressOf = (
  emit: Emit,
  target: Target,
  { table }: Pick<SplitRecord, 'table'>,
): StageRequest['progressed'] => sometimes((progress) => emit({ type: 'split-progress', target, table, ...progress }))

/** The table beside its pieces, by its definition of now. */
export async function shapeOf(
  { server, store }: SplitPlace,
  { table, column, pieces }: Pick<SplitRecord, 'table' | 'column' | 'pieces'>,
  name: string,
) {
  const columns = await server.readColumns(name)
  const keys = await server.readUniqueKeys(name)
  // Without a key, the column that decides names a row.
  const key = keys[0]?.columns ?? [column]
  const shape: SplitShape = { schema: store.target.schema, table, column, pieces, columns, key }
  return { columns, keys, shape }
}

const rowsOf = (schema: string, table: string): string =>
  `SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA='${schema.replaceAll("'", "''")}' AND TABLE_NAME='${table.replaceAll("'", "''")}'`

const between = 2000

/** A line every two seconds. */
function sometimes(emit: (progress: SplitProgress) => void): (progress: SplitProgress) => void {
  let last = performance.now()
  return (progress) => {
    if (performance.now() - last < between) return
    last = performance.now()
    emit(progress)
  }
}

const reasonOf = (table: string): string => `\`${table}\` is split into it`

/** The shards that are protected for the split alone. */
export const stillProtected = (
  { view }: Pick<FamilyWork, 'view'>,
  { table, protects }: Pick<SplitRecord, 'table' | 'protects'>,
): readonly string[] => protects.filter((key) => view.records.get(key)?.protection?.reason === reasonOf(table))

export async function unprotect({ run, work, table, person }: SplitRequest, record: SplitRecord): Promise<void> {
  const reason = `the split of \`${table}\` is over`
  await unprotectNamed(run, work, stillProtected(work, record), { reason, by: person })
}

function otherFamily({ store: { target }, table }: SplitRequest, { family, state }: SplitRecord): ToolError {
  return new ToolError('SPLIT_REFUSED', {
    what: `\`${table}\` is split into \`${family}\` already (${state}).`,
    where: { database: target.database, server: target.server },
    next: `Go on with \`wwdb shards split ${table} --into ${family}\`, or take it back with \`--undo\`.`,
  })
}

function isTakenBack({ store: { target }, table, work }: SplitRequest): ToolError {
  return new ToolError('SPLIT_REFUSED', {
    what: `The split of \`${table}\` is being taken back.`,
    where: { database: target.database, server: target.server },
    next: `Complete that first: \`wwdb shards split ${table} --into ${work.family.name} --undo\`.`,
  })
}

function stopped({ store: { target }, table }: SplitRequest): ToolError {
  return new ToolError('STOPPED', {
    what: `The run was stopped before \`${table}\` was split.`,
    where: { database: target.database, server: target.server },
    next: 'Run the command again.',
  })
}
