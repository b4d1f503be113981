import { quoteName } from '../sql/quote-name.ts'
import type { Vindex, Vschema, VschemaTable } from '../sql/vschema.ts'
import type { Asker } from './connection.ts'

/** Whether the VSchema of a keyspace is sharded; null where there is no such keyspace. */
export async function readIsSharded(connection: Asker, keyspace: string): Promise<boolean | null> {
  const { rows } = await connection.ask('SHOW VSCHEMA KEYSPACES')
  const own = rows.find(([name]) => String(name) === keyspace)
  return own === undefined ? null : String(own[1]) === 'true'
}

/** What vtgate finds wrong in the VSchema of a keyspace; null where nothing is. It has no plan for any row of such a keyspace, so nothing shows what numbers a table. */
export async function readVschemaFault(connection: Asker, keyspace: string): Promise<string | null> {
  const { rows } = await connection.ask('SHOW VSCHEMA KEYSPACES')
  const [, , , fault] = rows.find(([name]) => String(name) === keyspace) ?? []
  const text = String(fault ?? '').replaceAll(/\s+/g, ' ')
  return text === '' ? null : text
}

export async function readVindexes(connection: Asker, keyspace: string): Promise<readonly Vindex[]> {
  const { rows } = await connection.ask('SHOW VSCHEMA VINDEXES')
  return rows
    .map((row) => row.map((cell) => String(cell ?? '')))
    .filter(([owner]) => owner === keyspace)
    .map(([, name = '', type = '', params = '', owner = '']) => ({ name, type, params, owner }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** The keyspaces that have a sequence of the name. */
export async function findSequences(connection: Asker, name: string): Promise<readonly string[]> {
  const { rows } = await connection.ask('SHOW VSCHEMA KEYSPACES')
  const plain = rows.filter(([, isSharded]) => String(isSharded) !== 'true').map(([keyspace]) => String(keyspace))
  const found: string[] = []
  for (const keyspace of plain)
    if (await isSequence(connection, `${quoteName(keyspace)}.${quoteName(name)}`)) found.push(keyspace)
  return found
}

const isSequence = async (connection: Asker, table: string): Promise<boolean> =>
  (await explains(connection, `SELECT NEXT VALUE FROM ${table}`))?.['Variant'] === 'Next'

/** What it says of a table; all empty where it does not know it. */
export async function readVschemaTable(
  connection: Asker,
  keyspace: string,
  name: string,
  isSharded: boolean,
): Promise<VschemaTable> {
  const table = `${quoteName(keyspace)}.${quoteName(name)}`
  const vindexes = isSharded ? await readColumnVindexes(connection, table) : []
  const shown = await explains(connection, `INSERT INTO ${table}() VALUES ()`)
  const isRouted = shown !== null && !isPlanOf(shown, keyspace, name)
  const plan = isRouted ? null : shown
  return {
    name,
    vindexes,
    ...(isRouted && { isRouted }),
    isSequence: !isSharded && !isRouted && (await isSequence(connection, table)),
    // A table that vtgate found on the tablets has a plan without a vindex, which fails when it runs.
    takesRows: !isSharded || vindexes.length > 0 || (plan !== null && plan['Variant'] !== 'Sharded'),
    autoIncrement: readAutoIncrement(plan, vindexes),
  }
}

/**
 * The VSchema of a keyspace, in normal form: two reads of the same one are equal. Writes nothing. The connection is on the keyspace, as `SHOW VSCHEMA TABLES` knows no other.
 * @param isLeftOut tables that are not asked about
 */
export async function readVschema(
  connection: Asker,
  keyspace: string,
  isLeftOut: (table: string) => boolean = () => false,
): Promise<Vschema> {
  const { rows } = await connection.ask('SHOW VSCHEMA KEYSPACES')
  const [, shown, mode] = rows.find(([name]) => String(name) === keyspace) ?? []
  const [isSharded, foreignKeyMode] = [String(shown) === 'true', String(mode ?? '')]
  const vindexes = await readVindexes(connection, keyspace)
  const known = (await connection.ask('SHOW VSCHEMA TABLES')).rows.map(([name]) => String(name))
  const names = known.filter((name) => !isLeftOut(name)).toSorted()
  const tables: VschemaTable[] = []
  for (const name of names) {
    const table = await readVschemaTable(connection, keyspace, name, isSharded)
    if (isSharded || table.isSequence || table.autoIncrement !== null || table.isRouted === true)
      tables.push({ ...table, autoIncrement: await withKeyspace(connection, table.autoIncrement) })
  }
  return { keyspace, isSharded, foreignKeyMode, vindexes, tables }
}

/** Those of all keyspaces. The connection ends on the last of them. */
export async function readVschemas(connection: Asker): Promise<readonly Vschema[]> {
  const { rows } = await connection.ask('SHOW VSCHEMA KEYSPACES')
  const found: Vschema[] = []
  for (const [name] of rows) {
    await connection.ask(`USE ${quoteName(String(name))}`)
    found.push(await readVschema(connection, String(name)))
  }
  return found
}

async function withKeyspace(
  connection: Asker,
  autoIncrement: VschemaTable['autoIncrement'],
): Promise<VschemaTable['autoIncrement']> {
  if (autoIncrement === null) return null
  const [keyspace, other] = await findSequences(connection, autoIncrement.sequence.name)
  if (keyspace === undefined || other !== undefined) return autoIncrement
  return { ...autoIncrement, sequence: { ...autoIncrement.sequence, keyspace } }
}

async function readColumnVindexes(connection: Asker, table: string): Promise<VschemaTable['vindexes']> {
  try {
    const { rows } = await connection.ask(`SHOW VSCHEMA VINDEXES ON ${table}`)
    return rows.map(([columns, name]) => ({ name: String(name), columns: String(columns) }))
  } catch (error) {
    // VT05005: the VSchema does not have it.
    if (error instanceof Error && error.message.includes('VT05005')) return []
    throw error
  }
}

/** vtgate planned the statement and refuses it: its argument, a column or a table that is missing, what it does not support. Everything else, such as a tablet that is away, shows nothing of the VSchema. */
const isRefusedByPlanner = (message: string): boolean =>
  /\bVT(?:03|05|09|12)\d{3}\b|^table \S+ not found$/.test(message)

/** A routing rule leads nowhere: the plan of no table. */
const isDisabled = (message: string): boolean => /\bhas been disabled\b/.test(message)
const planOfNone = { Keyspace: { Name: '' } }

/** Whether the plan of an INSERT is that of a table: routing rules lead to another one, also where its keyspace is named. */
function isPlanOf(plan: Readonly<Record<string, unknown>>, keyspace: string, table: string): boolean {
  const { Name: place = keyspace }: Readonly<Record<string, unknown>> = { ...Object(plan['Keyspace']) }
  const [, named = table] =
    /^insert (?:ignore )?into (`(?:[^`]|``)+`|[^(\s]+)[(\s]/.exec(String(plan['Query'] ?? '')) ?? []
  return place === keyspace && named.replaceAll('`', '') === table.replaceAll('`', '')
}

/** The plan of a statement, which is not carried out; null where vtgate has no plan for it. */
async function explains(connection: Asker, text: string): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const plan: unknown = JSON.parse(String((await connection.ask(`VEXPLAIN PLAN ${text}`)).rows[0]?.[0]))
    return typeof plan === 'object' && plan !== null ? { ...plan } : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    if (error instanceof Error && isDisabled(error.message)) return planOfNone
    if (error instanceof Error && isRefusedByPlanner(error.message)) return null
    throw error
  }
}

/** What fills in a column where an INSERT gives no values. */
function readAutoIncrement(
  plan: Readonly<Record<string, unknown>> | null,
  vindexes: VschemaTable['vindexes'],
): VschemaTable['autoIncrement'] {
  const sequence = /\bfrom (\S+?)(?::Values|$)/.exec(String(plan?.['AutoIncrement'] ?? ''))?.[1]
  if (sequence === undefined) return null
  const [, columns = '', values = ''] = /\(([^()]*)\) values \(([^()]*)\)/.exec(String(plan?.['Query'] ?? '')) ?? []
  const column = columns.split(', ')[values.split(', ').indexOf(filled)]
  const name = sequence.replaceAll('`', '')
  return { sequence: { keyspace: null, name }, column: column ?? columnOfVindex(plan, vindexes) }
}

/** How a plan names the number that a sequence gives. */
const filled = ':__seq0'

/** The column of a vindex is shown as what leads to the shard. */
function columnOfVindex(plan: Readonly<Record<string, unknown>> | null, vindexes: VschemaTable['vindexes']): string {
  const values: readonly (readonly [string, unknown])[] = Object.entries({ ...Object(plan?.['VindexValues']) })
  for (const [name, shown] of values) {
    // One value for each column of the vindex.
    const at = String(shown).split(', ').indexOf(filled)
    const columns = vindexes.find((one) => one.name === name)?.columns.split(', ') ?? []
    if (at >= 0) return columns[at] ?? ''
  }
  return ''
}
