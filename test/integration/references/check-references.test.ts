import { afterAll, describe, expect, test } from 'vitest'
import type { ReferenceCheck } from '../../../src/references/reference-check.ts'
import { type QueryRecorder, recordQueries } from '../../helpers/mysql/query-recorder.ts'
import { type ReferenceStageOptions, withReferenceStages } from '../../helpers/references/reference-stage.ts'
import {
  isAvailable,
  type ServerVersion,
  testServer,
  testServer80,
  testServerOf,
} from '../../helpers/servers/servers.ts'
import { migration } from '../../helpers/tool/stage.ts'

const recorders: QueryRecorder[] = []
// Hooks run in turn backward: the stages behind the doors are closed first.
afterAll(async () => {
  for (const recorder of recorders) await recorder.close()
})
const open = withReferenceStages()

const users = migration('CREATE TABLE users (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(50) NOT NULL);')
const tasks = migration('CREATE TABLE tasks (id INT PRIMARY KEY AUTO_INCREMENT, created_by BIGINT UNSIGNED);')
const reference = migration(
  'ALTER TABLE tasks\n  ADD CONSTRAINT fk_tasks_users FOREIGN KEY (created_by) REFERENCES {{schema:user_db}}.users (id);',
  'ALTER TABLE tasks DROP FOREIGN KEY fk_tasks_users;',
  '-- wwdb:requires user_db/0001\n-- wwdb:when references=physical',
)
const simple = {
  'user_db/0001_users.sql': users,
  'message_db/0001_tasks.sql': tasks,
  'message_db/0002_reference.sql': reference,
}

/** Numbers from 1 to 20,000, as a table `n` with a column `i`. */
const numbers = `(SELECT 1 + a.d + 10*b.d + 100*c.d + 1000*d.d + 10000*e.d AS i FROM ${['a', 'b', 'c', 'd']
  .map(
    (alias) =>
      `(SELECT 0 d ${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => `UNION ALL SELECT ${digit}`).join(' ')}) ${alias}`,
  )
  .join(',')},(SELECT 0 d UNION ALL SELECT 1) e) n`

function first(keys: readonly ReferenceCheck[]): ReferenceCheck {
  const [key] = keys
  if (key === undefined || keys.length !== 1) throw new Error(`expected one key, not ${JSON.stringify(keys)}`)
  return key
}

test.runIf(isAvailable('mysql'))(
  'shards are asked about together: with many of them there are few questions',
  async () => {
    const { url } = testServer()
    const recorder = await recordQueries(url)
    recorders.push(recorder)
    const door = Object.assign(new URL(url), { port: String(recorder.port) }).href.replace(/\/$/, '')
    const templates = { 'message_db/messages.sql': messages('logical') }
    const stage = await open({ parents: door, files: { 'user_db/0001_users.sql': users }, templates })
    await stage.migrate()
    await stage.parents("INSERT INTO users VALUES (1, 'a')")
    const months = Array.from(
      { length: 40 },
      (_, index) => `${2020 + Math.floor(index / 12)}${String((index % 12) + 1).padStart(2, '0')}`,
    )
    for (const month of months)
      await stage.children(`CREATE TABLE messages_${month} (id INT PRIMARY KEY AUTO_INCREMENT, sender BIGINT UNSIGNED, task_id INT);
        INSERT INTO messages_${month} (sender) VALUES (1), (NULL)`)
    await stage.children('INSERT INTO messages_202106 (sender) VALUES (7)')
    recorder.take()
    const { keys } = await stage.check()
    expect(first(keys)).toMatchObject({
      rows: 1,
      shards: { checked: 40, orphaned: [{ table: 'messages_202106', rows: 1 }] },
    })
    const about = recorder.take().filter((text) => text.includes('messages_20'))
    // Columns, primary keys, 32 tables and the other 8, and the one that has orphans.
    expect(about).toHaveLength(5)
  },
)

/** What was found of each key: `fk_tasks_users orphaned 3/2: 7 x2, 9 x1`. */
function show(keys: readonly ReferenceCheck[]): readonly string[] {
  return keys.map(({ name, state, rows, values, samples, why }) => {
    const shown = samples.map((sample) => `${sample.values.join('|')} x${sample.rows}`).join(', ')
    return state === 'orphaned' ? `${name} ${rows}/${values}: ${shown}` : `${name} ${why ?? state}`
  })
}

const messages = (references: 'physical' | 'logical'): string => `-- wwdb:period month
-- wwdb:name messages_{YYYYMM}
-- wwdb:references ${references}
-- wwdb:reference (sender) user_db.users(id)
-- wwdb:reference (task_id) message_db.tasks(id)
CREATE TABLE {{table}} (id INT PRIMARY KEY AUTO_INCREMENT, sender BIGINT UNSIGNED, task_id INT) ENGINE=InnoDB;
`

describe.runIf(isAvailable('mysql'))('on one server, MySQL 9.7', () => proveOneServer('9.7'))
describe.runIf(isAvailable('mysql80'))('on one server, MySQL 8.0', () => proveOneServer('8.0'))

function proveOneServer(version: ServerVersion): void {
  const stageOf = async (options: Omit<ReferenceStageOptions, 'parents'>) =>
    open({ parents: (await testServerOf(version)).url, ...options })

  test.each(['physical', 'logical'] as const)('%s keys of shards are those of their template', async (references) => {
    const files = { 'user_db/0001_users.sql': users, 'message_db/0001_tasks.sql': tasks }
    const stage = await stageOf({ files, templates: { 'message_db/messages.sql': messages(references) } })
    const [none] = (await stage.check()).keys
    expect(none).toMatchObject({ state: 'unchecked', why: 'There is no shard yet.', shards: { checked: 0 } })
    await stage.migrate()
    await stage.parents("INSERT INTO users VALUES (1, 'a')")
    for (const month of ['202611', '202612', '202701']) {
      const key =
        references === 'logical' ? '' : `, FOREIGN KEY (sender) REFERENCES ${stage.schema('user_db')}.users (id)`
      await stage.children(`CREATE TABLE messages_${month} (id INT PRIMARY KEY AUTO_INCREMENT, sender BIGINT UNSIGNED, task_id INT${key});
        INSERT INTO messages_${month} (sender) VALUES (1), (NULL)`)
    }
    await stage.children('CREATE TABLE messages_202699 (sender INT); INSERT INTO messages_202699 VALUES (4711)')
    expect(await stage.check()).toMatchObject({
      exitCode: 0,
      keys: [{ name: 'messages_sender', state: 'clean', shards: { checked: 3, orphaned: [] } }],
    })
    await stage.children(
      'SET foreign_key_checks=0; INSERT INTO messages_202611 (sender, task_id) VALUES (9, 1); INSERT INTO messages_202701 (sender) VALUES (8), (8), (9)',
    )
    const found = await stage.check({ all: true })
    expect(found.exitCode).toBe(1)
    expect(found.keys).toEqual([
      {
        name: 'messages_sender',
        child: { ...endOf('message_db', 'messages_{YYYYMM}', 'sender'), schema: stage.schema('message_db') },
        parent: { ...endOf('user_db', 'users', 'id'), schema: stage.schema('user_db') },
        file: 'shard-templates/message_db/messages.sql',
        line: 4,
        state: 'orphaned',
        why: null,
        rows: 4,
        values: 3,
        samples: [
          { values: ['9'], rows: 1 },
          { values: ['8'], rows: 2 },
          { values: ['9'], rows: 1 },
        ],
        shards: {
          checked: 3,
          orphaned: [
            { table: 'messages_202611', rows: 1 },
            { table: 'messages_202701', rows: 3 },
          ],
        },
      },
      expect.objectContaining({
        name: 'messages_task_id',
        line: 5,
        rows: 1,
        shards: { checked: 3, orphaned: [{ table: 'messages_202611', rows: 1 }] },
      }),
    ])
  })

  test('shards that are partitions are looked at as the table that has them, and those that are tables beside it', async () => {
    const template = `-- wwdb:shards partition
-- wwdb:period month
-- wwdb:name messages_{YYYYMM}
-- wwdb:time at
-- wwdb:reference (sender) user_db.users(id)
CREATE TABLE {{table}} (id INT, sender BIGINT UNSIGNED, at DATETIME NOT NULL, PRIMARY KEY (id, at)) ENGINE=InnoDB;
`
    const files = { 'user_db/0001_users.sql': users, 'message_db/0001_tasks.sql': tasks }
    const stage = await stageOf({ files, templates: { 'message_db/messages.sql': template } })
    await stage.migrate()
    await stage.parents("INSERT INTO users VALUES (1, 'a')")
    const columns = 'id INT, sender BIGINT UNSIGNED, at DATETIME NOT NULL, PRIMARY KEY (id, at)'
    await stage.children(`CREATE TABLE messages_202611 (${columns}); INSERT INTO messages_202611 VALUES (1, 1, '2026-11-02');
      CREATE TABLE messages (${columns}) PARTITION BY RANGE COLUMNS (at) (PARTITION _closed_20261201000000 VALUES LESS THAN ('2026-12-01 00:00:00'),
        PARTITION messages_202612 VALUES LESS THAN ('2027-01-01 00:00:00'), PARTITION messages_202701 VALUES LESS THAN ('2027-02-01 00:00:00'));
      INSERT INTO messages VALUES (1, 1, '2026-12-01'), (2, NULL, '2027-01-03')`)
    expect(await stage.check()).toMatchObject({ exitCode: 0, keys: [{ state: 'clean', shards: { checked: 2 } }] })
    await stage.children(
      "INSERT INTO messages VALUES (3, 7, '2026-10-01'), (4, 7, '2026-12-09'); INSERT INTO messages_202611 VALUES (2, 8, '2026-11-02')",
    )
    expect(await stage.check()).toMatchObject({
      exitCode: 1,
      keys: [
        {
          state: 'orphaned',
          rows: 3,
          shards: {
            checked: 2,
            orphaned: [
              { table: 'messages_202611', rows: 1 },
              { table: 'messages', rows: 2 },
            ],
          },
        },
      ],
    })
  })

  test.each(['physical', 'logical'] as const)(
    '%s keys: orphans are found, NULLs are not orphans',
    async (references) => {
      const stage = await stageOf({ references, files: simple })
      await stage.migrate()
      await stage.parents("INSERT INTO users VALUES (1, 'a'), (2, 'b')")
      await stage.children('INSERT INTO tasks (created_by) VALUES (1), (2), (2), (NULL)')
      expect(await stage.check()).toMatchObject({
        exitCode: 0,
        references,
        keys: [{ state: 'clean', rows: 0, samples: [] }],
      })
      await stage.children(
        'SET foreign_key_checks=0; INSERT INTO tasks (created_by) VALUES (18446744073709551615), (9), (9), (10), (NULL)',
      )
      const found = await stage.check({ limit: 2 })
      expect(found).toMatchObject({ exitCode: 1, references })
      expect(first(found.keys)).toEqual({
        name: 'fk_tasks_users',
        child: { ...endOf('message_db', 'tasks', 'created_by'), schema: stage.schema('message_db') },
        parent: { ...endOf('user_db', 'users', 'id'), schema: stage.schema('user_db') },
        file: 'migrations/message_db/0002_reference.sql',
        line: 5,
        state: 'orphaned',
        why: null,
        rows: 4,
        values: 3,
        samples: [
          { values: ['9'], rows: 2 },
          { values: ['10'], rows: 1 },
        ],
        shards: null,
      })
      expect(show((await stage.check()).keys)).toEqual(['fk_tasks_users 4/3: 9 x2, 10 x1, 18446744073709551615 x1'])
      expect(found.progress).toEqual(['Checking message_db.tasks (created_by), 1 of 1'])
    },
  )

  test('composite keys: one NULL, and the key points nowhere; one column that fits is not enough', async () => {
    const stage = await stageOf({
      references: 'logical',
      files: {
        'user_db/0001_p.sql': migration('CREATE TABLE p (y VARCHAR(20), x INT, UNIQUE KEY (x, y));'),
        'message_db/0001_c.sql': migration(
          'CREATE TABLE c (a INT, b VARCHAR(20), CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES {{schema:user_db}}.p (x, y));',
          undefined,
          '-- wwdb:requires user_db/0001',
        ),
      },
    })
    await stage.migrate()
    await stage.parents("INSERT INTO p (x, y) VALUES (1, 'one'), (2, 'two'), (2, NULL), (NULL, 'one')")
    await stage.children(
      "SET foreign_key_checks=0; INSERT INTO c VALUES (1,'one'), (1,'ONE'), (2,'two'), (1,'two'), (2,'one'), (2,'one'), (7,NULL), (NULL,'x')",
    )
    expect(show((await stage.check()).keys)).toEqual(['fk 3/2: 1|two x1, 2|one x2'])
  })

  test('20,000 rows: every thousandth, and each of a lost range, are counted exactly', async () => {
    const stage = await stageOf({ references: 'logical', files: simple })
    await stage.migrate()
    await stage.parents(
      `INSERT INTO users SELECT i, 'u' FROM ${numbers} WHERE i % 1000 <> 0 AND i NOT BETWEEN 100 AND 199`,
    )
    await stage.children(`INSERT INTO tasks (created_by) SELECT i FROM ${numbers}`)
    expect(show((await stage.check({ limit: 1 })).keys)).toEqual(['fk_tasks_users 120/120: 100 x1'])
  })

  test('columns of different collations are compared as the parent compares', async () => {
    const stage = await stageOf({
      references: 'logical',
      files: {
        'user_db/0001_p.sql': migration(`CREATE TABLE exact (k VARCHAR(20) COLLATE utf8mb4_bin PRIMARY KEY);
          CREATE TABLE easy (k VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci PRIMARY KEY);`),
        'message_db/0001_c.sql': migration(
          `CREATE TABLE c (a VARCHAR(40) COLLATE utf8mb4_unicode_ci, b VARCHAR(40) COLLATE utf8mb4_0900_as_cs);`,
        ),
        'message_db/0002_reference.sql': migration(
          `ALTER TABLE c ADD CONSTRAINT fk_exact FOREIGN KEY (a) REFERENCES {{schema:user_db}}.exact (k),
             ADD CONSTRAINT fk_easy FOREIGN KEY (b) REFERENCES {{schema:user_db}}.easy (k);`,
          undefined,
          '-- wwdb:when references=physical',
        ),
      },
    })
    await stage.migrate()
    await stage.parents("INSERT INTO exact VALUES ('anna'), ('消息'); INSERT INTO easy VALUES ('anna'), ('é'), ('??')")
    await stage.children(
      "INSERT INTO c VALUES ('anna', 'ANNA'), ('Anna', 'é'), ('ANNA', 'e'), ('消息', '消息'), ('it''s', 'E'), ('', '')",
    )
    expect(show((await stage.check({ limit: 9 })).keys)).toEqual([
      "fk_exact 4/4:  x1, ANNA x1, Anna x1, it's x1",
      'fk_easy 2/2:  x1, 消息 x1',
    ])
  })

  test('a table that does not exist yet is reported, and is no error; a key is found before its migration would fail', async () => {
    const stage = await stageOf({ references: 'physical', files: simple })
    expect(await stage.check()).toMatchObject({ exitCode: 0, keys: [{ state: 'unchecked', rows: 0 }] })
    expect(show((await stage.check()).keys)).toEqual([
      'fk_tasks_users The table message_db.tasks does not exist yet, or this user cannot see it.',
    ])
    await stage.children('CREATE TABLE tasks (id INT PRIMARY KEY AUTO_INCREMENT, created_by BIGINT UNSIGNED)')
    expect(show((await stage.check()).keys)).toEqual([
      'fk_tasks_users The table user_db.users does not exist yet, or this user cannot see it.',
    ])
    await stage.parents('CREATE TABLE users (number BIGINT UNSIGNED)')
    expect(show((await stage.check()).keys)).toEqual(['fk_tasks_users user_db.users has no column id yet.'])
    await stage.parents('ALTER TABLE users RENAME COLUMN number TO id')
    await stage.children('INSERT INTO tasks (created_by) VALUES (3)')
    expect(await stage.check()).toMatchObject({ exitCode: 1, keys: [{ state: 'orphaned', rows: 1 }] })
    await stage.children(`DROP DATABASE ${stage.schema('message_db')}`)
    expect(show((await stage.check()).keys)).toEqual([
      'fk_tasks_users The table message_db.tasks does not exist yet, or this user cannot see it.',
    ])
  })

  test.each(['physical', 'logical'] as const)(
    '%s: a key counts until a migration that drops it has run',
    async (references) => {
      const stage = await stageOf({ references, files: simple })
      await stage.migrate()
      const drop = migration(
        'ALTER TABLE tasks DROP FOREIGN KEY fk_tasks_users;',
        undefined,
        '-- wwdb:when references=physical',
      )
      stage.write('message_db/0003_drop.sql', drop)
      // Where keys are logical the file never runs: there it counts as soon as it is written.
      expect((await stage.check()).keys).toHaveLength(references === 'physical' ? 1 : 0)
      await stage.migrate()
      expect((await stage.check()).keys).toEqual([])
    },
  )

  test('keys within a database are checked with all, and one that names no columns points at the primary key', async () => {
    const stage = await stageOf({
      references: 'logical',
      files: {
        ...simple,
        'message_db/0003_within.sql': migration(
          'CREATE TABLE notes (task_id INT REFERENCES tasks, CONSTRAINT fk_notes FOREIGN KEY (task_id) REFERENCES tasks (id));',
        ),
      },
    })
    await stage.children(
      'CREATE TABLE tasks (id INT PRIMARY KEY); CREATE TABLE notes (task_id INT); INSERT INTO notes VALUES (5)',
    )
    expect((await stage.check()).keys.map((key) => key.name)).toEqual(['fk_tasks_users'])
    const { keys } = await stage.check({ all: true })
    expect(show(keys.slice(1))).toEqual(['notes_ibfk_1 1/1: 5 x1', 'fk_notes 1/1: 5 x1'])
    expect(keys[1]?.parent).toMatchObject({ database: 'message_db', table: 'tasks', columns: ['id'] })
  })

  function endOf(database: string, table: string, column: string) {
    return { database, server: expect.stringMatching(/^127\.0\.0\.1:\d+$/), table, columns: [column] }
  }
}

describe.runIf(isAvailable('mysql') && isAvailable('mysql80'))('on two servers', () => {
  const stageOf = async (files: Readonly<Record<string, string>>, turned = false) => {
    const [one, other] = [testServer().url, (await testServer80()).url]
    return open({ parents: turned ? other : one, children: turned ? one : other, files })
  }

  test.each([false, true])(
    '20,000 rows in several chunks, looked up at the other server (turned round: %s)',
    async (turned) => {
      const stage = await stageOf(simple, turned)
      await stage.migrate()
      await stage.parents(
        `INSERT INTO users SELECT i, 'u' FROM ${numbers} WHERE i % 1000 <> 0 AND i NOT BETWEEN 100 AND 199`,
      )
      await stage.children(
        `INSERT INTO tasks (created_by) SELECT i FROM ${numbers}; INSERT INTO tasks (created_by) VALUES (100), (NULL), (1)`,
      )
      const found = await stage.check({ limit: 2 })
      expect(found).toMatchObject({ exitCode: 1, references: 'logical' })
      expect(show(found.keys)).toEqual(['fk_tasks_users 121/120: 100 x2, 101 x1'])
      expect(new Set(found.keys.flatMap(({ child, parent }) => [child.server, parent.server])).size).toBe(2)
      await stage.parents(`INSERT INTO users SELECT i, 'u' FROM ${numbers} WHERE i % 1000 = 0 OR i BETWEEN 100 AND 199`)
      expect(await stage.check()).toMatchObject({ exitCode: 0, keys: [{ state: 'clean', rows: 0 }] })
    },
  )

  test("every type travels without loss, and equality is the parent's", async () => {
    const types = {
      big: ['BIGINT UNSIGNED', 'BIGINT UNSIGNED'],
      money: ['DECIMAL(30,2)', 'DECIMAL(40,4)'],
      small: ['FLOAT', 'FLOAT'],
      flag: ['BIT(8)', 'BIT(8)'],
      uuid: ['BINARY(4)', 'BINARY(4)'],
      label: ['VARCHAR(50) CHARACTER SET latin1 COLLATE latin1_bin', 'VARCHAR(50) COLLATE utf8mb4_0900_ai_ci'],
      exact: ['VARCHAR(50) COLLATE utf8mb4_unicode_ci', 'VARCHAR(50) COLLATE utf8mb4_bin'],
      day: ['DATETIME(3)', 'DATETIME(6)'],
      state: ["ENUM('on','off','lost')", 'VARCHAR(10)'],
      digits: ['VARCHAR(20)', 'INT'],
    }
    const names = Object.keys(types)
    const column = (index: 0 | 1) =>
      Object.entries(types).map(([name, pair]) => `\`${name}\` ${pair[index]}, KEY (\`${name}\`)`)
    const stage = await stageOf({
      'user_db/0001_p.sql': migration(`CREATE TABLE p (${column(1).join(', ')});`),
      'message_db/0001_c.sql': migration(`CREATE TABLE c (${column(0).join(', ')});`),
      'message_db/0002_reference.sql': migration(
        `ALTER TABLE c ${names.map((name) => `ADD CONSTRAINT \`${name}\` FOREIGN KEY (\`${name}\`) REFERENCES {{schema:user_db}}.p (\`${name}\`)`).join(', ')};`,
        undefined,
        '-- wwdb:when references=physical',
      ),
    })
    await stage.migrate()
    const present = `18446744073709551615, 1234567890123456789012345678.25, 0.1, b'10000001', X'00FF0A27', 'Zoë''s \\\\', '消息 ', '2026-01-02 03:04:05.678', 'off', '42'`
    const absent = `18446744073709551614, 1234567890123456789012345678.26, 0.2, b'10000010', X'00FF0A28', 'Zo', '消息', '2026-01-02 03:04:05.679', 'lost', '43'`
    await stage.parents(`INSERT INTO p VALUES (${present})`)
    await stage.children(`INSERT INTO c VALUES (${present}), (${absent})`)
    expect(show((await stage.check()).keys)).toEqual([
      'big 1/1: 18446744073709551614 x1',
      'money 1/1: 1234567890123456789012345678.26 x1',
      'small 1/1: 0.20000000298023224 x1',
      'flag 1/1: 130 x1',
      'uuid 1/1: 0x00FF0A28 x1',
      'label 1/1: Zo x1',
      'exact clean',
      'day 1/1: 2026-01-02 03:04:05.679 x1',
      'state 1/1: lost x1',
      'digits 1/1: 43 x1',
    ])
    await stage.children("INSERT INTO c (label, exact) VALUES ('ZOE''S \\\\', '消息X')")
    expect(show((await stage.check()).keys).slice(5, 7)).toEqual(['label 1/1: Zo x1', 'exact 1/1: 消息X x1'])
  })

  test('a row that is written with its parent while the check runs is no orphan', async () => {
    const stage = await stageOf(simple)
    await stage.migrate()
    await stage.parents(`INSERT INTO users SELECT i, 'u' FROM ${numbers}`)
    await stage.children(`INSERT INTO tasks (created_by) SELECT i FROM ${numbers}`)
    let [writing, next] = [true, 20_001]
    const writer = (async () => {
      for (; writing; next += 1) {
        await stage.parents(`INSERT INTO users VALUES (${next}, 'new')`)
        await stage.children(`INSERT INTO tasks (created_by) VALUES (${next})`)
      }
    })()
    for (let round = 0; round < 5; round += 1) expect((await stage.check()).exitCode).toBe(0)
    writing = false
    await writer
    expect(next).toBeGreaterThan(20_005)
  })

  test('keys that are equal only by the collation of the parent are no orphans, however many', async () => {
    const stage = await stageOf({
      'user_db/0001_p.sql': migration('CREATE TABLE p (k VARCHAR(20) COLLATE utf8mb4_unicode_ci PRIMARY KEY);'),
      'message_db/0001_c.sql': migration('CREATE TABLE c (k VARCHAR(20) COLLATE utf8mb4_0900_as_cs);'),
      'message_db/0002_reference.sql': migration(
        'ALTER TABLE c ADD CONSTRAINT fk FOREIGN KEY (k) REFERENCES {{schema:user_db}}.p (k);',
        undefined,
        '-- wwdb:when references=physical',
      ),
    })
    await stage.migrate()
    await stage.parents(`INSERT INTO p SELECT CONCAT('key-', i) FROM ${numbers} WHERE i <> 777`)
    await stage.children(`INSERT INTO c SELECT CONCAT('KEY-', i) FROM ${numbers}`)
    expect(show((await stage.check()).keys)).toEqual(['fk 1/1: KEY-777 x1'])
  })

  test('an orphan in every row is counted', async () => {
    const stage = await stageOf(simple)
    await stage.migrate()
    await stage.children(`INSERT INTO tasks (created_by) SELECT i FROM ${numbers}`)
    expect(show((await stage.check({ limit: 1 })).keys)).toEqual(['fk_tasks_users 20000/20000: 1 x1'])
  })
})
