import type { Cell, Connection, Row } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost, isServerError } from '../../mysql/errors.ts'
import { sentenceWithGrant } from '../../mysql/missing-grant.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { SampleStatement } from '../algorithm-question.ts'
import type { LeftValues, RemovedKeys, SampleOutcome, SampleResult } from '../probe-result.ts'
import type { ResultQuestion } from '../result-question.ts'
import { hideValues } from './hide-values.ts'

type Query = Extract<ResultQuestion, { readonly type: 'query' }>
type Write = Extract<ResultQuestion, { readonly type: 'write' }>
type Runner = Pick<Connection, 'ask' | 'run'>

/** Another row has its key; it has children; it has no parent: with other rows than those that were made it would run. */
const madeRows = [1062, 1451, 1452, 1586]

/** What a sample reads or changes with the rows of the copies; it is taken back. @param texts values of samples, which messages must not show */
export async function readResult(
  connection: Runner,
  { text, result }: SampleStatement,
  texts: readonly string[],
  isOuterCause: (error: unknown) => boolean,
): Promise<SampleOutcome> {
  if (result === undefined || result.type === 'unjudged') {
    const why = result === undefined ? 'nobody asked for it' : result.why
    return { type: 'ran', reads: '', result: { type: 'unjudged', why } }
  }
  try {
    await connection.ask('START TRANSACTION')
    const read = result.type === 'query' ? readRows(connection, result) : readAffected(connection, text, result)
    return { type: 'ran', reads: '', result: await read.finally(() => connection.ask('ROLLBACK')) }
  } catch (error) {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    if (isOuterCause(error)) return { type: 'untried', why: sentenceWithGrant(error).replace(/\.$/, '') }
    if (hasNumber(error, ...madeRows)) return { type: 'untried', why: 'the rows that were made do not let it run' }
    return { type: 'refused', why: hideValues(error, texts) }
  }
}

async function readAffected(connection: Runner, text: string, { leaves }: Write): Promise<SampleResult> {
  if (leaves.type === 'unknown') {
    const answers = await connection.run(text)
    return { type: 'affected', rows: answers.at(-1)?.affected ?? 0, left: null }
  }
  if (leaves.type === 'removed') return readRemoved(connection, text, leaves)
  const { schema, table, assigned } = leaves
  const name = schema === null ? quoteName(table) : quoteQualified(schema, table)
  const shown = await connection.ask(`SHOW COLUMNS FROM ${name}`)
  const columns = shown.rows.map(([column]) => String(column))
  const listed = columns.map(quoteName).join(',')
  const read = async (): Promise<LeftValues['rows']> =>
    (await connection.ask(`SELECT ${listed} FROM ${name}`)).rows.map(toTexts)
  const before = await read()
  const write = async () => {
    await connection.ask('SAVEPOINT wwdb_sample')
    const affected = (await connection.run(text)).at(-1)?.affected ?? 0
    const after = await read()
    return { affected, rows: without(after, before), isChange: without(before, after).length > 0 }
  }
  const first = await write()
  await connection.ask('ROLLBACK TO SAVEPOINT wwdb_sample')
  const second = await write()
  // Of a row that was there, the other values are what the migrations made of them; numbers of AUTO_INCREMENT differ each time.
  const compared = columns.flatMap((column, at) => {
    const isWritten = !first.isChange || assigned === null || assigned.includes(column.toLowerCase())
    return isWritten && valuesOf(first.rows, at) === valuesOf(second.rows, at) ? [at] : []
  })
  const rows = first.rows.map((row) => compared.map((at) => row[at] ?? null))
  const left = compared.length === 0 ? null : { columns: compared.map((at) => columns[at] ?? ''), rows }
  return { type: 'affected', rows: first.affected, left }
}

async function readRemoved(
  connection: Runner,
  text: string,
  { schema, table }: { readonly schema: string | null; readonly table: string },
): Promise<SampleResult> {
  const name = schema === null ? quoteName(table) : quoteQualified(schema, table)
  const shown = await connection.ask(`SHOW KEYS FROM ${name} WHERE Key_name='PRIMARY'`)
  const columns = shown.rows.map((row) => String(row[4]))
  const read = async (): Promise<RemovedKeys['kept']> =>
    columns.length === 0
      ? []
      : (await connection.ask(`SELECT ${columns.map(quoteName).join(',')} FROM ${name}`)).rows.map(toTexts)
  const before = await read()
  const rows = (await connection.run(text)).at(-1)?.affected ?? 0
  const kept = await read()
  return {
    type: 'removed',
    rows,
    keys: columns.length === 0 ? null : { columns, removed: without(before, kept), kept },
  }
}

/** The values of one column, in no order. */
const valuesOf = (rows: LeftValues['rows'], at: number): string => sorted(rows.map((row) => [row[at] ?? null]))

/** The rows that were not there. */
function without(rows: LeftValues['rows'], before: LeftValues['rows']): LeftValues['rows'] {
  const left = new Map<string, number>()
  for (const row of before) left.set(JSON.stringify(row), (left.get(JSON.stringify(row)) ?? 0) + 1)
  return rows.filter((row) => {
    const count = left.get(JSON.stringify(row)) ?? 0
    left.set(JSON.stringify(row), count - 1)
    return count <= 0
  })
}

const sorted = (all: LeftValues['rows']): string => JSON.stringify(all.map((row) => JSON.stringify(row)).sort())

async function readRows(connection: Runner, { text, ranked, isOrdered }: Query): Promise<SampleResult> {
  const [first] = await connection.run(text)
  const [second] = await connection.run(text)
  const rows = (first?.rows ?? []).map(toTexts)
  if (sorted(rows) !== sorted((second?.rows ?? []).map(toTexts)))
    return { type: 'unjudged', why: 'its result differs from one execution to the next' }
  const columns = first?.columns ?? []
  if (!isOrdered) return { type: 'rows', columns, rows, ranks: null, isOrdered }
  const placed = ranked === null ? null : await readRanks(connection, ranked)
  return placed === null
    ? { type: 'rows', columns, rows, ranks: null, isOrdered }
    : {
        type: 'rows',
        columns,
        rows: placed.map((row) => toTexts(row.slice(0, -1))),
        ranks: placed.map((row) => Number(row.at(-1))),
        isOrdered,
      }
}

/** Null where the server takes the ORDER BY in no window. */
async function readRanks(connection: Runner, text: string): Promise<readonly Row[] | null> {
  try {
    return (await connection.run(text))[0]?.rows ?? null
  } catch (error) {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    return null
  }
}

const toTexts = (row: readonly Cell[]): readonly (string | null)[] => row.map(toText)

/** The driver makes objects of JSON. */
function toText(cell: unknown): string | null {
  if (cell === null || cell === undefined) return null
  if (Buffer.isBuffer(cell)) return cell.toString('hex')
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}
