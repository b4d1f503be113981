import { ToolError } from '../../core/tool-error.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { ChangeRequest } from './change-request.ts'
import { type ColumnPair, pairColumns } from './checksum/columns.ts'
import { type Ask, type Comparison, type DifferingRow, narrow, readBound, readSums } from './checksum/compare-copy.ts'
import { chooseKey, type KeyValues, keyEquals, type WalkedKey } from './checksum/key.ts'
import { findNarrower } from './narrower.ts'
import type { OnlineRecord } from './record.ts'

/** From the table as it is to the table as it was: rows are found by the key, and carried column by column. */
export interface CarriedTables extends Comparison {
  readonly key: WalkedKey
}

type CarryRequest = Pick<ChangeRequest, 'server' | 'target' | 'governor' | 'stop' | 'progressed'> & {
  /** An estimate. */
  readonly rows: number
}

/** How the rows can be carried; clauses where they cannot be. */
export async function pairBack(
  { server, target }: CarryRequest,
  { table, copy, renamed }: OnlineRecord,
): Promise<CarriedTables | readonly string[]> {
  const [now, before] = [await server.readColumns(table), await server.readColumns(copy)]
  const { pairs, objections } = pairColumns(now, before, new Map(Object.entries(renamed)))
  const paired = new Set(pairs.map(({ to }) => to.name))
  const lacking = before.filter(({ name, generated }) => !generated && !paired.has(name))
  const optional = new Set(await server.readOptionalColumns(copy))
  const needed = lacking.filter(({ name }) => !optional.has(name))
  const key = chooseKey(await server.readUniqueKeys(table), pairs)
  const why = [
    ...objections,
    ...findNarrower(pairs),
    ...needed.map(
      ({ name }) =>
        `\`${copy}\` has the column \`${name}\`, which takes no NULL and has no default, so that it could not take rows that were written since (\`ALTER TABLE ${quoteQualified(target.schema, copy)} ALTER COLUMN ${quoteName(name)} SET DEFAULT ...\` gives it one)`,
    ),
    ...(key === null ? ['no key of both tables tells their rows apart in the same way'] : []),
  ]
  return key === null || why.length > 0 ? why : { schema: target.schema, table, copy, pairs, key }
}

/** Statements that create the triggers by which each write of the table reaches the table as it was, in the same transaction. */
export function createTriggers(
  { schema, table, copy, pairs, key }: CarriedTables,
  names: readonly string[],
): readonly string[] {
  const [own, before] = [quoteQualified(schema, table), quoteQualified(schema, copy)]
  const columns = pairs.map(({ to }) => quoteName(to.name))
  const values = pairs.map(({ from }) => `NEW.${quoteName(from.name)}`)
  const assigned = pairs.map(({ from, to }) => `${quoteName(to.name)}=NEW.${quoteName(from.name)}`).join(',')
  const at = (row: 'OLD' | 'NEW'): string =>
    key.pairs.map(({ from, to }) => `${quoteName(to.name)}=${row}.${quoteName(from.name)}`).join(' AND ')
  const moved = key.pairs.map(({ from: { name } }) => `OLD.${quoteName(name)}<>NEW.${quoteName(name)}`).join(' OR ')
  // A row that was not carried yet is there with its old values, and what only the table as it was has stays in it.
  const insert = `INSERT INTO ${before}(${columns.join(',')}) VALUES (${values.join(',')}) ON DUPLICATE KEY UPDATE ${assigned}`
  const bodies = [
    insert,
    `BEGIN IF ${moved} THEN DELETE FROM ${before} WHERE ${at('NEW')}; END IF; UPDATE ${before} SET ${assigned} WHERE ${at('OLD')}; ${insert}; END`,
    `DELETE FROM ${before} WHERE ${at('OLD')}`,
  ]
  const events = ['INSERT', 'UPDATE', 'DELETE']
  return names.map(
    (name, index) =>
      `CREATE TRIGGER ${quoteQualified(schema, name)} AFTER ${events[index]} ON ${own} FOR EACH ROW ${bodies[index]}`,
  )
}

const rowsOfChunk = 5000
/** Rows of one transaction: its locks are short. */
const rowsAtOnce = 100

/** Carries what was written since the cut-over, once; the triggers carry what is written meanwhile. */
export async function carryRows(request: CarryRequest, tables: CarriedTables): Promise<{ readonly carried: number }> {
  const { server, governor, stop, progressed } = request
  const began = performance.now()
  return server.beside(async (ask: Ask) => {
    let [rows, carried] = [0, 0]
    let after: KeyValues | null = null
    for (;;) {
      const through: KeyValues | null = await readBound(ask, tables, after, rowsOfChunk)
      const bounds = { after, through }
      const [own, other] = await readSums(ask, tables, bounds)
      if (own.rows !== other.rows || own.sum !== other.sum) {
        const differing = await narrow(ask, tables, bounds, Number.POSITIVE_INFINITY)
        for (let at = 0; at < differing.length; at += rowsAtOnce)
          await carry(request, tables, differing.slice(at, at + rowsAtOnce))
        carried += differing.length
      }
      rows += own.rows
      progressed(
        { type: 'known', stage: 'carrying rows back', completed: rows, estimated: Math.max(rows, request.rows) },
        performance.now() - began,
      )
      if (through === null) return { carried }
      after = through
      await governor?.clear()
      if (stop.killRequested) throw canceled(tables)
    }
  })
}

const attempts = 10

/** Some rows in one transaction. The rows of the table are locked first, as a write locks them before its trigger writes to the other table. */
async function carry({ server }: CarryRequest, tables: CarriedTables, rows: readonly DifferingRow[]): Promise<void> {
  const { schema, table, copy, pairs, key } = tables
  const [own, before] = [quoteQualified(schema, table), quoteQualified(schema, copy)]
  const keys = rows.flatMap((row) => (row.type === 'count' ? [] : [row.values]))
  const where = (side: 'from' | 'to'): string => keys.map((values) => `(${keyEquals(key, side, values)})`).join(' OR ')
  const both = key.pairs.map(({ from, to }) => `o.${quoteName(from.name)}=b.${quoteName(to.name)}`).join(' AND ')
  const assigned = pairs.map(({ from, to }) => `b.${quoteName(to.name)}=o.${quoteName(from.name)}`).join(',')
  const columns = (side: 'from' | 'to'): string => pairs.map((pair) => quoteName(pair[side].name)).join(',')
  const chosen = `(SELECT * FROM ${own} WHERE ${where('from')})`
  await server.inTransaction(
    [
      `SELECT 1 FROM ${own} WHERE ${where('from')} FOR UPDATE`,
      `DELETE b FROM ${before} b LEFT JOIN ${own} o ON ${both} WHERE (${qualify(key, keys)}) AND o.${quoteName(key.pairs[0]?.from.name ?? '')} IS NULL`,
      `UPDATE ${before} b JOIN ${chosen} o ON ${both} SET ${assigned}`,
      `INSERT INTO ${before}(${columns('to')}) SELECT ${columns('from')} FROM ${chosen} o WHERE NOT EXISTS (SELECT 1 FROM ${before} b WHERE ${both})`,
    ],
    attempts,
  )
}

/** The rows of the table as it was, where it is joined as `b`. */
function qualify({ pairs }: WalkedKey, keys: readonly KeyValues[]): string {
  return keys
    .map(
      (values) => `(${pairs.map(({ to }: ColumnPair, at) => `b.${quoteName(to.name)}=${values[at]}`).join(' AND ')})`,
    )
    .join(' OR ')
}

function canceled({ copy }: CarriedTables): ToolError {
  return new ToolError('CANCELED', {
    what: `The carrying of rows to \`${copy}\` was ended.`,
    why: 'The run was stopped twice.',
    next: 'The table is as it was, and nothing was put back. Run the command again: it goes on with the rows that still differ.',
  })
}
