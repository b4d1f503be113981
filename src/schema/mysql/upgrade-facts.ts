import type { UpgradeReading } from '../../lint/upgrade-facts.ts'
import type { Asker, Row } from '../../mysql/connection.ts'
import { isConnectionLost, isServerError, toSentence } from '../../mysql/errors.ts'

/**
 * Asks a server about everything on which an upgrade depends. What this account may not read is named, and left out.
 */
export async function readUpgradeFacts(connection: Asker): Promise<UpgradeReading> {
  const unread: string[] = []
  const ask = async <T>(what: string, question: string, read: (row: Row) => T): Promise<readonly T[] | null> => {
    try {
      return (await connection.ask(question)).rows.map(read)
    } catch (error) {
      if (!isServerError(error) || isConnectionLost(error)) throw error
      unread.push(`${what} were not read: ${toSentence(error.message)}`)
      return null
    }
  }
  const { rows } = await connection.ask('SELECT VERSION()')
  const accounts = await ask('Accounts', accountQuestion, ([user, host, plugin]) => ({
    name: `'${String(user)}'@'${String(host)}'`,
    plugin: String(plugin),
  }))
  const privileges = await ask('Dynamic privileges', privilegeQuestion, ([user, host, privilege]) => ({
    account: `'${String(user)}'@'${String(host)}'`,
    privilege: String(privilege).toUpperCase(),
  }))
  const variables = await ask('Settings', variableQuestion, ([name, value, source]) => ({
    name: String(name).toLowerCase(),
    value: String(value),
    isSet: String(source) !== 'COMPILED',
  }))
  const plugins = await ask('Plugins', pluginQuestion, ([name]) => String(name).toLowerCase())
  const paths = await ask('Paths of data files', pathQuestion, ([path]) => String(path))
  return {
    facts: {
      version: /^[\d.]+/.exec(String(rows[0]?.[0]))?.[0] ?? '',
      ...(accounts !== null && { accounts }),
      ...(privileges !== null && { privileges }),
      ...(variables !== null && { variables }),
      ...(plugins !== null && { plugins }),
      ...(paths !== null && { paths }),
    },
    unread,
  }
}

const accountQuestion = "SELECT User,Host,plugin FROM mysql.user WHERE User NOT LIKE 'mysql.%' ORDER BY User,Host"

const privilegeQuestion =
  "SELECT USER,HOST,PRIV FROM mysql.global_grants WHERE USER NOT LIKE 'mysql.%' ORDER BY USER,HOST,PRIV"

const variableQuestion =
  'SELECT v.VARIABLE_NAME,v.VARIABLE_VALUE,i.VARIABLE_SOURCE FROM performance_schema.global_variables v JOIN performance_schema.variables_info i USING (VARIABLE_NAME) ORDER BY 1'

/** Built-in ones come and go with the server. */
const pluginQuestion =
  "SELECT PLUGIN_NAME FROM information_schema.PLUGINS WHERE PLUGIN_STATUS='ACTIVE' AND PLUGIN_LIBRARY IS NOT NULL ORDER BY 1"

/** A table's own tablespace, which has a slash in its name, may have any path: 9.7 creates and opens it. */
const pathQuestion =
  "SELECT DISTINCT FILE_NAME FROM information_schema.FILES WHERE FILE_TYPE='TABLESPACE' AND TABLESPACE_NAME NOT LIKE '%/%' ORDER BY 1"
