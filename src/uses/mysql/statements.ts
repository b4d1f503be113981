import type { DatabaseConfig, ServerConfig, Timeouts } from '../../config/config.ts'
import type { Connection } from '../../mysql/connection.ts'
import { type Door, driverOf } from '../../mysql/door.ts'
import { serverOf } from '../../mysql/group-members.ts'
import { placeOf } from '../../mysql/place.ts'
import { ProbeConnection } from '../../operate/mysql/probe-connection.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteString } from '../../sql/quote-name.ts'
import {
  type DigestRow,
  type SeenStatements,
  type ServerLook,
  type StatementQuestion,
  statementServers,
} from '../ports.ts'
import { listOtherMembers } from './group-servers.ts'
import { readParts, readPasses } from './named-parts.ts'

/** Milliseconds that a server may take: its table of digests may have 10,000 rows, and is read once. */
const patience = 20_000

export const driver = driverOf(statementServers, (door) => ({
  look: async (database, replicas, timeouts, question) => {
    const ask = (name: string, server: ServerConfig): Promise<ServerLook> =>
      lookAt(door, { ...database, server }, name, timeouts, question)
    const looks = await Promise.all([
      ask('primary', database.server),
      ...replicas.map((replica) => ask(replica.name, replica.server)),
    ])
    const servers = new Map(replicas.map(({ name, server }) => [name, server]))
    const members = listOtherMembers(looks).map(({ of, member }) => {
      const server = serverOf(servers.get(of.name) ?? database.server, member)
      return ask(server.label, server)
    })
    return [...looks, ...(await Promise.all(members))]
  },
  readParts: (database, schemas, timeouts, parts) =>
    withConnection(door, database, timeouts, (connection) => readParts(connection, database.schema, schemas, parts)),
  readPasses: (database, timeouts) =>
    withConnection(door, database, timeouts, (connection) => readPasses(connection, database.schema)),
}))

async function withConnection<T>(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  // It writes nothing, so that there is nothing to record.
  const connection = await door.openPinned(placeOf(database, timeouts, null), { purpose: 'scratch' })
  return work(connection).finally(() => connection.close())
}

async function lookAt(
  door: Door,
  database: DatabaseConfig,
  name: string,
  timeouts: Timeouts,
  question: StatementQuestion,
): Promise<ServerLook> {
  const place = placeOf(database, timeouts, null)
  const probe = new ProbeConnection(() => door.openPinned(place, { purpose: 'scratch' }), patience)
  const server = database.server.label
  const said = await probe.ask((connection) => readStatements(connection, question)).finally(() => probe.close())
  if (said.type === 'unknown') return { name, server, type: 'unseen', why: said.why }
  return { name, server, ...said.answer }
}

type Look = { readonly [Key in ServerLook['type']]: Omit<Extract<ServerLook, { type: Key }>, 'name' | 'server'> }

async function readStatements(connection: Connection, question: StatementQuestion): Promise<Look['seen' | 'unseen']> {
  const { rows: settings } = await connection.ask(
    'SELECT @@performance_schema,@@performance_schema_max_sql_text_length,LEAST(@@max_digest_length,@@performance_schema_max_digest_length)',
  )
  const [isOn, sample, digest] = settings[0] ?? []
  if (Number(isOn) !== 1) return { type: 'unseen', why: 'performance_schema is switched off' }
  const off = await findDisabled(connection)
  if (off !== null) return { type: 'unseen', why: off }
  const [longestSample, longestDigest] = [Number(sample), Number(digest)]
  const rows = await readRows(connection, question, longestSample)
  return {
    type: 'seen',
    ...{ rows, longestSample, longestDigest },
    ...(question.sentHere === true ? { sentHere: await readSentHere(connection, question) } : {}),
    ...(await readCounting(connection, question)),
    ...(await readPlace(connection, question)),
    indexes: await readIndexes(connection, question.schema),
    users: await readUsers(
      connection,
      rows.map((row) => row.digest),
    ),
  }
}

/** Without the consumer, or with the statements' instruments disabled, nothing is counted. */
async function findDisabled(connection: Connection): Promise<string | null> {
  const { rows } = await connection.ask(
    "SELECT (SELECT MIN(ENABLED) FROM performance_schema.setup_consumers WHERE NAME IN ('global_instrumentation','statements_digest'))," +
      "(SELECT GROUP_CONCAT(NAME) FROM performance_schema.setup_instruments WHERE NAME IN ('statement/sql/select','statement/sql/insert','statement/sql/update','statement/sql/delete') AND ENABLED='NO')",
  )
  const [consumers, instruments] = rows[0] ?? []
  if (consumers !== 'YES') return 'the consumer `statements_digest` of performance_schema is disabled'
  return instruments === null || instruments === undefined
    ? null
    : `performance_schema does not count \`${String(instruments).replaceAll(',', '`, `')}\``
}

const toMilliseconds = (cell: unknown): number => Math.round(Number(cell) * 1000)

async function readRows(
  connection: Connection,
  { schemas, words, within }: StatementQuestion,
  longestSample: number,
): Promise<readonly DigestRow[]> {
  const isIn = (names: readonly string[]): string =>
    `(${isOf('DIGEST_TEXT', names)} OR ${isOf('QUERY_SAMPLE_TEXT', names)})`
  // A busy server has 10,000 digests, most of them of other schemas: each that is read is taken apart here.
  const isCut = `OCTET_LENGTH(QUERY_SAMPLE_TEXT)>=${longestSample} AND OCTET_LENGTH(DIGEST_TEXT)>=${shortestCut}`
  return readDigests(
    connection,
    within,
    `(${isCut} OR ((${isSentIn(schemas)} OR ${isIn(schemas)}) AND ${isIn(words)}))`,
  )
}

/** More would tell no more of whether applications use a database. */
const mostSentHere = 100

async function readSentHere(
  connection: Connection,
  { schemas, within }: StatementQuestion,
): Promise<readonly DigestRow[]> {
  // A SELECT without FROM asks for settings or locks.
  const kinds = "DIGEST_TEXT REGEXP '^[( ]*((SELECT|WITH) .* FROM|INSERT|UPDATE|DELETE|REPLACE|CALL) '"
  const ofServer = ['wwdb', '`information_schema` .', '`performance_schema` .', '`mysql` .', '`sys` .']
  return readDigests(
    connection,
    within,
    `(${isSentIn(schemas)} OR ${isOf('DIGEST_TEXT', schemas)}) AND ${kinds} AND NOT (${isOf('DIGEST_TEXT', ofServer)}) ORDER BY COUNT_STAR DESC LIMIT ${mostSentHere}`,
  )
}

const isSentIn = (schemas: readonly string[]): string =>
  `LOWER(SCHEMA_NAME) IN (${schemas.map((name) => quoteString(name.toLowerCase())).join(',')})`

/** @param condition of the rows, and what follows it */
async function readDigests(connection: Connection, within: number, condition: string): Promise<readonly DigestRow[]> {
  const { rows } = await connection.ask(
    'SELECT SCHEMA_NAME,DIGEST,DIGEST_TEXT,CONVERT(QUERY_SAMPLE_TEXT USING utf8mb4),COUNT_STAR,UNIX_TIMESTAMP(FIRST_SEEN),UNIX_TIMESTAMP(LAST_SEEN) ' +
      'FROM performance_schema.events_statements_summary_by_digest ' +
      `WHERE DIGEST IS NOT NULL AND LAST_SEEN>=NOW(6)-INTERVAL ${Math.ceil(within / 1000)} SECOND AND ${condition}`,
  )
  return rows.map(([schema, digest, text, sample, count, first, last]) => ({
    schema: schema === null || schema === undefined ? null : String(schema),
    digest: String(digest),
    text: String(text ?? ''),
    sample: String(sample ?? ''),
    count: Number(count),
    firstSeen: toMilliseconds(first),
    lastSeen: toMilliseconds(last),
  }))
}

const isOf = (text: string, names: readonly string[]): string =>
  names.map((name) => `LOCATE(${quoteString(name.toLowerCase())},LOWER(CONVERT(${text} USING utf8mb4)))>0`).join(' OR ')

/** Bytes of a digest's text below which it is whole, whatever names are in it. */
const shortestCut = 600

type Counting = Pick<
  SeenStatements,
  'countedSince' | 'lost' | 'lostAt' | 'now' | 'resets' | 'renames' | 'countsIndexes' | 'readers'
>

async function readCounting(connection: Connection, { words }: StatementQuestion): Promise<Counting> {
  const { rows } = await connection.ask(
    "SELECT GREATEST(UNIX_TIMESTAMP(NOW(6))-(SELECT VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME='Uptime')," +
      'COALESCE(MIN(UNIX_TIMESTAMP(FIRST_SEEN)),0)),COALESCE(SUM(IF(DIGEST IS NULL,COUNT_STAR,0)),0),UNIX_TIMESTAMP(NOW(6)),' +
      'COALESCE(MAX(IF(DIGEST IS NULL,UNIX_TIMESTAMP(LAST_SEEN),0)),0),' +
      "(SELECT COUNT(*) FROM performance_schema.setup_instruments WHERE NAME='wait/io/table/sql/handler' AND ENABLED='YES')," +
      "(SELECT COUNT(*) FROM performance_schema.threads WHERE PROCESSLIST_COMMAND LIKE 'Binlog Dump%') " +
      'FROM performance_schema.events_statements_summary_by_digest',
  )
  const [since, lost, now, lostAt, counting, readers] = rows[0] ?? []
  const patterns = resetting.map((pattern) => `DIGEST_TEXT LIKE ${quoteString(pattern)}`)
  const { rows: found } = await connection.ask(
    `SELECT ${ownHint} DIGEST_TEXT,UNIX_TIMESTAMP(LAST_SEEN),DIGEST_TEXT LIKE 'RENAME TABLE %' FROM performance_schema.events_statements_summary_by_digest ` +
      `WHERE ${[...patterns, `(DIGEST_TEXT LIKE 'RENAME TABLE %' AND (${isOf('DIGEST_TEXT', words)}))`].join(' OR ')}`,
  )
  const toReset = ([text, at]: (typeof found)[number]) => ({ text: String(text), at: toMilliseconds(at) })
  return {
    countedSince: toMilliseconds(since),
    lost: Number(lost),
    lostAt: toMilliseconds(lostAt),
    now: toMilliseconds(now),
    countsIndexes: Number(counting) === 1,
    readers: Number(readers),
    resets: found.filter((row) => Number(row[2]) === 0).map(toReset),
    renames: found.filter((row) => Number(row[2]) === 1).map(toReset),
  }
}

/** Which server it is, among which others, and since when it has the tables. */
async function readPlace(
  connection: Connection,
  { schema, words }: StatementQuestion,
): Promise<Pick<SeenStatements, 'uuid' | 'sources' | 'members' | 'created'>> {
  const { rows } = await connection.ask(
    "SELECT @@server_uuid,(SELECT GROUP_CONCAT(SOURCE_UUID) FROM performance_schema.replication_connection_status WHERE SERVICE_STATE='ON')",
  )
  const [uuid, sources] = rows[0] ?? []
  const { rows: members } = await connection.ask(
    "SELECT MEMBER_ID,MEMBER_HOST,MEMBER_PORT FROM performance_schema.replication_group_members WHERE MEMBER_STATE<>'OFFLINE' AND MEMBER_ID<>''",
  )
  const { rows: tables } = await connection.ask(
    `SELECT TABLE_NAME,UNIX_TIMESTAMP(CREATE_TIME) FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME IN (${words.map(quoteString).join(',')})`,
  )
  return {
    uuid: String(uuid),
    sources: sources === null || sources === undefined ? [] : String(sources).split(',').filter(Boolean),
    members: members.map(([id, host, port]) => ({ uuid: String(id), host: String(host), port: Number(port) })),
    created: new Map(tables.map(([name, at]) => [String(name), toMilliseconds(at)])),
  }
}

/** What empties counters that have no time of their own, or switches counting off: it is counted itself, by its digest. */
const resetting = [
  'TRUNCATE %table_io_waits_summary%',
  'EXECUTE TRUNCATE %table_io_waits_summary%',
  'CALL %ps_truncate_all_tables%',
  'CALL %ps_setup_%',
  'UPDATE %setup_consumers%',
  'UPDATE %setup_instruments%',
  'UPDATE %setup_objects%',
  '% INTO %setup_objects%',
]

async function readIndexes(connection: Connection, schema: string) {
  const { rows } = await connection.ask(
    'SELECT OBJECT_NAME,INDEX_NAME,COUNT_READ,COUNT_WRITE FROM performance_schema.table_io_waits_summary_by_index_usage ' +
      `WHERE OBJECT_SCHEMA=${quoteString(schema)} AND COUNT_STAR>0`,
  )
  return rows.map(([table, index, reads, writes]) => ({
    table: String(table),
    index: index === null || index === undefined ? null : String(index),
    reads: Number(reads),
    writes: Number(writes),
  }))
}

/** Who has sent such a statement lately, of the connections that are open: of closed ones the server keeps nothing. */
async function readUsers(
  connection: Connection,
  digests: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (digests.length === 0) return new Map()
  const { rows } = await connection.ask(
    'SELECT h.DIGEST,t.PROCESSLIST_USER,t.PROCESSLIST_HOST FROM performance_schema.events_statements_history h ' +
      'JOIN performance_schema.threads t ON t.THREAD_ID=h.THREAD_ID ' +
      `WHERE t.PROCESSLIST_USER IS NOT NULL AND h.DIGEST IN (${[...new Set(digests)].map(quoteString).join(',')}) GROUP BY 1,2,3 ORDER BY 2,3`,
  )
  const users = new Map<string, string[]>()
  for (const [digest, user, host] of rows) {
    const known = users.get(String(digest)) ?? []
    users.set(String(digest), [...known, `${user}@${host}`])
  }
  return users
}
