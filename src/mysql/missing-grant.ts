import { quoteAccount, quoteGrantPlace } from '../sql/quote-name.ts'
import { hasNumber, type ServerError, toSentence } from './errors.ts'

/** The numbers of missing-privilege errors (manual, "Server Error Message Reference"). 1045 is a login, which no GRANT fixes. */
const missingRights = [1044, 1142, 1143, 1227, 1345, 1370] as const

export function isMissingRight(error: unknown): error is ServerError {
  return hasNumber(error, ...missingRights)
}

/** The server's message as a sentence, and after a missing-privilege error the GRANT that would help, as `connection.ts` notes it. */
export function sentenceWithGrant(error: ServerError): string {
  const why = toSentence(error.message)
  return 'grant' in error ? `${why} Ask an administrator to run \`${error.grant};\`.` : why
}

/** The connection's identity: its account as the server knows it (`user@host`), and the selected schema. */
interface Session {
  readonly account: string
  readonly schema: string | null
}

/**
 * The GRANT that a missing-privilege error asks for, by its message and the statement; null where neither shows it. A privilege on a table is granted
 * on its schema, as `wwdb grants` does.
 */
export function missingGrant(
  { errno, message }: Pick<ServerError, 'errno' | 'message'>,
  statement: string,
  { account, schema }: Session,
): string | null {
  const right = readRight(errno, message, statement, schema)
  return right === null ? null : `GRANT ${right.privileges} ON ${right.place} TO ${quoteAccount(account)}`
}

interface Right {
  readonly privileges: string
  /** In the form of GRANT. */
  readonly place: string
}

function readRight(errno: number, message: string, statement: string, schema: string | null): Right | null {
  switch (errno) {
    case 1044: {
      const [, database] = / to database '(.+)'$/.exec(message) ?? []
      return database === undefined ? null : { privileges: onSchema(statement), place: quoteGrantPlace(database) }
    }
    case 1142:
    case 1143: {
      const [, privileges, table = ''] =
        /^(.+) command denied to user '.*' for (?:column .* in )?table (.+)$/.exec(message) ?? []
      const place = schemaOf(table, statement) ?? schemaOfParent(privileges, table) ?? schema
      return privileges === undefined || place === null
        ? null
        : { privileges: privileges === 'ANY' ? 'SELECT' : privileges.toUpperCase(), place: quoteGrantPlace(place) }
    }
    case 1227: {
      const [, list] = /need \(at least one of\) the (.+) privilege\(s\)/.exec(message) ?? []
      const names = list?.split(/, | or /).filter((name) => name !== 'SUPER') ?? []
      const [least = list?.includes('SUPER') === true ? 'SUPER' : undefined] = names
      return least === undefined ? null : { privileges: least, place: '*.*' }
    }
    case 1345:
      return schema === null ? null : { privileges: 'SELECT, SHOW VIEW', place: quoteGrantPlace(schema) }
    case 1370: {
      const [, privilege = '', database] =
        /^(.+) command denied to user '.*' for routine '([^.]+)\./.exec(message) ?? []
      return database === undefined ? null : { privileges: privilege.toUpperCase(), place: quoteGrantPlace(database) }
    }
    default:
      return null
  }
}

/** The privilege that a statement lacks when it is refused on a whole schema, by its first words. */
const schemaRights: readonly (readonly [words: string, privilege: string])[] = [
  ['CREATE (?:DATABASE|SCHEMA)', 'CREATE'],
  ['DROP (?:DATABASE|SCHEMA)', 'DROP'],
  ['ALTER (?:DATABASE|SCHEMA)', 'ALTER'],
  ['CREATE TEMPORARY', 'CREATE TEMPORARY TABLES'],
  ['LOCK', 'LOCK TABLES'],
  ['(?:CREATE|ALTER|DROP)\\b[^(;]*?\\bEVENT', 'EVENT'],
  ['CREATE\\b[^(;]*?\\b(?:PROCEDURE|FUNCTION)', 'CREATE ROUTINE'],
]

/** A packet may contain several statements: the first that can be meant counts. */
function onSchema(statement: string): string {
  return schemaRights.find(([words]) => new RegExp(`(?:^|;)\\s*${words}\\b`, 'i').test(statement))?.[1] ?? 'SELECT'
}

/** For the parent of a foreign key the message has schema and name in one: `'s.t'`. */
function schemaOfParent(privileges: string | undefined, table: string): string | null {
  if (privileges?.toUpperCase() !== 'REFERENCES') return null
  return /^[`']?([^.]+)\..+[`']?$/.exec(table)?.[1] ?? null
}

/** The schema of a table in a message: `'s'.'t'` from 8.0.13 on; before that `'t'`, whose schema the statement may name. */
function schemaOf(table: string, statement: string): string | null {
  const [, schema] = /^[`']+(.+?)[`']\.[`'].+[`']$/.exec(table) ?? []
  if (schema !== undefined) return schema
  const name = table.replace(/^[`']|[`']$/g, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return (
    new RegExp(`(?:\`([^\`]+)\`|\\b(\\w+))\\s*\\.\\s*\`?${name}\\b`, 'i').exec(statement)?.slice(1).find(Boolean) ??
    null
  )
}
