import { isLoopback } from '../../config/url-parts.ts'
import type { Asker } from '../../mysql/connection.ts'
import type { AccountFacts, OtherAccount } from '../facts.ts'

/** The account that the connection has. Its own definition and grants may be read by every account. */
export async function readAccount(connection: Asker): Promise<AccountFacts> {
  const name = String((await connection.ask('SELECT CURRENT_USER()')).rows[0]?.[0])
  const definition = String((await connection.ask('SHOW CREATE USER CURRENT_USER()')).rows[0]?.[0])
  const { rows } = await connection.ask('SHOW GRANTS')
  return {
    name,
    local: isLocal(name.slice(name.lastIndexOf('@') + 1)),
    needsTls: / REQUIRE (?!NONE)/.test(definition),
    plugin: /IDENTIFIED WITH '(\w+)'/.exec(definition)?.[1] ?? '',
    grants: rows.map(([line]) => String(line)),
  }
}

/** Accounts that can log in, those of the server itself left out. Needs SELECT on mysql.user. */
export async function readOtherAccounts(connection: Asker): Promise<readonly OtherAccount[]> {
  const { rows } = await connection.ask(
    "SELECT User,Host,ssl_type='',authentication_string IS NULL OR LENGTH(authentication_string)=0,plugin FROM mysql.user WHERE account_locked='N' AND User NOT LIKE 'mysql.%' ORDER BY User,Host",
  )
  return rows.map(([user, host, plain, empty, plugin]) => ({
    name: `${user}@${host}`,
    local: isLocal(String(host)),
    needsTls: Number(plain) === 0,
    // A socket's or a directory's own proof needs no password here.
    hasPassword: Number(empty) === 0 || !/password/.test(String(plugin)),
  }))
}

function isLocal(host: string): boolean {
  return isLoopback(host)
}
