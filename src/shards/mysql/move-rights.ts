import { randomUUID } from 'node:crypto'
import type { Connection } from '../../mysql/connection.ts'
import { hasNumber } from '../../mysql/errors.ts'
import { quoteAccount, quoteGrantPlace, quoteName, quoteQualified } from '../../sql/quote-name.ts'
import { type LackingRights, type MoveRight, moveRights } from '../move/ports.ts'

/** What an EXPLAIN asks for without doing it: of a shard, as rights may be granted on single tables. UPDATE is of the registry alone. */
const explained: readonly MoveRight[] = ['SELECT', 'INSERT', 'DELETE']

/** Each needs the right, and does nothing: it explains, or the table does not exist, and none is made with two columns of one name. */
const probes: Readonly<Record<MoveRight, (table: string) => string>> = {
  SELECT: (table) => `EXPLAIN SELECT 1 FROM ${table}`,
  INSERT: (table) => `EXPLAIN INSERT INTO ${table} VALUES ()`,
  UPDATE: (table) => `EXPLAIN UPDATE ${table} SET version=version`,
  CREATE: (table) => `CREATE TABLE ${table} (wwdb_probe INT, wwdb_probe INT)`,
  DELETE: (table) => `EXPLAIN DELETE FROM ${table}`,
  ALTER: (table) => `ALTER TABLE ${table} ADD COLUMN wwdb_probe INT`,
  TRIGGER: (table) => `CREATE TRIGGER wwdb_probe BEFORE INSERT ON ${table} FOR EACH ROW SET @wwdb_move=NULL`,
}

/** Access denied to a schema, or to a table. */
const denied = [1044, 1142] as const
/** The binary log is on, and the account has not SUPER. */
const untrustedNumber = 1419

/**
 * Asks the server for what needs each right, on a table that does not exist: it judges rights before it looks for the table, also those of roles and those that a partial revoke takes. What
 * SHOW GRANTS prints would have to be judged again. The one exception: where it creates no trigger for the account (error 1419), it says so before it looks at TRIGGER, which is unknown then. Any other error shows that the right is there, or that the server is not to be written to, which is said elsewhere.
 * @param connection on which nothing else runs, as a definition commits what is open
 * @param shard one that exists; null without one
 */
export async function readLacking(
  connection: Connection,
  schema: string,
  shard: string | null,
): Promise<LackingRights> {
  await connection.ask('SET SESSION TRANSACTION READ WRITE')
  const { rows: own } = await connection.ask('SELECT CURRENT_USER()')
  const { rows: revokes } = await connection.ask("SHOW GLOBAL VARIABLES LIKE 'partial\\_revokes'")
  const table = quoteQualified(schema, `wwdb_probe_${randomUUID().replaceAll('-', '')}`)
  const nameOf = (right: MoveRight): string =>
    right === 'UPDATE'
      ? quoteQualified(schema, 'wwdb_shard_families')
      : shard !== null && explained.includes(right)
        ? quoteQualified(schema, shard)
        : table
  const rights: MoveRight[] = []
  let untrusted = false
  for (const right of moveRights) {
    try {
      await connection.ask(probes[right](nameOf(right)))
    } catch (error) {
      if (hasNumber(error, ...denied)) rights.push(right)
      else if (hasNumber(error, untrustedNumber)) untrusted = true
    }
  }
  return {
    account: quoteAccount(String(own[0]?.[0])),
    place: revokes[0]?.[1] === 'ON' ? `${quoteName(schema)}.*` : quoteGrantPlace(schema),
    rights,
    untrusted,
  }
}
