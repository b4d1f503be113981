import { isMark, isName } from '../sql/clauses.ts'
import { tokenize } from '../sql/tokens.ts'
import { findNaming, findNamingIn, type NamedObject, type Naming, splitBody } from './name-uses.ts'
import { countOwn, type RanText } from './own-statements.ts'
import type { DigestRow, SeenStatements, StoredText } from './ports.ts'

/** A live statement that names what is looked for. */
export interface LiveStatement {
  /** Its text with `?` for each literal. */
  readonly text: string
  /** One as it was sent; the server may have cut it. */
  readonly sample: string
  readonly digest: string
  readonly schema: string | null
  readonly names: Naming
  /** Executions since it was first seen, those of wwdb itself left out. */
  readonly count: number
  readonly firstSeen: number
  readonly lastSeen: number
  /** `user@host` of open connections; empty where none that sent it is left. */
  readonly users: readonly string[]
}

/** What the statements of a server say. */
export interface FoundStatements {
  readonly statements: readonly LiveStatement[]
  /** Statements of which the server kept neither text whole, and what it kept does not name the object. */
  readonly unjudged: number
}

/** The statements of one server that name the object, the latest first. Pure. */
export function findStatements(seen: SeenStatements, object: NamedObject, ran: readonly RanText[]): FoundStatements {
  let unjudged = 0
  const found = seen.rows.map(withoutPacket).flatMap((row): readonly LiveStatement[] => {
    // What is prepared is used when it is executed, which is a digest of its own: wwdb prepares statements of plans to see whether their names exist.
    if (/^(?:PREPARE|DEALLOCATE) /.test(row.text)) return []
    const names = judge(row, object)
    if (names === null && !isCut(row, seen)) return []
    const count = row.count - countOwn(row, ran)
    if (count <= 0) return []
    if (names === null) {
      unjudged += 1
      return []
    }
    const { digest, schema, firstSeen, lastSeen, text, sample } = row
    const users = seen.users.get(digest) ?? []
    return [{ text, sample, digest, schema, names, count, firstSeen, lastSeen, users }]
  })
  const statements = found.toSorted((a, b) => b.lastSeen - a.lastSeen)
  return { statements, unjudged }
}

/** Of a packet with several statements, older servers keep the whole rest as the sample of one. */
export function withoutPacket(row: DigestRow): DigestRow {
  if (!row.sample.includes(';')) return row
  const end = tokenize(row.sample).find((token) => isMark(token, ';'))
  return end === undefined ? row : { ...row, sample: row.sample.slice(0, end.start) }
}

/** By the sample, whose names are as they were written; and by the digest, whose names are quoted whatever sql_mode the statement had. */
function judge({ schema, sample, text }: DigestRow, object: NamedObject): Naming | null {
  const place = { schema }
  const bySample = findNaming(sample, place, object)
  if (bySample === 'name') return bySample
  return findNaming(text, place, object) ?? bySample
}

/** The longest name, in bytes. */
const longestName = 260

/** Whether names may be missing at the ends of both texts. */
function isCut({ sample, text }: DigestRow, { longestSample, longestDigest }: SeenStatements): boolean {
  if (Buffer.byteLength(sample) < longestSample && !sample.endsWith('...')) return false
  // MySQL 8.0.12 counts the texts of views of information_schema.
  if (/^SELECT (?:`\w+` \. `name` AS `[A-Z_]+` , )?`(?:cat|sch)` \. `name` AS `[A-Z_]+`/.test(text)) return false
  // Settings of a session, as wwdb pins them at once, name no table.
  if (/^SET SESSION /.test(text) && !/\bSELECT\b/.test(text)) return false
  const kept = tokenize(text).reduce(
    (sum, token) => sum + 2 + (isName(token) ? 2 + Buffer.byteLength(token.text) : 0),
    0,
  )
  return kept + longestName >= longestDigest
}

/** Code of the server that names the object. */
export interface NamingCode {
  readonly type: StoredText['type']
  readonly schema: string
  readonly name: string
  readonly names: Naming
}

/** Code that names the object, and what could not be judged: code that the account may not read, or that prepares its statements. Pure. */
export function findCode(
  stored: readonly StoredText[],
  object: NamedObject,
): { readonly code: readonly NamingCode[]; readonly unjudged: readonly StoredText[] } {
  const code: NamingCode[] = []
  const unjudged: StoredText[] = []
  for (const one of stored) {
    const { type, schema, name, text, table } = one
    const isOwn = schema === object.schema
    const place = { schema, ...(table !== undefined && isOwn ? { triggerTable: table } : {}) }
    const named = text === null ? [] : splitBody(text).map((part) => findNamingIn(part, place, object, text))
    const names = named.includes('name') ? 'name' : named.includes('all') ? 'all' : null
    if (names !== null) code.push({ type, schema, name, names })
    else if (text === null || /\bprepare\b/i.test(text)) unjudged.push(one)
  }
  return { code, unjudged }
}
