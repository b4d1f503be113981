import { routineKey, type Schema } from '../ddl/schema.ts'
import { mayUndoAndCommit, readCall } from '../sql/procedures/read-call.ts'
import { quoteString } from '../sql/quote-name.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { Asker } from './connection.ts'

/** The longest chain of calls that is followed. */
const longestChain = 8

/** The schema of names without one, and how the server compares names. */
type RoutinePlace = Pick<Schema, 'foldsNames'> & { readonly schema: string }

/**
 * The bodies of procedures and of those that they call, by `routineKey`: null where the account may not read one, where it is
 * not SQL, or where it was created under NO_BACKSLASH_ESCAPES. Missing procedures are left out.
 */
export async function readProcedures(
  connection: Asker,
  place: RoutinePlace,
  names: readonly ObjectName[],
): Promise<ReadonlyMap<string, string | null>> {
  const { schema } = place
  const bodies = new Map<string, string | null>()
  const asked = new Set<string>()
  let left = names
  for (let link = 0; link < longestChain && left.length > 0; link += 1) {
    for (const name of left) asked.add(routineKey(place, name))
    const found = await readBodies(connection, place, left)
    for (const [key, body] of found) bodies.set(key, body)
    const find = (name: ObjectName): string | null | undefined => bodies.get(routineKey(place, name))
    const missing = left.flatMap((procedure) => readCall({ procedure, schema, text: '', find }).missing)
    left = missing.filter((name) => !asked.has(routineKey(place, name)))
  }
  return bodies
}

/** The bodies of stored functions, and of those that they call; names that no function has are left out. */
export async function readFunctions(
  connection: Asker,
  place: RoutinePlace,
  names: readonly ObjectName[],
): Promise<ReadonlyMap<string, string>> {
  const bodies = await readBodies(connection, place, names, 'FUNCTION')
  return new Map([...bodies].flatMap(([key, body]) => (body === null ? [] : [[key, body] as const])))
}

/** The bodies of events, by `routineKey`; those that the account may not see are left out. */
export async function readEvents(
  connection: Asker,
  place: RoutinePlace,
  names: readonly ObjectName[],
): Promise<ReadonlyMap<string, string>> {
  const pairs = names.map(
    (name) => `(EVENT_SCHEMA=${quoteString(name.schema ?? place.schema)} AND EVENT_NAME=${quoteString(name.name)})`,
  )
  const { rows } = await connection.ask(
    `SELECT EVENT_SCHEMA,EVENT_NAME,EVENT_DEFINITION FROM information_schema.EVENTS WHERE ${pairs.join(' OR ')}`,
  )
  return new Map(
    rows.map((row) => [routineKey(place, { schema: String(row[0]), name: String(row[1]) }), String(row[2] ?? '')]),
  )
}

async function readBodies(
  connection: Asker,
  place: RoutinePlace,
  names: readonly ObjectName[],
  type: 'PROCEDURE' | 'FUNCTION' = 'PROCEDURE',
): Promise<ReadonlyMap<string, string | null>> {
  const pairs = names.map(
    (name) => `(ROUTINE_SCHEMA=${quoteString(name.schema ?? place.schema)} AND ROUTINE_NAME=${quoteString(name.name)})`,
  )
  const { rows } = await connection.ask(
    `SELECT ROUTINE_SCHEMA,ROUTINE_NAME,IF(EXTERNAL_LANGUAGE='SQL' AND NOT FIND_IN_SET('NO_BACKSLASH_ESCAPES',SQL_MODE),ROUTINE_DEFINITION,NULL) FROM information_schema.ROUTINES ` +
      `WHERE ROUTINE_TYPE='${type}' AND (${pairs.join(' OR ')})`,
  )
  return new Map(
    rows.map((row) => {
      const key = routineKey(place, { schema: String(row[0]), name: String(row[1]) })
      return [key, row[2] === null || row[2] === undefined ? null : String(row[2])]
    }),
  )
}

/**
 * True when a CALL may roll back and then commit, so that an uncommitted mark would be lost and the CALL would look as
 * if it had not started. Also true when that is unknown: a procedure is missing, or its body cannot be read.
 */
export async function mayRollBackMarker(
  connection: Asker,
  place: RoutinePlace,
  procedure: ObjectName | null,
  text: string,
): Promise<boolean> {
  if (procedure === null) return true
  const { schema } = place
  const bodies = await readProcedures(connection, place, [procedure])
  return mayUndoAndCommit(readCall({ procedure, schema, text, find: (name) => bodies.get(routineKey(place, name)) }))
}
