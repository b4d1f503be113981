import type { Connection } from '../../mysql/connection.ts'
import { encodeName, likeSchema, readOrNull, rowVersionLimit } from '../../mysql/innodb-tables.ts'
import { hasNumber, serverErrors } from '../../mysql/server-errors.ts'
import type { ShardStorage } from '../fan-out/ports.ts'

type Asker = Pick<Connection, 'ask'>

/** None where we may not look, or would have to wait. */
async function readRows(connection: Asker, text: string): Promise<readonly (readonly unknown[])[]> {
  try {
    return (await readOrNull(connection, text)) ?? []
  } catch (error) {
    if (hasNumber(error, serverErrors.lockWaitTimeout)) return []
    throw error
  }
}

/** One number for each table; of partitions, what `join` makes of theirs. InnoDB's names: `schema/table#p#partition`. */
async function readNumbers(
  connection: Asker,
  text: string,
  join: (one: number, other: number) => number,
): Promise<ReadonlyMap<string, number>> {
  const numbers = new Map<string, number>()
  for (const [name, value] of await readRows(connection, text)) {
    const own = String(name).split(/#p#/i)[0] ?? ''
    numbers.set(own, join(numbers.get(own) ?? 0, Number(value)))
  }
  return numbers
}

/**
 * What InnoDB's own tables say. Measured on 9.7: INNODB_TABLES waits for every table of the server that an ALTER waits for,
 * so it is given a second; without an answer nothing is known, and the run goes on.
 */
export async function readStorage(
  connection: Asker,
  schema: string,
  version: string,
  tables: readonly string[],
): Promise<ShardStorage> {
  const limit = rowVersionLimit(version)
  if (tables.length === 0) return { limit, used: new Map(), bytes: new Map() }
  const own = `NAME LIKE ${likeSchema(schema)}`
  const versions = `SELECT NAME,TOTAL_ROW_VERSIONS FROM information_schema.INNODB_TABLES WHERE TOTAL_ROW_VERSIONS>0 AND ${own}`
  const sizes = `SELECT NAME,FILE_SIZE FROM information_schema.INNODB_TABLESPACES WHERE ${own}`
  const { rows } = await connection.ask('SELECT @@SESSION.lock_wait_timeout')
  await connection.ask('SET SESSION lock_wait_timeout=1')
  try {
    const used = await readNumbers(connection, versions, Math.max)
    const bytes = await readNumbers(connection, sizes, (one, other) => one + other)
    return { limit, used: choose(used, schema, tables), bytes: choose(bytes, schema, tables) }
  } finally {
    await connection.ask(`SET SESSION lock_wait_timeout=${Number(rows[0]?.[0])}`)
  }
}

function choose(
  numbers: ReadonlyMap<string, number>,
  schema: string,
  tables: readonly string[],
): ReadonlyMap<string, number> {
  const chosen = new Map<string, number>()
  for (const table of tables) {
    const number = numbers.get(`${encodeName(schema)}/${encodeName(table)}`)
    if (number !== undefined) chosen.set(table, number)
  }
  return chosen
}
