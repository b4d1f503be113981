import { createHash } from 'node:crypto'
import type { ObjectName } from '../../sql/statement.ts'
import type { JournalRow } from '../journal.ts'

/** What an open row of an earlier run comes to. */
export type Settlement =
  | { readonly type: 'ran'; readonly why: string }
  | { readonly type: 'not-run'; readonly why: string }
  /** Looking cannot tell: a person must say. */
  | { readonly type: 'unknown'; readonly why: string }

/** Digest of what was read of the objects a statement names. */
export function digestDefinitions(objects: readonly ObjectName[], definitions: readonly (string | null)[]): string {
  const pairs = objects.map((object, index) => [object.type, object.schema, object.name, definitions[index] ?? null])
  return createHash('sha256').update(JSON.stringify(pairs)).digest('hex')
}

/** True when an open row of this class must be compared with the objects' definitions. */
export function needsLooking(row: Pick<JournalRow, 'class' | 'fingerprint' | 'objects'>): boolean {
  return (row.class === 'definition' || row.class === 'account') && row.fingerprint !== null && row.objects.length > 0
}

/**
 * Settles a row by where it was opened: after a failover the numbers that tell a table from its successor are another
 * server's. Null where they are this one's, or where none were needed.
 */
export function settleElsewhere(row: Pick<JournalRow, 'server'>, serverUuid: string): Settlement | null {
  if (row.server === undefined || row.server === serverUuid) return null
  return {
    type: 'unknown',
    why: 'it began on another server, and only that one could tell the table from its successor',
  }
}

/**
 * Settles one open row. MySQL 8's DDL is atomic, so a definition either changed (it ran) or did not (it did not run);
 * data shares its transaction with the row that would have closed it, so an open row means that it was rolled back.
 * @param repeatsCalls the file accepts that its procedures are called again
 */
export function settleRow(row: JournalRow, present: string | null, repeatsCalls = false): Settlement {
  switch (row.class) {
    case 'data':
    case 'module':
    case 'record':
      return { type: 'not-run', why: 'its transaction was rolled back with the connection' }
    case 'session':
    case 'maintenance':
      return { type: 'not-run', why: 'running it again changes nothing' }
    case 'call':
      if (row.state !== 'entered')
        return { type: 'not-run', why: 'its transaction was rolled back with the connection' }
      return repeatsCalls
        ? { type: 'not-run', why: 'its file accepts UNRESUMABLE_CALL: the procedure is called again' }
        : { type: 'unknown', why: 'the procedure may have committed on its own before the run was cut off' }
    default:
  }
  if (row.fingerprint === null || present === null)
    return { type: 'unknown', why: 'it names nothing that could be looked at' }
  if (present === row.fingerprint) return { type: 'not-run', why: 'the objects it names are as they were before it' }
  return { type: 'ran', why: 'the objects it names have changed since it was opened' }
}
