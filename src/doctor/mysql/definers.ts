import type { DatabaseConfig } from '../../config/config.ts'
import type { Asker } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { OrphanedCode } from '../facts.ts'

/** Code of one schema that runs with the rights of its definer. With SQL SECURITY INVOKER, that account is never asked for. */
function selectCode(schema: string): string {
  const of = quoteString(schema)
  return [
    `SELECT 'view' k,TABLE_NAME n,DEFINER d FROM information_schema.VIEWS WHERE TABLE_SCHEMA=${of} AND SECURITY_TYPE='DEFINER'`,
    `SELECT LOWER(ROUTINE_TYPE),ROUTINE_NAME,DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA=${of} AND SECURITY_TYPE='DEFINER'`,
    `SELECT 'trigger',TRIGGER_NAME,DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA=${of}`,
    `SELECT 'event',EVENT_NAME,DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA=${of}`,
  ].join(' UNION ALL ')
}

const kinds = ['view', 'procedure', 'function', 'trigger', 'event'] as const

/** Code whose definer does not exist on the server. Needs SELECT on mysql.user, where locked accounts count as well. */
export async function readOrphanedCode(
  connection: Asker,
  databases: readonly DatabaseConfig[],
): Promise<readonly OrphanedCode[]> {
  const orphans: OrphanedCode[] = []
  for (const { name: database, schema } of databases) {
    const { rows } = await connection.ask(
      `SELECT k,n,d FROM (${selectCode(schema)}) c WHERE CAST(d AS BINARY) NOT IN (SELECT CAST(CONCAT(User,'@',Host) AS BINARY) FROM mysql.user) ORDER BY 1,2`,
    )
    for (const [type, name, definer] of rows) {
      const kind = kinds.find((one) => one === type)
      if (kind !== undefined)
        orphans.push({ database, schema, type: kind, name: String(name), definer: String(definer) })
    }
  }
  return orphans
}
