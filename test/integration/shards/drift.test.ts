import { createConnection } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { describeDifference } from '../../../src/ddl/definitions/compare-definitions.ts'
import type { DriftedGroup } from '../../../src/shards/inspection.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const template = `-- wwdb:period day
-- wwdb:name messages_{YYYYMMDD}
-- wwdb:premake 15 periods, 2 days
-- wwdb:late 0 days
-- wwdb:archive none
CREATE TABLE {{table}} (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  account_id BIGINT NOT NULL COMMENT 'who',
  content VARCHAR(200) DEFAULT NULL,
  kind ENUM('text', 'image') NOT NULL DEFAULT 'text',
  send_time DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY idx_account (account_id, send_time),
  KEY idx_send_time (send_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='messages'
`

/** What a hand does to one shard each, and what the check must say of it. */
const deeds: readonly (readonly [alteration: string, sentence: string])[] = [
  ['DROP INDEX idx_send_time', 'lacks index `idx_send_time`'],
  ['ADD COLUMN note VARCHAR(20)', 'has an extra column `note`'],
  ['DROP COLUMN content', 'lacks column `content`'],
  [
    'MODIFY COLUMN content VARCHAR(50)',
    'differs in column `content`: varchar(50) DEFAULT NULL instead of varchar(200) DEFAULT NULL',
  ],
  ['MODIFY COLUMN content VARCHAR(200) FIRST', 'has a different column order from `content` on'],
  ['ADD INDEX idx_hand (content(10))', 'has an extra index `idx_hand`'],
  [
    'MODIFY COLUMN content VARCHAR(200) CHARACTER SET latin1',
    'differs in column `content`: varchar(200) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL instead of varchar(200) DEFAULT NULL',
  ],
  ["COMMENT = 'by hand'", "differs in option `COMMENT`: 'by hand' instead of 'messages'"],
  ['ROW_FORMAT = COMPRESSED', 'has an extra option `ROW_FORMAT`'],
  [
    'ALTER INDEX idx_account INVISIBLE',
    'differs in index `idx_account`: KEY `idx_account` (`account_id`,`send_time`) /*!80000 INVISIBLE */ instead of KEY `idx_account` (`account_id`,`send_time`)',
  ],
  [
    'DROP PRIMARY KEY, ADD PRIMARY KEY (id, send_time)',
    'differs in index `PRIMARY`: PRIMARY KEY (`id`,`send_time`) instead of PRIMARY KEY (`id`)',
  ],
  ['PARTITION BY HASH (id) PARTITIONS 2', 'is partitioned'],
]

interface CheckedFamily {
  readonly drift: { readonly reference: string; readonly like: number; readonly groups: readonly DriftedGroup[] }
}

async function check(project: Stage): Promise<{ readonly exitCode: number | null; readonly family: CheckedFamily }> {
  const { answer, exitCode } = await project.json(['shards', 'check'])
  const [target] = answer['targets'] as readonly { readonly families: readonly CheckedFamily[] }[]
  const [family] = target?.families ?? []
  if (family === undefined) throw new Error('no family was checked')
  return { exitCode, family }
}

async function listTables(project: Stage): Promise<readonly string[]> {
  const { answer } = await project.json(['shards', 'list'])
  return (answer['shards'] as readonly { readonly table: string }[]).map(({ table }) => table)
}

describe.each(versionsInTurn(import.meta.url))('shards that hands have changed, on MySQL %s', (version) => {
  async function open(): Promise<Stage> {
    const { url } = await testServerOf(version)
    const project = await stage({ url, files: { 'shard-templates/app/messages.sql': template } })
    expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
    return project
  }

  test('each is found, named, and put right by the statements of diff', async () => {
    const project = await open()
    expect((await check(project)).exitCode).toBe(0)
    const tables = await listTables(project)
    for (const [index, [alteration]] of deeds.entries())
      await project.query(`ALTER TABLE ${tables[index]} ${alteration}`)
    const found = await check(project)
    expect(found.exitCode).toBe(1)
    expect(found.family.drift).toMatchObject({ reference: 'recorded', like: 16 - deeds.length })
    for (const [index, [, sentence]] of deeds.entries()) {
      const group = found.family.drift.groups.find((one) => one.tables.includes(tables[index] ?? ''))
      expect(group?.tables).toEqual([tables[index]])
      expect(group?.differences?.map((one) => describeDifference(one))).toEqual([sentence])
    }
    const diff = await project.run(['shards', 'diff', '--sql'])
    expect(diff.exitCode).toBe(1)
    await runScript(project, diff.stdout)
    expect(await check(project)).toMatchObject({ exitCode: 0, family: { drift: { like: 16, groups: [] } } })
    expect(await project.run(['shards', 'diff', '--sql'])).toMatchObject({
      exitCode: 0,
      stdout: '-- Every shard matches its template.\n',
    })
  })

  test('a trigger that is not like those of the others is named, under any name of the table in it', async () => {
    const project = await open()
    const tables = await listTables(project)
    const trigger = (table: string, body = 'SET NEW.content = TRIM(NEW.content)'): Promise<unknown> =>
      project.query(`CREATE TRIGGER \`trim_${table}\` BEFORE INSERT ON ${table} FOR EACH ROW ${body}`)
    await trigger(tables[0] ?? '')
    const [first] = (await check(project)).family.drift.groups
    expect(first?.tables).toEqual([tables[0]])
    expect(first?.differences?.map((one) => describeDifference(one))).toEqual(['has an extra trigger `trim_{{table}}`'])
    for (const table of tables.slice(1, -2)) await trigger(table)
    await trigger(tables.at(-2) ?? '', 'SET NEW.content = NULL')
    const found = await check(project)
    expect(found).toMatchObject({ exitCode: 1, family: { drift: { like: 14 } } })
    const said = found.family.drift.groups.map(({ tables: those, differences }) => [
      those,
      differences?.map((one) => describeDifference(one)),
    ])
    expect(said).toEqual([
      [
        [tables.at(-2)],
        [
          'differs in trigger `trim_{{table}}`: BEFORE INSERT SET NEW.content = NULL instead of BEFORE INSERT SET NEW.content = TRIM(NEW.content)',
        ],
      ],
      [[tables.at(-1)], ['lacks trigger `trim_{{table}}`']],
    ])
    const { stdout } = await project.run(['shards', 'check'])
    expect(stdout).toContain('1 lacks trigger `trim_{{table}}`')
  })

  test('repair does the same, asks for what may lose data, and updates the registry', async () => {
    const project = await open()
    const tables = await listTables(project)
    await project.query(`ALTER TABLE ${tables[0]} DROP INDEX idx_send_time`)
    await project.query(`ALTER TABLE ${tables[1]} DROP INDEX idx_send_time`)
    await project.query(`ALTER TABLE ${tables[2]} ADD COLUMN note VARCHAR(20)`)
    await project.query(`INSERT INTO ${tables[0]} (account_id, send_time) VALUES (7, NOW(3))`)
    const refused = await project.json(['shards', 'repair', '--yes'])
    expect(refused).toMatchObject({ exitCode: 2, answer: { code: 'HAZARDS' } })
    expect(JSON.stringify(refused.answer)).toContain('DROP_COLUMN')
    expect((await check(project)).family.drift.like).toBe(13)
    const repaired = await project.json(['shards', 'repair', '--yes', '--allow', 'drop-column'])
    expect(repaired.exitCode).toBe(0)
    expect(repaired.answer).toMatchObject({
      kind: 'shard-repair',
      families: [{ family: 'messages', repaired: tables.slice(0, 3), failed: [], left: 0 }],
    })
    expect(await check(project)).toMatchObject({ exitCode: 0, family: { drift: { like: 16 } } })
    expect(await project.query(`SELECT account_id FROM ${tables[0]}`)).toEqual([[7]])
    // The same drift again is repaired again, whatever the ledger remembers.
    await project.query(`ALTER TABLE ${tables[0]} DROP INDEX idx_send_time`)
    expect(await project.run(['shards', 'repair', '--yes'])).toMatchObject({ exitCode: 0 })
    expect((await check(project)).exitCode).toBe(0)
  })

  test('a shard that cannot be repaired stops the others of its shape, and says why', async () => {
    const project = await open()
    const tables = await listTables(project)
    for (const table of tables.slice(0, 3))
      await project.query(`ALTER TABLE ${table} DROP PRIMARY KEY, MODIFY id BIGINT UNSIGNED NOT NULL`)
    await project.query(`INSERT INTO ${tables[0]} (id, account_id, send_time) VALUES (1, 7, NOW(3)), (1, 7, NOW(3))`)
    const { exitCode, answer } = await project.json(['shards', 'repair', '--yes'])
    expect(exitCode).toBe(2)
    expect(answer).toMatchObject({ families: [{ repaired: [], failed: [{ table: tables[0] }], left: 2 }] })
    expect(JSON.stringify(answer)).toMatch(/duplicate entry/i)
    await project.query(`DELETE FROM ${tables[0]} LIMIT 1`)
    expect(await project.run(['shards', 'repair', '--yes'])).toMatchObject({ exitCode: 0 })
  })

  test('killed between two shards and in the middle of one, the next repair ends the work', async () => {
    const project = await open()
    const tables = await listTables(project)
    for (const table of tables) {
      await project.query(`INSERT INTO ${table} (account_id, send_time) VALUES (7, NOW(3)), (8, NOW(3))`)
      await project.query(`ALTER TABLE ${table} DROP INDEX idx_send_time, DROP COLUMN content`)
    }
    for (const sign of ['shard-started', 'shard-finished', 'shard-started']) {
      const running = project.start(['shards', 'repair', '--yes', '--json'])
      await running.says('stdout', `"type":"${sign}"`)
      running.child.kill('SIGKILL')
      await running.ended
    }
    expect(await project.run(['shards', 'repair', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await check(project)).toMatchObject({ exitCode: 0, family: { drift: { like: 16 } } })
    for (const table of tables) expect(await project.query(`SELECT COUNT(*) FROM ${table}`)).toEqual([[2]])
    expect(await project.query("SELECT COUNT(*) FROM wwdb_shard_journal WHERE state <> 'closed'")).toEqual([[0]])
  })

  test('keys between siblings: each to the table of its own instance', async () => {
    const { url } = await testServerOf(version)
    const family = (columns: string): string =>
      `-- wwdb:keys app.owners(id)\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT NOT NULL PRIMARY KEY${columns}) ENGINE=InnoDB;\n`
    const key = ', group_id BIGINT, FOREIGN KEY (group_id) REFERENCES `{{sibling:groups}}` (id) ON DELETE CASCADE'
    const project = await stage({
      url,
      files: {
        'shard-templates/app/groups.sql': family('').replace('\n', '\n-- wwdb:name groups_{key}\n'),
        'shard-templates/app/members.sql': family(key).replace('\n', '\n-- wwdb:name members_{key}\n'),
      },
    })
    await project.query('CREATE TABLE owners (id BIGINT PRIMARY KEY)')
    await project.query('INSERT INTO owners VALUES (1), (2), (3)')
    expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
    await project.query('ALTER TABLE members_2 DROP FOREIGN KEY members_2_ibfk_1')
    await project.query('ALTER TABLE members_3 DROP FOREIGN KEY members_3_ibfk_1')
    await project.query(
      'ALTER TABLE members_3 ADD CONSTRAINT members_3_ibfk_1 FOREIGN KEY (group_id) REFERENCES groups_2 (id)',
    )
    const found = await project.json(['shards', 'check', '--family', 'members'])
    expect(found).toMatchObject({ exitCode: 1, answer: { findings: 2 } })
    await runScript(project, (await project.run(['shards', 'diff', '--sql'])).stdout)
    expect(await project.run(['shards', 'check'])).toMatchObject({ exitCode: 0 })
    const parents = await project.query(
      'SELECT TABLE_NAME, REFERENCED_TABLE_NAME, DELETE_RULE FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE() ORDER BY 1',
    )
    expect(parents).toEqual([1, 2, 3].map((owner) => [`members_${owner}`, `groups_${owner}`, 'CASCADE']))
  })

  test('an account with SELECT alone can check, while others hold the lock; and reads what it may not see', async () => {
    const project = await open()
    const [first = ''] = await listTables(project)
    await project.query(`ALTER TABLE ${first} DROP INDEX idx_send_time`)
    const schema = project.schema('app')
    const user = `${schema.slice(0, 20)}ro`
    await project.query(`CREATE USER ${user}@'%' IDENTIFIED BY 'secret'`)
    await project.query(`GRANT SELECT ON \`${schema}\`.* TO ${user}@'%'`)
    const holder = await createConnection({ uri: `${project.url}/${schema}` })
    try {
      await holder.query(`LOCK TABLES ${first} READ`)
      const url = new URL(project.url)
      url.username = user
      url.password = 'secret'
      const environment = { WWDB_URL: url.href }
      const before = await project.query('SHOW TABLES')
      const found = await project.json(['shards', 'check'], { environment })
      expect(found.exitCode).toBe(1)
      expect(JSON.stringify(found.answer)).toContain('idx_send_time')
      expect(await project.query('SHOW TABLES')).toEqual(before)
      expect(await project.run(['shards', 'list'], { environment })).toMatchObject({ exitCode: 0 })
      const refused = await project.run(['shards', 'diff'], { environment })
      expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
      expect(refused.stderr).toContain('scratch')
    } finally {
      await holder.end()
      await project.query(`DROP USER ${user}@'%'`)
    }
  })
})

async function runScript(project: Stage, script: string): Promise<void> {
  const connection = await createConnection({ uri: project.url, multipleStatements: true })
  try {
    await connection.query(script)
  } finally {
    await connection.end()
  }
}
