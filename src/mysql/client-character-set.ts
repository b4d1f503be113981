import { ToolError } from '../core/tool-error.ts'
import { isSafeClientSet, useUtf8, whyUnsafe } from '../sql/statements/client-character-set.ts'
import type { Connection } from './connection.ts'
import { setUtf8 } from './pinned-session.ts'

/** What may have changed the client's character set without its text telling to what. */
const mayChange =
  /^\W*(?:\d+\s*)?(?:call|execute|set\b[\s\S]*\b(?:names|char|character|charset|character_set_client))\b/i

/**
 * To be called when a statement of a user has run: the next one must be read as it was checked. Where the session is left
 * with a character set under which it would not be, that is taken back, and ToolError `STATEMENT_REFUSED` is thrown.
 */
export async function checkClientCharacterSet(connection: Pick<Connection, 'ask'>, text: string): Promise<void> {
  if (!mayChange.test(text)) return
  const { rows } = await connection.ask('SELECT CAST(@@SESSION.character_set_client AS CHAR)')
  const name = String(rows[0]?.[0])
  if (isSafeClientSet(name)) return
  await connection.ask(setUtf8)
  throw new ToolError('STATEMENT_REFUSED', {
    what: `A statement set the client character set to ${name}`,
    where: { statement: text.slice(0, 200) },
    why: whyUnsafe(name),
    next: useUtf8,
  })
}
