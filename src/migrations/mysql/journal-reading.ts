import * as z from 'zod/mini'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Answer, Cell, Connection, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { ObjectName } from '../../sql/statement.ts'
import type { JournalRow, SessionMemory } from '../journal/journal.ts'
import { type FormatMark, type JournalFormat, journalFormat, refuseNewerFormat } from '../journal/journal-format.ts'
import type { JournalSnapshot } from '../journal/rows.ts'
import type { JournalPlace } from './journal-tables.ts'
import { passText, toPasses } from './pass-text.ts'

const selectPasses = (table: string, where: string): string =>
  `SELECT ${passText} FROM ${table} WHERE ${where} GROUP BY pass ORDER BY pass`

const selectRows = (
  table: string,
  where: string,
): string => `SELECT j.pass,j.statement,j.state,j.hash,j.summary,j.class,j.connection_id,j.fingerprint,CAST(j.details AS CHAR),j.opened_at,j.runner
FROM ${table} j JOIN (SELECT pass FROM ${table} WHERE ${where} GROUP BY pass
HAVING MAX(IF(state='closed',statement+1,0))<MAX(total) OR SUM(state IN ('open','entered'))>0) p ON p.pass=j.pass
ORDER BY j.pass,j.statement`

const knownStates = "state IN ('open','entered','closed','failed')"

/**
 * Statements are numbered from 0, so that a pass has as many rows as its highest number says. Includes a state that wwdb does not write, where a row has one.
 */
const selectGaps = (table: string, where: string): string =>
  `SELECT pass,CAST(MAX(statement)+1-COUNT(*) AS SIGNED),MAX(IF(${knownStates},NULL,state)) FROM ${table} WHERE ${where} GROUP BY pass HAVING COUNT(*)<MAX(statement)+1 OR SUM(${knownStates})<COUNT(*) ORDER BY pass`

const text = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '' : String(cell))
const textOrNull = (cell: Cell | undefined): string | null =>
  cell === null || cell === undefined ? null : String(cell)

const detailsSchema = z.object({
  objects: z.array(z.object({ type: z.string(), schema: z.nullable(z.string()), name: z.string() })),
  identity: z.boolean(),
  identifiedBy: z.optional(z.enum(['number', 'second'])),
  server: z.optional(z.string()),
  missing: z.optional(z.array(z.object({ table: z.string(), column: z.nullable(z.string()) }))),
  shards: z.optional(z.array(z.string())),
  memory: z.optional(
    z.object({
      lastInsertId: z.nullable(z.string()),
      variables: z.record(z.string(), z.string()),
      hidden: z.optional(z.record(z.string(), z.string())),
    }),
  ),
  error: z.optional(z.string()),
  batch: z.optional(
    z.object({
      index: z.string(),
      order: z.optional(z.array(z.string())),
      undo: z.optional(z.string()),
      queries: z.optional(z.array(z.string())),
      first: z.array(z.string()),
      end: z.array(z.string()),
      last: z.nullable(z.array(z.string())),
      rows: z.number(),
      chunks: z.number(),
      walked: z.number(),
      size: z.number(),
      milliseconds: z.number(),
    }),
  ),
})

function toMemory({ hidden, ...memory }: NonNullable<z.infer<typeof detailsSchema>['memory']>): SessionMemory {
  return hidden === undefined ? memory : { ...memory, hidden }
}

function toRow(row: Row): JournalRow {
  const details = detailsSchema.parse(JSON.parse(text(row[8]) || '{"objects":[],"identity":false}'))
  const state = text(row[2])
  return {
    pass: Number(row[0]),
    statement: Number(row[1]),
    state: state === 'closed' || state === 'failed' || state === 'entered' ? state : 'open',
    hash: text(row[3]),
    summary: text(row[4]),
    class: text(row[5]),
    connectionId: Number(row[6]),
    fingerprint: textOrNull(row[7]),
    objects: details.objects as readonly ObjectName[],
    identity: details.identity,
    ...(details.identifiedBy === undefined ? {} : { identifiedBy: details.identifiedBy }),
    ...(details.server === undefined ? {} : { server: details.server }),
    ...(details.missing === undefined ? {} : { missing: details.missing }),
    ...(details.shards === undefined ? {} : { shards: details.shards }),
    memory: details.memory === undefined ? null : toMemory(details.memory),
    error: details.error ?? null,
    openedAt: text(row[9]),
    runner: text(row[10]),
    ...(details.batch === undefined ? {} : { batch: details.batch }),
  }
}

/** The part of the journal that every format has. */
const selectSettings = (table: string): string => `SELECT version,name,tool_version FROM ${table} WHERE pass=0`

function readSettingRows(
  rows: readonly Row[],
  target: Target,
  format: Pick<JournalFormat, 'number'>,
): JournalSnapshot['settings'] {
  const mark = rows.find((row) => row[0] === 'format')
  const read: FormatMark | undefined = mark && { value: text(mark[1]), toolVersion: text(mark[2]) }
  refuseNewerFormat(read, target, format)
  return new Map(rows.map((row) => [text(row[0]), text(row[1])]))
}

/** The queries for a journal, in the order of their answers. @param table qualified where it is in another schema */
export const journalQuestions = (table: string, where: string): readonly string[] => [
  selectPasses(table, where),
  selectRows(table, where),
  selectSettings(table),
  selectGaps(table, where),
]

/** @param answers to the queries above, up to one whose table does not exist */
export function toSnapshot(
  answers: readonly Answer[],
  target: Target,
  format: JournalFormat,
  table: JournalPlace['table'] = 'wwdb_journal',
): JournalSnapshot {
  const [passes, rows, settings, gaps] = answers
  if (passes === undefined) return { exists: false, passes: [], rows: [], settings: new Map() }
  const known = readSettingRows(settings?.rows ?? [], target, format)
  refuseForeignRows(passes.rows, gaps?.rows ?? [], { target, table })
  return {
    exists: true,
    settings: known,
    passes: toPasses(passes.rows),
    rows: (rows?.rows ?? []).map(toRow),
    gaps: (gaps?.rows ?? []).map((row) => ({ pass: Number(row[0]), missing: Number(row[1]) })),
  }
}

/** Rows that no wwdb writes prove nothing about what ran. Throws ToolError `JOURNAL_DAMAGED`. */
function refuseForeignRows(
  passes: readonly Row[],
  states: readonly Row[],
  { target: { database, schema, server }, table }: { readonly target: Target; readonly table: JournalPlace['table'] },
): void {
  const where = { database, server }
  const place = table.startsWith('`') ? table : quoteQualified(schema, table)
  for (const row of passes) {
    const whole = text(row[0])
    const end = whole.indexOf('\n')
    const pass = end < 0 ? whole : whole.slice(0, end)
    if (Number.isSafeInteger(Number(pass))) continue
    throw new ToolError('JOURNAL_DAMAGED', {
      what: `\`${table}\` of \`${database}\` has a pass ${pass}, which is not a valid number.`,
      where,
      why: 'wwdb numbers passes from 1: the number was not written by wwdb, and no later pass could be recorded.',
      next: `Restore the row from a backup, or set its pass to the missing number with \`UPDATE ${place} SET pass = NUMBER WHERE pass = ${pass}\`.`,
    })
  }
  for (const [pass, , state] of states) {
    if (state === null || state === undefined) continue
    const row = `pass = ${text(pass)} AND state = ${quoteString(text(state))}`
    throw new ToolError('JOURNAL_DAMAGED', {
      what: `Pass ${text(pass)} in \`${table}\` of \`${database}\` has a statement in the state \`${text(state)}\`.`,
      where,
      why: 'wwdb writes `open`, `entered`, `closed` and `failed`: the row was not written by wwdb, and it is not known whether the statement ran.',
      next: `Check whether it ran. If so, run \`UPDATE ${place} SET state = 'closed' WHERE ${row}\`; if not, set \`failed\`.`,
    })
  }
}

/**
 * Handles the error that ended a packet of queries, if any: a missing table is an answer. A newer format is refused (`JOURNAL_NEWER`) even where its columns
 * differ, so that reading it fails.
 */
export async function judgeEnd(
  connection: Connection,
  target: Target,
  {
    error,
    table,
    format,
  }: { readonly error: unknown; readonly table: JournalPlace['table']; readonly format: JournalFormat },
): Promise<void> {
  if (error === null) return
  if (hasNumber(error, serverErrors.unknownColumn))
    readSettingRows((await connection.ask(selectSettings(table))).rows, target, format)
  if (!hasNumber(error, serverErrors.unknownTable)) throw error
}

/**
 * Reads the current ledger in one packet: in its own transaction, because one that was begun while waiting for the lock would still show the ledger of that time, without what the holder did meanwhile. @param where one of wwdb's own SQL conditions on the rows, where only some passes are wanted
 */
export async function readJournal(
  connection: Connection,
  target: Target,
  table: JournalPlace['table'],
  where: string,
): Promise<JournalSnapshot> {
  const format = journalFormat
  const { answers, error } = await connection.askInTurn(`ROLLBACK;${journalQuestions(table, where).join(';')};COMMIT`)
  await judgeEnd(connection, target, { error, table, format })
  return toSnapshot(answers.slice(1, 5), target, format, table)
}

/** What the first migration recorded; empty where there is no journal. Throws `JOURNAL_NEWER`, like reading all of it. */
export async function readSettings(connection: Connection, target: Target): Promise<JournalSnapshot['settings']> {
  try {
    return readSettingRows((await connection.ask(selectSettings('wwdb_journal'))).rows, target, journalFormat)
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable)) throw error
    return new Map()
  }
}
