import { quoteString } from '../sql/quote-name.ts'
import type { Asker } from './connection.ts'
import { isConnectionLost } from './errors.ts'

/** From `CURRENT_ROLE()`, which quotes names: `NONE` means none. */
export function readRoles(text: string): readonly string[] {
  return [...text.matchAll(/`((?:[^`]|``)*)`@`((?:[^`]|``)*)`/g)].map(([, name = '', host = '']) =>
    `${name}@${host}`.replaceAll('``', '`'),
  )
}

/**
 * These roles, and those that were granted to them, to any depth. An account that may read neither table keeps what it has.
 */
export async function readAllRoles(connection: Asker, active: readonly string[]): Promise<readonly string[]> {
  if (active.length === 0) return []
  const own = active.map((role) => `CONCAT(TO_USER,'@',TO_HOST)=${quoteString(role)}`).join(' OR ')
  const edges =
    `WITH RECURSIVE r(u,h) AS (SELECT FROM_USER,FROM_HOST FROM mysql.role_edges WHERE ${own} UNION ` +
    `SELECT FROM_USER,FROM_HOST FROM mysql.role_edges JOIN r ON TO_USER=r.u AND TO_HOST=r.h) SELECT CONCAT(u,'@',h) FROM r`
  const granted = `SELECT CONCAT(ROLE_NAME,'@',ROLE_HOST) FROM information_schema.APPLICABLE_ROLES`
  const ask = async (text: string): Promise<readonly string[] | null> => {
    try {
      return (await connection.ask(text)).rows.map(([role]) => String(role))
    } catch (error) {
      if (isConnectionLost(error)) throw error
      return null
    }
  }
  return [...new Set([...active, ...((await ask(edges)) ?? (await ask(granted)) ?? [])])]
}
