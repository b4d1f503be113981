import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Answer, Cell } from '../../mysql/connection.ts'
import type { MysqlConnection } from '../../mysql/door.ts'
import { isConnectionLost } from '../../mysql/errors.ts'
import type { OwnTable } from '../journal/own-tables.ts'
import type { SchemaLook } from '../many/ports.ts'
import { askAbout, each, toWhole } from './journals-together.ts'
import { selectAllOwn, selectOwnShapes, toTables } from './own-records.ts'

/** Schemas of one question about wwdb's tables, and of one packet about journals: no answer grows with the number of all. */
const mostShapes = 500
const mostJournals = 50

const textOf = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '' : String(cell))

/** Is given each schema as its answer comes, while the server works on later ones. */
export type TakeLook = (target: Target, look: SchemaLook) => void

/** The schemas that this account sees on the server. */
export async function listAllSchemas(connection: MysqlConnection): Promise<readonly string[]> {
  const { rows } = await connection.ask('SELECT SCHEMA_NAME FROM information_schema.SCHEMATA')
  return rows.map(([name]) => textOf(name))
}

/**
 * Looks at many schemas of one server: which of wwdb's tables they have, and the journal where these are whole. Both are asked for many schemas at once; what a schema
 * has beyond the usual only a session of its own can tell.
 */
export async function lookAtMany(
  connection: MysqlConnection,
  present: ReadonlySet<string>,
  targets: readonly Target[],
  take: TakeLook,
): Promise<void> {
  const { facts, raw } = connection
  // Behind a proxy, the session may be on a server that has an old copy of another schema.
  const isDirect = raw.threadId === facts.connectionId
  const asked: Target[] = []
  for (const target of targets) {
    const isFolded = facts.foldsNames && target.schema !== target.schema.toLowerCase()
    if (!isDirect || isFolded) take(target, { type: 'unclear' })
    else if (present.has(target.schema)) asked.push(target)
    else take(target, { type: 'absent' })
  }
  const shapes = new Shapes(connection)
  for (let at = 0; at < asked.length; at += mostShapes) {
    const whole: Whole[] = []
    const chunk = asked.slice(at, at + mostShapes)
    const tables = await shapes.read(chunk)
    for (const target of chunk) {
      const own = tables.get(target.schema) ?? []
      if (own.length === 0) take(target, { type: 'empty' })
      else whole.push({ target, tables: own })
    }
    await readJournals(connection, whole, take)
  }
}

interface Whole {
  readonly target: Target
  readonly tables: readonly OwnTable[]
}

/** wwdb's tables in many schemas: the columns are read once for all tables that look alike. */
class Shapes {
  readonly #connection: MysqlConnection
  readonly #known = new Map<string, OwnTable>()

  constructor(connection: MysqlConnection) {
    this.#connection = connection
  }

  async read(targets: readonly Target[]): Promise<ReadonlyMap<string, readonly OwnTable[]>> {
    const questions = selectOwnShapes(targets.map(({ schema }) => schema))
    const [tables, digests] = await this.#connection.askAll(questions.join(';'))
    const digestOf = new Map((digests?.rows ?? []).map((row) => [keyOf(row), textOf(row[1])]))
    const found = new Map<string, OwnTable[]>()
    for (const row of tables?.rows ?? []) {
      const schema = textOf(row.at(-1))
      const own = found.get(schema) ?? []
      own.push(await this.#describe(row, digestOf.get(keyOf(row)) ?? ''))
      found.set(schema, own)
    }
    return found
  }

  async #describe(row: readonly Cell[], digest: string): Promise<OwnTable> {
    const name = textOf(row[0]).toLowerCase()
    const key = `${name}\n${digest}`
    const known = this.#known.get(key) ?? (await this.#readOne(textOf(row.at(-1)), name))
    this.#known.set(key, known)
    return { ...known, engine: textOf(row[1]) }
  }

  async #readOne(schema: string, name: string): Promise<OwnTable> {
    const [tables, columns] = await this.#connection.askAll(selectAllOwn([schema]).join(';'))
    const all = toTables(tables?.rows ?? [], columns?.rows ?? [])
    return all.find((table) => table.name === name) ?? { name, engine: '' }
  }
}

const keyOf = (row: readonly Cell[]): string => `${textOf(row.at(-1))}\n${textOf(row[0])}`

/** A schema whose tables cannot be read as usual ends its packet: those behind it are asked about again, without it. */
async function readJournals(connection: MysqlConnection, all: readonly Whole[], take: TakeLook): Promise<void> {
  for (let at = 0; at < all.length; ) {
    const packet = all.slice(at, at + mostJournals)
    const read = await readPacket(connection, packet, take)
    at += read
    const unread = all[at]
    if (read === packet.length || unread === undefined) continue
    take(unread.target, { type: 'unclear' })
    at += 1
  }
}

/** How many schemas of the packet were read, from its first on. */
async function readPacket(connection: MysqlConnection, packet: readonly Whole[], take: TakeLook): Promise<number> {
  const text = ['ROLLBACK', ...packet.flatMap(({ target }) => askAbout(target)), 'COMMIT'].join(';')
  let own: Answer[] = []
  let read = 0
  const { error } = await connection.askInTurn(text, (answer, index) => {
    const one = packet[read]
    if (index === 0 || one === undefined) return
    own.push(answer)
    if (own.length < each) return
    take(one.target, judge(own, one))
    own = []
    read += 1
  })
  if (error === null) return read
  if (isConnectionLost(error)) throw error
  await connection.ask('ROLLBACK')
  return read
}

function judge(own: readonly Answer[], { target, tables }: Whole): SchemaLook {
  try {
    const snapshot = toWhole(own, target, tables)
    return snapshot === null ? { type: 'unclear' } : { type: 'journal', snapshot }
  } catch (error) {
    // What is damaged, or of a newer wwdb, the session of the schema reports.
    if (error instanceof ToolError) return { type: 'unclear' }
    throw error
  }
}
