import type { Findings } from './facts.ts'
import type { TokenCursor } from './token-cursor.ts'

/** PREPARE, after that word. */
export function readPrepare(cursor: TokenCursor): Findings {
  return { class: 'session', verb: 'PREPARE', prepared: preparedName(cursor) }
}

/** EXECUTE, after that word. */
export function readExecute(cursor: TokenCursor): Findings {
  return { class: 'execute', verb: 'EXECUTE', prepared: preparedName(cursor) }
}

/** DEALLOCATE PREPARE and DROP PREPARE, after the first word. */
export function readDeallocate(cursor: TokenCursor): Findings | null {
  if (!cursor.accept('PREPARE')) return null
  return { class: 'session', verb: 'DEALLOCATE PREPARE', prepared: preparedName(cursor) }
}

function preparedName(cursor: TokenCursor): string | null {
  return cursor.next()?.text ?? null
}
