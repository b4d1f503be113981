import { groupBy } from '../core/group-by.ts'
import { ToolError } from '../core/tool-error.ts'
import { quoteQualified, quoteString } from '../sql/quote-name.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { Connection, Row } from './connection.ts'
import { hasNumber, serverErrors } from './errors.ts'
import { encodeName, readOrNull } from './innodb-tables.ts'

type ObjectType = ObjectName['type']

/** Where information_schema lists a kind of object, and the columns that form its definition. */
interface Listing {
  readonly table: string
  readonly schema: string
  readonly name: string
  readonly definition: string
  readonly only?: string
}

const routine = {
  table: 'ROUTINES',
  schema: 'ROUTINE_SCHEMA',
  name: 'ROUTINE_NAME',
  definition:
    'ROUTINE_DEFINITION,LAST_ALTERED,SQL_MODE,SECURITY_TYPE,SQL_DATA_ACCESS,ROUTINE_COMMENT,DEFINER,DTD_IDENTIFIER',
}

const listings: Readonly<Record<Exclude<ObjectType, 'account' | 'table' | 'view' | 'vschema' | 'vindex'>, Listing>> = {
  procedure: { ...routine, only: "ROUTINE_TYPE='PROCEDURE'" },
  function: { ...routine, only: "ROUTINE_TYPE='FUNCTION'" },
  trigger: {
    table: 'TRIGGERS',
    schema: 'TRIGGER_SCHEMA',
    name: 'TRIGGER_NAME',
    definition: 'EVENT_MANIPULATION,EVENT_OBJECT_TABLE,ACTION_ORDER,ACTION_STATEMENT,ACTION_TIMING,CREATED,DEFINER',
  },
  event: {
    table: 'EVENTS',
    schema: 'EVENT_SCHEMA',
    name: 'EVENT_NAME',
    definition:
      'EVENT_DEFINITION,EVENT_TYPE,EXECUTE_AT,INTERVAL_VALUE,INTERVAL_FIELD,STARTS,ENDS,STATUS,ON_COMPLETION,CREATED,LAST_ALTERED,EVENT_COMMENT,DEFINER',
  },
  schema: {
    table: 'SCHEMATA',
    schema: 'SCHEMA_NAME',
    name: 'SCHEMA_NAME',
    definition: 'DEFAULT_CHARACTER_SET_NAME,DEFAULT_COLLATION_NAME',
  },
}

type SchemaAndName = readonly [schema: string, name: string]

function listObjects(listing: Listing, pairs: readonly SchemaAndName[]): string {
  const named = pairs.map(
    ([schema, name]) => `(${listing.schema}=${quoteString(schema)} AND ${listing.name}=${quoteString(name)})`,
  )
  const only = listing.only === undefined ? '' : `${listing.only} AND `
  return `SELECT ${listing.schema},${listing.name},CONCAT_WS('|',${listing.definition}) FROM information_schema.${listing.table} WHERE ${only}(${named.join(' OR ')})`
}

/**
 * How names are compared: a table that is renamed from `t` to `T` is a different table on a server that distinguishes the
 * two.
 */
type KeyOf = (type: ObjectType, schema: string, name: string) => string

/** Every server compares the names of routines and events without regard to case. */
const foldedTypes: ReadonlySet<ObjectType> = new Set(['procedure', 'function', 'event'])

function comparingNames(foldsNames: boolean): KeyOf {
  return (type, schema, name) => {
    const key = `${schema}\u0000${foldedTypes.has(type) ? name.toLowerCase() : name}`
    return foldsNames ? key.toLowerCase() : key
  }
}

/** AUTO_INCREMENT changes with every INSERT of other sessions: it is not part of a table's definition here. */
function withoutCounter(definition: string): string {
  return definition.replace(/(\n\)[^\n']*?) AUTO_INCREMENT=\d+/, '$1')
}

const tables: Listing = { table: 'TABLES', schema: 'TABLE_SCHEMA', name: 'TABLE_NAME', definition: 'CREATE_TIME' }

function numbersBlocked(schema: string, name: string, cause: unknown): ToolError {
  const fault = {
    what: `InnoDB's ID of table \`${schema}.${name}\` could not be read: the query timed out while it waited for a lock.`,
    why: '`information_schema.INNODB_TABLES` waits for every table of the server that an ALTER waits for.',
    next: 'Look in `SHOW PROCESSLIST` for statements that wait for a table metadata lock. Run the command again after they have ended.',
  }
  return new ToolError('SERVER_REFUSED', fault, { cause })
}

/**
 * InnoDB's id of a table, or those of its partitions: TRUNCATE changes it, and RENAME moves it to the new name. Null without PROCESS. Throws
 * other errors of the server, such as a lock wait that took too long (INNODB_TABLES waits for every table of the server that an ALTER waits
 * for): without the ID a table would be identified differently than before, and taken for its successor.
 */
async function readTableId(connection: Connection, schema: string, name: string): Promise<string | null> {
  const [folder, file] = [encodeName(schema), encodeName(name)]
  if (folder === null || file === null) return null
  const table = quoteString(`${folder}/${file}`)
  const partition = quoteString(`${folder}/${file}#p#`)
  const rows = await readOrNull(
    connection,
    `SELECT GROUP_CONCAT(TABLE_ID ORDER BY NAME) FROM information_schema.INNODB_TABLES WHERE NAME=${table} OR LEFT(NAME,CHAR_LENGTH(${partition}))=${partition}`,
  ).catch((error: unknown) => {
    throw hasNumber(error, serverErrors.lockWaitTimeout) ? numbersBlocked(schema, name, error) : error
  })
  const id = rows?.[0]?.[0]
  return id === undefined || id === null ? null : String(id)
}

/**
 * Identifies a table among tables with the same definition. Without InnoDB's ID the creation time is used, which has
 * whole seconds: so that second must be over before the statement starts.
 */
async function readIdentity(connection: Connection, row: Row): Promise<string> {
  const id = await readTableId(connection, String(row[0]), String(row[1]))
  if (id !== null) return `#${id}`
  await connection.ask(`SELECT IF(TIMESTAMPDIFF(SECOND,${quoteString(String(row[2]))},NOW())<1,SLEEP(1.05),0)`)
  return `@${row[2]}`
}

async function readTables(
  connection: Connection,
  pairs: readonly SchemaAndName[],
  identity: boolean,
  keyOf: KeyOf,
): Promise<ReadonlyMap<string, string>> {
  const { rows: present } = await connection.ask(listObjects(tables, pairs))
  if (present.length === 0) return new Map()
  const texts = present.map((row) => `SHOW CREATE TABLE ${quoteQualified(String(row[0]), String(row[1]))}`)
  const answers = await connection.askAll(texts.join(';'))
  const found = new Map<string, string>()
  for (const [index, row] of present.entries()) {
    const definition = withoutCounter(String(answers[index]?.rows[0]?.[1] ?? ''))
    const suffix = identity ? `\n${await readIdentity(connection, row)}` : ''
    found.set(keyOf('table', String(row[0]), String(row[1])), definition + suffix)
  }
  return found
}

/** The errors of SHOW for an account that does not exist. Every other error is thrown. */
const noSuchAccount = [1141, 1396]

/** An account as a literal, where SQL allows no expression. The monitor connection has no sql_mode that changes quotes. */
function quoteAccount(name: string): string {
  if (name === 'CURRENT_USER') return 'CURRENT_USER()'
  const at = name.lastIndexOf('@')
  const parts = at < 0 ? [name] : [name.slice(0, at), name.slice(at + 1)]
  return parts.map((part) => `'${part.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`).join('@')
}

async function readAccount(connection: Connection, name: string): Promise<string | null> {
  const account = quoteAccount(name)
  try {
    const { rows } = await connection.ask(`SHOW GRANTS FOR ${account}`)
    const created = await connection.ask(`SHOW CREATE USER ${account}`)
    return [...rows, ...created.rows].map((row) => row.join('|')).join('\n')
  } catch (error) {
    if (hasNumber(error, ...noSuchAccount)) return null
    throw error
  }
}

async function readKind(
  connection: Connection,
  type: ObjectType,
  pairs: readonly SchemaAndName[],
  identity: boolean,
  keyOf: KeyOf,
): Promise<ReadonlyMap<string, string>> {
  if (type === 'table' || type === 'view') return readTables(connection, pairs, identity, keyOf)
  if (type === 'account') {
    const found = new Map<string, string>()
    for (const [schema, name] of pairs) {
      const definition = await readAccount(connection, name)
      if (definition !== null) found.set(keyOf(type, schema, name), definition)
    }
    return found
  }
  if (type === 'vschema' || type === 'vindex') return new Map()
  const { rows } = await connection.ask(listObjects(listings[type], pairs))
  return new Map(rows.map((row) => [keyOf(type, String(row[0]), String(row[1])), String(row[2])]))
}

/**
 * The current definitions of `objects`, in order; null for missing objects. One query per kind for presence, one packet
 * for all tables' texts. `schema` is used for objects without a schema.
 */
export async function readDefinitions(
  connection: Connection,
  { schema, foldsNames }: { readonly schema: string; readonly foldsNames: boolean },
  objects: readonly ObjectName[],
  identity: boolean,
): Promise<readonly (string | null)[]> {
  const keyOf = comparingNames(foldsNames)
  const pairOf = (object: ObjectName): SchemaAndName =>
    object.type === 'schema' ? [object.name, object.name] : [object.schema ?? schema, object.name]
  const found = new Map<ObjectType, ReadonlyMap<string, string>>()
  for (const [type, alike] of groupBy(objects, ({ type }) => type)) {
    found.set(type, await readKind(connection, type, alike.map(pairOf), identity, keyOf))
  }
  return objects.map((object) => found.get(object.type)?.get(keyOf(object.type, ...pairOf(object))) ?? null)
}
