import type { Target } from '../../core/target.ts'
import type { Answer } from '../../mysql/connection.ts'
import type { MysqlConnection } from '../../mysql/door.ts'
import { isConnectionLost } from '../../mysql/errors.ts'
import { fitsPacket } from '../../sql/packet-size.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import { journalFormat, readFormat } from '../journal/journal-format.ts'
import { isJournal, judgeOwnTables } from '../journal/own-tables.ts'
import type { JournalSnapshot } from '../journal/rows.ts'
import { journalQuestions, toSnapshot } from './journal-reading.ts'
import { selectAllOwn, selectMark, toMark, toTables } from './own-records.ts'

/** Schemas of one packet, so that no answer grows with their number. */
const most = 50

/** What comes before the questions about each schema. */
const before = 3

/** How many questions `askAbout` has. */
export const each = 5

/**
 * The journals of several schemas of one server, in one packet and one transaction, with names that say the schema: the session keeps its own. They prove that nothing is to be
 * done, so anything that is not as usual gives null, and a session of each schema finds out and reports what it is.
 */
export async function readJournalsTogether(
  connection: MysqlConnection,
  targets: readonly Target[],
): Promise<readonly JournalSnapshot[] | null> {
  const { facts, raw } = connection
  // Behind a proxy, the number of the login is not that of the session: the proxy may choose the server by the schema of the login.
  if (raw.threadId !== facts.connectionId) return null
  // Where names are folded, the server may list the schema under another name than the configuration.
  if (facts.foldsNames && targets.some(({ schema }) => schema !== schema.toLowerCase())) return null
  const packets = cut(targets, facts.maxPacket ?? Number.POSITIVE_INFINITY)
  if (packets.some(({ fits }) => !fits)) return null
  const snapshots: JournalSnapshot[] = []
  for (const packet of packets) {
    const read = await readSome(connection, packet)
    if (read === null) return null
    snapshots.push(...read)
  }
  return snapshots
}

interface Packet {
  readonly targets: readonly Target[]
  readonly text: string
  /** False where not even one schema has room in what the server accepts: it would close the connection. */
  readonly fits: boolean
}

/** Halves the list until each part has room in a packet. */
function cut(targets: readonly Target[], maxPacket: number): readonly Packet[] {
  const text = render(targets)
  const fits = fitsPacket(Buffer.byteLength(text), maxPacket)
  if ((fits && targets.length <= most) || targets.length === 1) return [{ targets, text, fits }]
  const middle = Math.ceil(targets.length / 2)
  return [targets.slice(0, middle), targets.slice(middle)].flatMap((half) => cut(half, maxPacket))
}

function render(targets: readonly Target[]): string {
  const questions = targets.flatMap(askAbout)
  return ['ROLLBACK', ...selectAllOwn(targets.map(({ schema }) => schema)), ...questions, 'COMMIT'].join(';')
}

/** The questions about the journal of one schema, and about what the record of its schema knows of it. */
export function askAbout({ schema }: Pick<Target, 'schema'>): readonly string[] {
  return [
    ...journalQuestions(quoteQualified(schema, 'wwdb_journal'), 'pass>0'),
    selectMark(quoteQualified(schema, 'wwdb_schema')),
  ]
}

async function readSome(
  connection: MysqlConnection,
  { targets, text }: Packet,
): Promise<readonly JournalSnapshot[] | null> {
  const { answers, error } = await connection.askInTurn(text)
  if (error !== null) {
    if (isConnectionLost(error)) throw error
    await connection.ask('ROLLBACK')
    return null
  }
  const snapshots = targets.map((target, index) => {
    const isHere = (row: Answer['rows'][number]): boolean => row.at(-1) === target.schema
    const [tables = [], columns = []] = [answers[1], answers[2]].map((answer) => answer?.rows.filter(isHere))
    const from = before + index * each
    return toWhole(answers.slice(from, from + each), target, toTables(tables, columns))
  })
  return snapshots.every((one) => one !== null) ? snapshots : null
}

/**
 * Null where anything of it is missing, of another format, or damaged. Throws ToolError `JOURNAL_DAMAGED`, `JOURNAL_NEWER`.
 *
 * @param own the answers to `askAbout`
 */
export function toWhole(
  own: readonly Answer[],
  target: Target,
  tables: NonNullable<JournalSnapshot['tables']>,
): JournalSnapshot | null {
  const read = toSnapshot(own.slice(0, -1), target, journalFormat)
  const snapshot = { ...read, tables, mark: toMark(own.at(-1)?.rows ?? []) }
  const has = (name: string): boolean => tables.some((table) => table.name === name)
  const isCurrent = readFormat(snapshot.settings.get('format')) === journalFormat.number
  if (!has('wwdb_journal') || !has('wwdb_schema') || snapshot.mark === null || !isCurrent) return null
  return judgeOwnTables(tables.filter(isJournal), target).length === 0 ? snapshot : null
}
