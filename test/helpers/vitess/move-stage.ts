import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { readWorkflows } from '../../../src/shards/move/read-workflows.ts'
import { showWorkflows } from '../../../src/shards/move/workflow-commands.ts'
import type { Stage, StageOptions } from '../tool/stage.ts'
import type { TestVitess } from './vitess-server.ts'

/** The family is on the server of `contact_mysql`, which has a tablet over it; its table is in `contact_db`. */
export const movePlaces = ['user_db/0', 'contact_mysql/0', 'contact_db/-80', 'contact_db/80-'] as const

const columns = [
  'account_id BIGINT UNSIGNED NOT NULL',
  'wxid VARCHAR(40) NOT NULL',
  "nickname VARCHAR(40) NULL COMMENT 'it''s'",
  'tags JSON NULL',
  'price DECIMAL(20,4) NULL',
  'ratio DOUBLE NULL',
  'raw VARBINARY(20) NULL',
  'created_at DATETIME(3) NOT NULL',
].join(', ')

const template = `-- wwdb:keys contact_db.instances(id)
-- wwdb:name contacts_{key}

CREATE TABLE {{table}} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, ${columns}, UNIQUE KEY by_wxid (account_id, wxid));
`

const moved = `CREATE TABLE contacts (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, instance_id BIGINT UNSIGNED NOT NULL, ${columns}, PRIMARY KEY (instance_id, id), KEY by_id (id), UNIQUE KEY by_wxid (account_id, wxid, instance_id))`

export interface MoveStage extends Stage {
  /** On the server of the shards. */
  readonly ask: (sql: string) => Promise<readonly (readonly unknown[])[]>
  /** Through vtgate. */
  readonly askKeyspace: (sql: string, keyspace?: string) => Promise<readonly (readonly unknown[])[]>
  /** The words of the command, with the keyspaces. */
  readonly move: readonly string[]
  /** The same with vtctldclient. */
  readonly called: readonly string[]
  /** Asks vtctld. */
  readonly vtctld: (...words: readonly string[]) => Promise<string>
}

const keyspaceAt = (url: string, own: object = {}) => ({
  url,
  databases: { contact_db: { schema: 'contact_db', vitess: { journal: 'user_db', ...own } } },
})

export const keys = ['3', '12', '40'] as const

/** A project with three shards, whose rows have the same ids, and an empty table with a vindex in the keyspace. */
export async function openMoveStage(
  open: (options: StageOptions) => Promise<Stage>,
  vitess: TestVitess,
  rows = 300,
): Promise<MoveStage> {
  const mysql = vitess.shards.get('contact_mysql/0')
  if (mysql === undefined) throw new Error('there is no server of the shards')
  const stage = await open({
    databases: ['contact_db'],
    create: false,
    url: mysql.url,
    files: { 'shard-templates/contact_db/contacts.sql': template },
    configuration: {
      prefix: '',
      databases: { contact_db: { schema: 'vt_contact_mysql_0' } },
      environments: {
        vitess: keyspaceAt(vitess.url),
        other: keyspaceAt(vitess.url.replace('127.0.0.1', 'localhost')),
        // Where vtctld and its client are is in the configuration.
        called: keyspaceAt(vitess.url, { vtctld: vitess.vtctld.address, vtctldclient: vitess.vtctld.client }),
        // An account without all rights.
        limited: { url: mysql.url.replace(/\/\/[^@]*@/, '//mover:another@'), allowPublicKeyRetrieval: true },
      },
    },
  })
  const ask = (sql: string) => asking(`${mysql.url}/vt_contact_mysql_0`, sql)
  const askKeyspace = (sql: string, keyspace = 'contact_db') => asking(`${vitess.url}/${keyspace}`, sql)
  await ask('CREATE TABLE instances (id BIGINT PRIMARY KEY)')
  await ask(`INSERT INTO instances VALUES ${keys.map((key) => `(${key})`).join(',')}`)
  const made = await stage.run(['shards', 'create', '--family', 'contacts', ...keys.flatMap((key) => ['--key', key])])
  if (made.exitCode !== 0) throw new Error(made.stderr + made.stdout)
  for (const key of keys) await fill(ask, key, rows)
  await makeTable(askKeyspace)
  const move = [
    'shards',
    'move',
    '--family',
    'contacts',
    '--to',
    'env:vitess',
    '--column',
    'instance_id',
    '--source',
    'contact_mysql',
  ]
  const { client, address } = vitess.vtctld
  const called = [...move, '--vtctld', address, '--vtctldclient', client]
  const vtctld = async (...words: readonly string[]): Promise<string> =>
    (await promisify(execFile)(client, ['--server', address, ...words])).stdout
  return { ...stage, ask, askKeyspace, move, called, vtctld }
}

async function fill(ask: MoveStage['ask'], key: string, rows: number): Promise<void> {
  const values = Array.from({ length: rows }, (_, at) => {
    const raw = at % 5 === 0 ? 'NULL' : `X'00FF${String(at % 90).padStart(2, '0')}27'`
    return `(${at % 17}, 'wx${at}', ${at % 3 === 0 ? 'NULL' : `'n${key} 名 ''${at}'`}, '{"a": [${at}, 1.50]}', ${at}.2500, ${at} / 7, ${raw}, '2026-01-02 03:04:05.678')`
  })
  await ask(
    `INSERT INTO contacts_${key} (account_id, wxid, nickname, tags, price, ratio, raw, created_at) VALUES ${values.join(',')}`,
  )
}

async function makeTable(ask: MoveStage['askKeyspace']): Promise<void> {
  await ask(
    "CREATE TABLE contact_ids (id BIGINT, next_id BIGINT, cache BIGINT, PRIMARY KEY (id)) COMMENT 'vitess_sequence'",
    'user_db',
  )
  await ask('INSERT INTO contact_ids VALUES (0, 1, 10)', 'user_db')
  await ask('ALTER VSCHEMA ADD SEQUENCE contact_ids', 'user_db')
  await ask(moved)
  await ask('ALTER VSCHEMA ON contacts ADD VINDEX by_instance (instance_id) USING xxhash')
  await ask('ALTER VSCHEMA ON contacts ADD AUTO_INCREMENT id USING user_db.contact_ids')
}

/** The rows of a shard, or those of the keyspace for it, as texts. */
export const contentOf = (key: string): Readonly<Record<'shard' | 'keyspace', string>> => {
  const list = 'id, account_id, wxid, nickname, CAST(tags AS CHAR), price, ratio, HEX(raw), created_at'
  return {
    shard: `SELECT ${list} FROM contacts_${key} ORDER BY id`,
    keyspace: `SELECT ${list} FROM contacts WHERE instance_id = ${key} ORDER BY id`,
  }
}

/** Drops what a test has made on both sides: first the workflows of one that failed, which would fail the next one for want of their tables. */
export async function clearMove({ ask, askKeyspace, vtctld }: MoveStage): Promise<void> {
  const listed = readWorkflows(await vtctld(...showWorkflows('contact_db')))
  for (const { name } of listed)
    await vtctld(
      'Workflow',
      '--keyspace',
      'contact_db',
      'delete',
      '--workflow',
      name,
      '--keep-data',
      '--keep-routing-rules',
    )
  for (const [name] of await ask('SHOW TABLES'))
    if (!String(name).startsWith('_vt')) await ask(`DROP TABLE \`${name}\``)
  await askKeyspace('DROP TABLE contacts')
  await askKeyspace('ALTER VSCHEMA ON contacts DROP AUTO_INCREMENT')
  await askKeyspace('ALTER VSCHEMA ON contacts DROP VINDEX by_instance')
  await askKeyspace('ALTER VSCHEMA DROP VINDEX by_instance')
  await askKeyspace('DROP TABLE contact_ids', 'user_db')
  await askKeyspace('ALTER VSCHEMA DROP TABLE contact_ids', 'user_db')
}

async function asking(uri: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const connection = await createConnection({ uri, rowsAsArray: true, dateStrings: true })
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    return Array.isArray(rows) ? (rows as unknown as readonly (readonly unknown[])[]) : []
  } finally {
    await connection.end()
  }
}
