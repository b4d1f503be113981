import { setTimeout as pause } from 'node:timers/promises'
import type { Asker, Connection } from '../../../mysql/connection.ts'
import { isConnectionLost } from '../../../mysql/errors.ts'
import type { StatementOutcome } from '../../../mysql/facts.ts'
import { readIsSharded, readVindexes, readVschemaTable } from '../../../mysql/vschema.ts'
import { quoteName } from '../../../sql/quote-name.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import { leftOpen } from './errors.ts'

/** Milliseconds in which a vtgate shows what it has changed in the topology. */
const longestWait = 30_000
const interval = 50

/** Whether a row is that of `ALTER VSCHEMA`: no shard has what it names. */
export const isOfVschema = (objects: readonly ObjectName[]): boolean =>
  objects.some(({ type }) => type === 'vschema' || type === 'vindex')

/** A vindex that no keyspace has: what Vitess answers to its removal tells whether the VSchema has the table. Nothing is changed. */
const noVindex = '`wwdb has no vindex of this name`'

/**
 * Whether the VSchema has a table, by the topology itself. vtgate shows tables that it found on the tablets alike.
 */
async function isInVschema(connection: Asker, table: string): Promise<boolean> {
  try {
    await connection.ask(`ALTER VSCHEMA ON ${table} DROP VINDEX ${noVindex}`)
  } catch (error) {
    if (isConnectionLost(error) || !(error instanceof Error)) throw error
    if (/not defined in vschema/.test(error.message)) return false
    if (/not defined in table/.test(error.message)) return true
    throw error
  }
  throw new Error('Vitess has dropped a vindex that nothing has')
}

/** What the VSchema of a keyspace says of a table or a vindex, as text that is the same as long as that is; null where it does not have it. */
export async function readVschemaObject(
  connection: Asker,
  keyspace: string,
  { type, name }: ObjectName,
): Promise<string | null> {
  if (type === 'vindex') {
    const own = (await readVindexes(connection, keyspace)).find((one) => one.name === name)
    return own === undefined ? null : JSON.stringify(own)
  }
  if (!(await isInVschema(connection, `${quoteName(keyspace)}.${quoteName(name)}`))) return null
  const isSharded = (await readIsSharded(connection, keyspace)) === true
  return JSON.stringify(await readVschemaTable(connection, keyspace, name, isSharded))
}

const readAll = async (connection: Asker, keyspace: string, objects: readonly ObjectName[]): Promise<string> => {
  const found: (string | null)[] = []
  for (const object of objects) found.push(await readVschemaObject(connection, keyspace, object))
  return JSON.stringify(found)
}

/**
 * Runs `ALTER VSCHEMA`. Each of its forms changes what it names, or is refused. It is done once this vtgate shows the change: a later statement may need it, and what is read
 * before the next one must not be older than this one.
 */
export async function changeVschema(
  connection: Connection,
  keyspace: string,
  text: string,
  objects: readonly ObjectName[],
): Promise<StatementOutcome> {
  const before = await readAll(connection, keyspace, objects)
  try {
    await connection.run(text)
  } catch (error) {
    if (isConnectionLost(error)) throw error
    // Vitess writes the VSchema first, and then what vtgates read: it may have failed between the two.
    if ((await readAll(connection, keyspace, objects)) === before) throw error
    throw leftOpen(
      `the VSchema has changed, and Vitess says: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  for (const end = performance.now() + longestWait; performance.now() < end; await pause(interval))
    if ((await readAll(connection, keyspace, objects)) !== before) return { rows: 0, warnings: [], lastInsertId: null }
  throw leftOpen(`Vitess has changed the VSchema, and this vtgate has not shown it for ${longestWait / 1000} s`)
}
