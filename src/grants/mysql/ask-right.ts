import { randomUUID } from 'node:crypto'
import type { Asker } from '../../mysql/connection.ts'
import { isConnectionLost, isServerError } from '../../mysql/errors.ts'
import { atShard } from '../../mysql/keyspace-schema.ts'
import { partsOfVtgate } from '../../mysql/no-primary.ts'
import { explainDenied, readDenied } from '../../mysql/table-acl.ts'
import { plainMessage } from '../../mysql/vtgate.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { RightAnswer } from '../ports.ts'
import { metadataTables, type TableRole } from '../table-acl.ts'

/** No table has it: MySQL refuses to drop it before it changes anything, and the tablet judges the user before that. */
const missingColumn = `wwdb_${randomUUID().replaceAll('-', '')}`

/** A statement that needs to be in a list, and changes nothing. */
const statements: Readonly<Record<TableRole, (table: string) => string>> = {
  readers: (table) => `SELECT ${ownHint} 1 FROM ${table} LIMIT 1`,
  writers: (table) => `DELETE ${ownHint} FROM ${table} WHERE 1=0`,
  admins: (table) => `ALTER TABLE ${table} DROP COLUMN ${quoteName(missingColumn)}`,
}

/** There is no such column, or it is a view. */
const harmless = [1091, 1347]

/** Whether nothing but the missing column was refused, by each that has answered: a number in the words of one says nothing of the others. */
function isHarmless({ message, errno }: Error & { readonly errno: number }): boolean {
  return partsOfVtgate(message).every((part) => {
    const number = [...part.matchAll(/\(errno (\d+)\)/g)].at(-1)?.[1]
    return harmless.includes(Number(number ?? (part === message ? errno : undefined)))
  })
}

function judge(error: unknown, role: TableRole): RightAnswer {
  if (isConnectionLost(error) || !isServerError(error)) throw error
  const denied = readDenied(error)
  if (denied !== null) return { type: 'denied', why: explainDenied(denied) }
  return role === 'admins' && isHarmless(error)
    ? { type: 'allowed' }
    : { type: 'unknown', why: plainMessage(error.message) }
}

/** The tables of a keyspace that are asked for. */
interface AskedKeyspace {
  readonly keyspace: string
  readonly shards: readonly string[]
}

const metadata: ReadonlySet<string> = new Set(metadataTables)

/**
 * Asks each shard by itself: each has tablets of its own, and vtgate sends a query of `information_schema` to any shard of the keyspace that the session is at. Throws the error of a
 * connection that was lost.
 */
export async function askRight(
  connection: Asker,
  { keyspace, shards }: AskedKeyspace,
  table: string,
  role: TableRole,
): Promise<RightAnswer> {
  const name = metadata.has(table) ? quoteQualified('information_schema', table) : quoteName(table)
  let answer: RightAnswer | null = null
  for (const shard of shards) {
    const next = await atShard(connection, keyspace, shard, (there) => there.ask(statements[role](name))).then(
      (): RightAnswer => ({ type: 'allowed' }),
      (error: unknown) => judge(error, role),
    )
    if (next.type === 'denied') return next
    if (answer === null || next.type === 'unknown') answer = next
  }
  return answer ?? { type: 'unknown', why: `vtgate shows no shard of \`${keyspace}\`` }
}
