import { ToolError } from '../../core/tool-error.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import { type CarriedTables, carryRows, createTriggers, pairBack } from './carry-back.ts'
import type { ChangeRequest, MadeChange } from './change-request.ts'
import { compareTables } from './check-copy.ts'
import { cutOver, tryBetween } from './cut-over.ts'
import { readDefinition } from './definition.ts'
import { numberLike } from './keep-numbers.ts'
import { backTriggersOf } from './leftover-names.ts'
import { type ChangeName, digestOf, isOf, isOver, newToken, type OnlineRecord } from './record.ts'
import { blocked, stoppedBefore } from './refusals.ts'
import { completeSwap, giveUp, lookAtChange, removeLeft } from './settle.ts'

/** An online change that is to be taken back. */
export interface RevertRequest
  extends Pick<
    ChangeRequest,
    | 'server'
    | 'target'
    | 'version'
    | 'online'
    | 'guard'
    | 'table'
    | 'text'
    | 'at'
    | 'stop'
    | 'governor'
    | 'now'
    | 'progressed'
    | 'awaitTable'
  > {
  readonly back: ChangeName
  /** The name under which the table as it is now is kept. */
  readonly hold: string
}

/**
 * Gives the table as it was before an online change its name back. Rows that were written since are carried to it first, and triggers carry those that are written
 * meanwhile; then a comparison proves that the same change would make of it what the table is now.
 */
export async function revertChange(request: RevertRequest): Promise<MadeChange> {
  const { server, target, table, at, text, hold, now, online } = request
  const held = await findHeld(request)
  const record: OnlineRecord = {
    ...at,
    // Its triggers carry the rows, and no tool does.
    tool: 'pt-osc',
    old: null,
    logs: [],
    table: table.name,
    copy: held.hold,
    hold,
    triggers: backTriggersOf(digestOf(hold)),
    state: 'copying',
    token: newToken(),
    renamed: Object.fromEntries(Object.entries(held.renamed).map(([old, name]) => [name, old])),
    textDigest: digestOf(text),
    fingerprint: held.fingerprint,
    keptUntil: null,
    made: null,
    takesBack: { pass: held.pass, statement: held.statement },
    since: null,
  }
  await refuseRevert(request, held)
  const carry = { ...request, rows: table.rows ?? 0 }
  const tables = await pairBack(carry, record)
  if (!('key' in tables)) throw refused(request, tables.join('; '))
  await server.writeRecord(record)
  try {
    const carried = await server.strictly(() => bringBack(request, record, held, tables))
    const keptUntil = now() + online.grace
    await completeSwap(server, target.schema, { ...record, state: 'swapped', keptUntil })
    const until = new Date(keptUntil).toISOString().slice(0, 16).replace('T', ' ')
    return {
      how: 'back',
      notes: [
        `${carried} ${carried === 1 ? 'row' : 'rows'} that had been written since the change ${carried === 1 ? 'was' : 'were'} carried to it first.`,
        `The table as the change had made it is kept as \`${hold}\` until ${until} UTC.`,
      ],
    }
  } catch (error) {
    // A connection that was lost after the swap leaves it to the next run, and so does one on which nobody can look.
    const found = await lookAtChange(server, record).catch(() => null)
    if (found === 'swapped' || found === null) throw error
    throw await giveUp(
      { server, schema: target.schema, record },
      error,
      'The triggers that carried rows were removed; rows that were carried stay in the table as it was.',
    )
  }
}

async function bringBack(
  request: RevertRequest,
  record: OnlineRecord,
  held: OnlineRecord,
  tables: CarriedTables,
): Promise<number> {
  const { server, target, table } = request
  const carry = { ...request, rows: table.rows ?? 0 }
  const number = await numberLike(request, table.name, record.copy)
  // Numbers of rows that were deleted since must not be given again.
  const numbered = number === null ? [] : [number]
  for (const text of [...numbered, ...createTriggers(tables, record.triggers)]) {
    const { done, ...tries } = await tryBetween(request, null, () => server.define(text))
    if (!done && request.stop.requested) throw stoppedBefore(record, target)
    if (!done) throw tries.holders.length > 0 ? blocked(record, target, tries) : busy(request, tries.attempts)
  }
  const { carried } = await carryRows(carry, tables).catch((error: unknown) => {
    throw server.isAboutValues(error) ? notCarried(request, record, error) : error
  })
  const proof = { table: record.copy, copy: table.name, renamed: held.renamed, tool: record.tool }
  const { differing } = await compareTables(carry, proof)
  const [first] = differing
  if (first !== undefined)
    throw refused(
      request,
      `the row ${first.key} of \`${table.name}\` is not what the change would make of that row of \`${record.copy}\``,
    )
  await cutOver(request, record, { countsRows: true, check: () => checkMade(request, held) })
  return carried
}

/** The record of the change. What an earlier revert left is removed first. */
async function findHeld({ server, target, back, table }: RevertRequest): Promise<OnlineRecord> {
  for (const left of await server.readRecords())
    if (left.takesBack !== null && isOf(left.takesBack, back) && !isOver(left))
      await ((await lookAtChange(server, left)) === 'swapped' ? completeSwap : removeLeft)(server, target.schema, left)
  const held = (await server.readRecords()).find((one) => isOf(one, back))
  if (held?.state !== 'held' || held.table !== table.name)
    throw new ToolError('PLAN_STALE', {
      what: `The online change of \`${table.name}\` no longer exists.`,
      where: { database: target.database, server: target.server },
      why: 'Another run took it back meanwhile.',
      next: 'Run `wwdb online list`.',
    })
  return held
}

/** What was added to the table since would be gone. */
async function checkMade(request: RevertRequest, held: OnlineRecord): Promise<void> {
  if (held.made === null)
    throw refused(
      request,
      'the definition that the change gave the table was not recorded, so that nobody can tell what was added to it since',
    )
  if (held.made === (await readDefinition(request, request.table.name))) return
  throw refused(request, 'the definition of the table was changed after the online change')
}

async function refuseRevert(request: RevertRequest, held: OnlineRecord): Promise<void> {
  const { server, table } = request
  if ((await server.findTables([held.hold])).length === 0)
    throw refused(request, `the table as it was, \`${held.hold}\`, was dropped`)
  await checkMade(request, held)
  const { triggers, foreignKeys } = await server.readObstacles(table.name)
  if (triggers.length > 0) throw refused(request, `the triggers ${quoted(triggers)} were created on it since`)
  if (foreignKeys.length > 0)
    throw refused(request, `the foreign keys ${quoted(foreignKeys)} are on it or reference it`)
}

const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

function refused({ target, table }: RevertRequest, why: string): ToolError {
  return new ToolError('ONLINE_REFUSED', {
    what: `The online change of \`${table.name}\` cannot be taken back.`,
    where: { database: target.database, server: target.server },
    why: `${why.slice(0, 1) === '`' ? why.slice(0, 1) : why.slice(0, 1).toUpperCase()}${why.slice(1)}.`,
    next: 'The table is as it was. Write the change back as a migration of its own.',
  })
}

function notCarried(request: RevertRequest, { copy }: OnlineRecord, error: unknown): ToolError {
  const { target, table } = request
  const said = error instanceof Error ? error.message : String(error)
  return new ToolError(
    'ONLINE_REFUSED',
    {
      what: `The online change of \`${table.name}\` cannot be taken back: rows that were written since do not fit into the table as it was.`,
      where: { database: target.database, server: target.server },
      why: `The server answered at a row for \`${copy}\`: ${said.replace(/\.$/, '')}.`,
      next: `The table is as it was, and no row of it is lost. Change the rows that ${quoteQualified(target.schema, copy)} cannot hold, then run the command again.`,
    },
    { cause: error },
  )
}

function busy({ target, table }: RevertRequest, attempts: number): ToolError {
  return new ToolError('BLOCKED', {
    what: `The triggers that carry rows could not be created: \`${table.name}\` was in use at each of ${attempts} attempts.`,
    where: { database: target.database, server: target.server },
    why: 'Each attempt waits at most 2 seconds for the lock of the table.',
    next: 'Nothing was put back. Run the command again at a quieter time.',
  })
}
