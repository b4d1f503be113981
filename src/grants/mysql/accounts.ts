import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { countOf } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import { isAtLeast } from '../../core/version.ts'
import type { Connection } from '../../mysql/connection.ts'
import { type Door, driverOf } from '../../mysql/door.ts'
import { hasNumber } from '../../mysql/errors.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { quoteAccount, quoteString } from '../../sql/quote-name.ts'
import { requirement } from '../account.ts'
import { type AccountServer, type AccountState, accountServers, type NewAccount } from '../ports.ts'

/** The accounts of MySQL servers. */
export const driver = driverOf(accountServers, (door) => ({
  open: (database, timeouts) => openServer(door, database, timeouts),
}))

/** The first version whose accounts have attributes (manual, "CREATE USER Statement"). */
const withAttributes = '8.0.21'

/** How long a statement on accounts waits for a lock. Milliseconds. */
const lockWait = 5000

async function openServer(door: Door, database: DatabaseConfig, { connect }: Timeouts): Promise<AccountServer> {
  const { server } = database
  const target: Target = { database: '', schema: '', server: server.label }
  const place = { target, server, schema: null, timeouts: { connect, lockWait } }
  const connection = await door.open(place, { writable: false, purpose: 'accounts' })
  const reported = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    try {
      return await work()
    } catch (error) {
      throw translateRunError(error, target)
    }
  }
  const { version, foldsNames } = connection.facts
  const marks = isAtLeast(version, withAttributes)
  const rules = { foldsNames, hasPatterns: await reported(() => hasPatterns(connection)) }
  return {
    version,
    rules,
    read: (account) => reported(() => readAccount(connection, account, marks)),
    create: async (account) => {
      await reported(() => createAccount(connection, account, marks))
      connection.note(`\`${account.account}\` was created at ${server.label}.`)
    },
    change: async (statements) => {
      await reported(async () => {
        for (const statement of statements) await connection.ask(statement)
      })
      connection.note(`${countOf(statements.length, 'statement')} changed privileges at ${server.label}.`)
    },
    close: () => connection.close(),
  }
}

/** Servers before 8.0.16 do not have the variable. */
async function hasPatterns(connection: Connection): Promise<boolean> {
  const { rows } = await connection.ask("SHOW GLOBAL VARIABLES LIKE 'partial\\_revokes'")
  return rows[0]?.[1] !== 'ON'
}

async function readAccount(connection: Connection, account: string, marks: boolean): Promise<AccountState> {
  try {
    const { rows } = await connection.ask(`SHOW GRANTS FOR ${quoteAccount(account)}`)
    return {
      type: 'present',
      own: marks && (await isMarked(connection, account)),
      grants: rows.map(([line]) => String(line)),
    }
  } catch (error) {
    // 1141: there is no such grant defined; 1396 and 3162: the account does not exist.
    if (hasNumber(error, 1141, 1396, 3162)) return { type: 'absent' }
    throw error
  }
}

async function isMarked(connection: Connection, account: string): Promise<boolean> {
  const at = account.lastIndexOf('@')
  const { rows } = await connection.ask(
    `SELECT JSON_UNQUOTE(JSON_EXTRACT(ATTRIBUTE,'$.wwdb')) FROM information_schema.USER_ATTRIBUTES WHERE USER=${quoteString(account.slice(0, at))} AND HOST=${quoteString(account.slice(at + 1))}`,
  )
  return rows[0]?.[0] === 'grants'
}

async function createAccount(
  connection: Connection,
  { account, password, requireTls }: NewAccount,
  marks: boolean,
): Promise<void> {
  // A password may contain any character, and IDENTIFIED BY accepts only a literal: with no SQL modes a backslash
  // escapes.
  await connection.ask("SET SESSION sql_mode=''")
  const text = `'${password.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
  await connection.ask(
    `CREATE USER ${quoteAccount(account)} IDENTIFIED BY ${text}${requirement({ requireTls, marks })}`,
  )
}
