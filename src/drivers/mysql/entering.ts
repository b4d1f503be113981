import type { ObjectName } from '../../domain/statement.ts'
import type { Connection } from './connection.ts'
import { quoteString } from './literals.ts'

/**
 * What in a body may end the transaction that holds the mark without committing it: ROLLBACK, a handler that goes on after a
 * deadlock has rolled everything back, and routines or texts that are not looked into. Cursors' NOT FOUND handlers do not.
 */
const mayUndoMark = /\b(?:ROLLBACK|CALL|EXECUTE)\b|\bHANDLER\s+FOR\b(?!\s+NOT\s+FOUND\b)/i

/**
 * True when a CALL may roll back and then commit, so that a mark which waits for its COMMIT would be gone and the CALL look as
 * if it had never begun. Also when nobody can tell: the procedure is not known, or its body may not be read.
 */
export async function mayLoseMark(
  connection: Connection,
  schema: string,
  procedure: ObjectName | null,
): Promise<boolean> {
  if (procedure === null) return true
  const { rows } = await connection.ask(
    `SELECT ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_TYPE='PROCEDURE' ` +
      `AND ROUTINE_SCHEMA=${quoteString(procedure.schema ?? schema)} AND ROUTINE_NAME=${quoteString(procedure.name)}`,
  )
  const body = rows[0]?.[0]
  return body === null || body === undefined || mayUndoMark.test(String(body))
}
