import { periodOf } from '../../calendar/period.ts'
import { ToolError } from '../../core/tool-error.ts'
import { dropTriggers, dropView, isRenamed } from './cut-over.ts'
import { type Piece, piecesBetween, piecesOfKeys } from './piece.ts'
import type { SplitRecord } from './record.ts'
import {
  progressOf,
  type SplitEnd,
  type SplitRequest,
  shapeOf,
  stageOf,
  stillProtected,
  unprotect,
} from './split-table.ts'
import { abandonSplit, emptyBack, takeBackSplit, type UndoneSplit } from './undo-split.ts'
import { requirePlaced } from './verify.ts'

export interface UndoneEnd extends SplitEnd {
  readonly undone: UndoneSplit
}

/** Takes a split back, however far it is, or goes on where an earlier run that did so was ended. */
export async function undoSplit(request: SplitRequest): Promise<UndoneEnd> {
  const { server, table } = request
  const record = await findOpen(request)
  await request.confirm(
    record.state === 'copying' || record.state === 'copied'
      ? `The split of \`${table}\` is given up: its triggers go, and the rows that it copied go from the shards.`
      : `\`${table}\` gets its name again with every row that the shards have by now, and the shards are emptied.`,
  )
  const undone = await server.strictly(() => undo(request, record))
  const ended: SplitRecord = { ...record, state: 'undone', copiedThrough: null, copiedRows: 0 }
  await unprotect(request, record)
  await server.writeRecord(ended)
  return { record: ended, plan: null, compared: undone.compared, milliseconds: undone.milliseconds, undone }
}

async function undo(request: SplitRequest, record: SplitRecord): Promise<UndoneSplit> {
  const { governor, emit, store } = request
  const renamed = await isRenamed(request, record)
  if ((record.state === 'copying' || record.state === 'copied') && !renamed)
    return abandonSplit(request, { governor, progressed: progressOf(emit, store.target, record) }, record)
  // It had its name again, and its rows are compared no more: what key it has by now does not matter.
  if (!renamed || record.state === 'emptying') {
    await emptyBack(request, record)
    return { carried: 0, compared: null, milliseconds: null, left: [] }
  }
  const pieces = piecesNow(request, record)
  await refuseChanged(request, record, pieces)
  return takeBackSplit(request, await stageOf(request, { ...record, pieces }, record.hold), record)
}

/** The pieces, and the shards that came since: the application has written to them as well. */
function piecesNow({ run, work: { family, view } }: SplitRequest, { pieces, column }: SplitRecord): readonly Piece[] {
  const known = new Set(pieces.map((piece) => piece.table))
  const keys = [...run.tables.keys()].flatMap((table) => {
    const key = known.has(table) ? null : view.naming.parse(table)
    return key === null ? [] : [key]
  })
  const { division, time } = family
  const late = (): readonly Piece[] => {
    if (division.type === 'key' || time === undefined) return piecesOfKeys(keys, view.naming.name)
    return keys.flatMap((key) => {
      const period = periodOf(key, division.kind, division.zone)
      const own = { ...time, column }
      return period === null ? [] : piecesBetween(family, own, view.naming.name, period.from, period.to - 1)
    })
  }
  return [...pieces, ...late().map((piece): Piece => ({ ...piece, isLate: true }))]
}

/** Rows of another definition would lose what the held table has no column for. */
async function refuseChanged(
  request: SplitRequest,
  { table, hold }: SplitRecord,
  pieces: readonly Piece[],
): Promise<void> {
  const { server, store } = request
  const describe = async (name: string): Promise<string> =>
    JSON.stringify((await server.readColumns(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1)))
  const held = await describe(hold)
  for (const piece of pieces) {
    if ((await describe(piece.table)) === held) continue
    throw new ToolError('SPLIT_REFUSED', {
      what: `The split of \`${table}\` cannot be taken back.`,
      where: { database: store.target.database, server: store.target.server },
      why: `\`${piece.table}\` does not have the columns of the held table any more, \`${hold}\`: it was changed or dropped since the cut-over.`,
      next: `The shards are in use as before. Where they were changed, change \`${hold}\` in the same way, then run the command again.`,
    })
  }
}

/** From here on it cannot be taken back: the held table goes when its grace has ended, by `wwdb held --drop`. */
export async function confirmSplit(request: SplitRequest): Promise<SplitEnd> {
  const { server, table, work, now } = request
  const left = await findConfirmed(request)
  if (left !== null) {
    await unprotect(request, left)
    return { record: left, plan: null, compared: null, milliseconds: null }
  }
  const record = await findOpen(request)
  if (record.state !== 'held' && !(record.state === 'copied' && (await isRenamed(request, record))))
    throw new ToolError('SPLIT_REFUSED', {
      what: `The split of \`${table}\` cannot be confirmed: it is not complete.`,
      where: { database: request.store.target.database, server: request.store.target.server },
      next: `Complete it with \`wwdb shards split ${table} --into ${work.family.name}\`, or take it back with \`--undo\`.`,
    })
  const { server: ask, store } = request
  await requirePlaced(
    { server: ask, target: store.target, ...(await shapeOf(request, record, record.hold)) },
    record.hold,
  )
  const keptUntil = now() + work.family.policy.grace
  await request.confirm(
    `The split of \`${table}\` cannot be taken back any more. The table as it was, \`${record.hold}\`, is kept until ${new Date(keptUntil).toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
  )
  await dropTriggers(request, record.triggers)
  await dropView(request, record)
  const confirmed: SplitRecord = { ...record, state: 'confirmed', keptUntil }
  await server.writeRecord(confirmed)
  await unprotect(request, record)
  return { record: confirmed, plan: null, compared: null, milliseconds: null }
}

/** A split that an earlier run has confirmed, and died before its shards were free for rotation; null where there is none. */
async function findConfirmed({ server, table, work }: SplitRequest): Promise<SplitRecord | null> {
  const record = (await server.readRecords()).find((one) => one.table === table && one.family === work.family.name)
  return record?.state === 'confirmed' && stillProtected(work, record).length > 0 ? record : null
}

async function findOpen({ server, store: { target }, table, work }: SplitRequest): Promise<SplitRecord> {
  const record = (await server.readRecords()).find((one) => one.table === table && one.family === work.family.name)
  if (record !== undefined && record.state !== 'undone' && record.state !== 'confirmed') return record
  throw new ToolError('SPLIT_REFUSED', {
    what: `No split of \`${table}\` into \`${work.family.name}\` is under way.`,
    where: { database: target.database, server: target.server },
    why:
      record === undefined
        ? 'None was ever begun.'
        : record.state === 'undone'
          ? 'It was taken back.'
          : 'It was confirmed, and cannot be taken back any more.',
    next: `\`wwdb shards split ${table} --into ${work.family.name} --dry-run\` shows what a split would do.`,
  })
}
