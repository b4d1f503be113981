import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Asker } from '../../../mysql/connection.ts'
import { leaseTable } from '../../../mysql/keyspace-tables.ts'
import { readIsSharded, readVindexes, readVschemaTable } from '../../../mysql/vschema.ts'
import { quoteName, quoteString } from '../../../sql/quote-name.ts'
import type { ObjectName } from '../../../sql/statement.ts'

/** The change of a VSchema that a run has finished last, beside its lease: another vtgate may not have seen it yet. */
export interface LastChange {
  readonly keyspace: string
  readonly objects: readonly ObjectName[]
  /** Digests of what the VSchema said of the objects. */
  readonly before: string
  readonly after: string
  /** Milliseconds since it was written. */
  readonly age: number
}

/** A row beside those of leases, which no run takes. */
const name = '/vschema last'

/** Two of them have room in the column of an owner. */
export const digestState = (state: string): string => createHash('sha256').update(state).digest('hex').slice(0, 31)

/**
 * A digest of what this vtgate shows of the objects of a change. The topology is not asked: it has a change that a vtgate does not show yet.
 * @param home the keyspace in which the session is
 */
export async function digestShown(
  connection: Asker,
  { keyspace, objects }: Pick<LastChange, 'keyspace' | 'objects'>,
  home: string,
): Promise<string> {
  const isSharded = (await readIsSharded(connection, keyspace)) === true
  const vindexes = await readVindexes(connection, keyspace)
  const isOfTables = objects.some(({ type }) => type !== 'vindex')
  const listed = isOfTables ? await listTables(connection, keyspace, home) : null
  const shown: unknown[] = []
  for (const { type, name: own } of objects)
    shown.push(
      type === 'vindex'
        ? (vindexes.find((one) => one.name === own) ?? null)
        : // A table without more than its name has a plan whether or not it is in the VSchema.
          [listed?.get(own) ?? null, await readVschemaTable(connection, keyspace, own, isSharded)],
    )
  return digestState(JSON.stringify(shown))
}

/** By what vtgate lists tables: their keyspace has them, or its VSchema alone. What is not listed is not there. */
type Listed = ReadonlyMap<string, 'on tablets' | 'in the VSchema'>

/** `SHOW VSCHEMA TABLES` knows the session's keyspace alone, and lists both alike. */
async function listTables(connection: Asker, keyspace: string, home: string): Promise<Listed> {
  const names = async (text: string): Promise<readonly string[]> =>
    (await connection.ask(text)).rows.map(([name]) => String(name))
  const list = async (): Promise<Listed> => {
    const onTablets = new Set(await names('SHOW TABLES'))
    const all = await names('SHOW VSCHEMA TABLES')
    return new Map(all.map((name) => [name, onTablets.has(name) ? 'on tablets' : 'in the VSchema']))
  }
  if (keyspace === home) return list()
  await connection.ask(`USE ${quoteName(keyspace)}`)
  try {
    return await list()
  } finally {
    await connection.ask(`USE ${quoteName(home)}`)
  }
}

/** Whether a vtgate still shows what was there before the change. @param home the keyspace in which the session is */
export const isBehindChange = async (connection: Asker, last: LastChange, home: string): Promise<boolean> =>
  (await digestShown(connection, last, home)) === last.before

const namesOf = z.array(z.tuple([z.enum(['vschema', 'vindex']), z.string()]))

/** Null where there is none. */
export async function readLastChange(connection: Asker, journal: string): Promise<LastChange | null> {
  const age = 'TIMESTAMPDIFF(MICROSECOND,taken_at,UTC_TIMESTAMP(6))'
  const text = `SELECT owner,person,runner,${age} FROM ${leaseTable(journal)} WHERE name=${quoteString(name)}`
  const [row] = (await connection.ask(text)).rows
  if (row === undefined) return null
  const [digests = '', keyspace = '', names = '', microseconds = '0'] = row.map(String)
  const [before = '', after = ''] = digests.split(':')
  const objects = namesOf.parse(JSON.parse(names)).map(([type, own]) => ({ type, schema: null, name: own }))
  return { keyspace, objects, before, after, age: Number(microseconds) / 1000 }
}

export async function writeLastChange(
  connection: Asker,
  journal: string,
  change: Omit<LastChange, 'age'>,
): Promise<void> {
  const { keyspace, objects, before, after } = change
  const names = JSON.stringify(objects.map(({ type, name: own }) => [type, own]))
  const values = [name, 0, `${before}:${after}`, keyspace, names, 0].map((one) =>
    typeof one === 'string' ? quoteString(one) : one,
  )
  const columns = 'name,token,owner,person,runner,connection_id,taken_at,expires,beats'
  await connection.ask(
    `REPLACE INTO ${leaseTable(journal)} (${columns}) VALUES (${values.join(',')},UTC_TIMESTAMP(6),UTC_TIMESTAMP(6),0)`,
  )
}
