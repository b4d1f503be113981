import { setTimeout as pause } from 'node:timers/promises'
import type { SnapshotReading } from '../../../ddl/snapshot.ts'
import { partsOfVschema } from '../../../ddl/vschema-snapshot.ts'
import type { Asker } from '../../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../../mysql/errors.ts'
import type { SnapshotRequest } from '../../../mysql/read-snapshot.ts'
import { readVschema, readVschemaFault } from '../../../mysql/vschema.ts'
import { isBehindChange, type LastChange, readLastChange } from './last-change.ts'

/** Milliseconds in which a vtgate has seen what another one has published, and between two looks. What it has not shown by then was taken back. */
export const longestLag = 10_000
export const interval = 100

interface Place extends Pick<SnapshotRequest, 'database' | 'schema' | 'databases' | 'isLeftOut'> {
  /** The keyspace of the journal. */
  readonly journal: string
}

/**
 * A reading of a keyspace with its VSchema, once this vtgate shows what the last run has changed: another one than that of the run learns of it later, and would show what a person has not changed as
 * different.
 */
export async function withVschema(connection: Asker, reading: SnapshotReading, place: Place): Promise<SnapshotReading> {
  const { journal, schema } = place
  const last = await readLastOf(connection, journal)
  if (last === 'unseen') return { ...(await readShown(connection, reading, place)), vschemaUnseen: journal }
  // Of whichever keyspace: what vtgates read has those of all, so who shows the last change of one shows each change before it, too.
  if (last !== null)
    for (const end = performance.now() + longestLag - last.age; performance.now() < end; await pause(interval))
      if (!(await isBehindChange(connection, last, schema))) break
  return readShown(connection, reading, place)
}

/** What this vtgate shows now. */
async function readShown(
  connection: Asker,
  reading: SnapshotReading,
  { database, schema, databases, isLeftOut }: Place,
): Promise<SnapshotReading> {
  const fault = await readVschemaFault(connection, schema)
  if (fault !== null) return { ...reading, vschemaFault: fault }
  const isOthers = (name: string): boolean => isLeftOut({ type: 'table', name, table: null })
  const read = await readVschema(connection, schema, isOthers)
  const vindexes = read.vindexes.filter(({ name }) => !isLeftOut({ type: 'vindex', name, table: null }))
  const vschema = partsOfVschema({ ...read, vindexes, keyspace: database }, new Map([...databases, [schema, database]]))
  return { ...reading, snapshot: { ...reading.snapshot, vschema } }
}

/** Null where no run has had the lease yet: there may be no keyspace of the journal. Who reads without the rights to see it waits for nothing, and is told so. */
const readLastOf = (connection: Asker, journal: string): Promise<LastChange | 'unseen' | null> =>
  readLastChange(connection, journal).catch((error: unknown) => {
    const { unknownTable, unknownDatabase, accessDenied, databaseAccessDenied, tableAccessDenied } = serverErrors
    if (hasNumber(error, unknownTable, unknownDatabase)) return null
    if (hasNumber(error, accessDenied, databaseAccessDenied, tableAccessDenied)) return 'unseen'
    throw error
  })
