import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, describe, expect, test } from 'vitest'
import { readAnswer } from '../../helpers/documents/published.ts'
import { dropSchemas, randomName } from '../../helpers/servers/schema.ts'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'
import { runTool } from '../../helpers/tool/tool.ts'

const stage = withStages()

const files = {
  'parent/0001_users.sql': tableMigration('users'),
  'child/0001_posts.sql': migration('CREATE TABLE posts (user_id INT, editor_id INT);'),
  'child/0002_reference.sql': migration(
    `ALTER TABLE posts ADD CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES {{schema:parent}}.users (id),
  ADD CONSTRAINT fk_editor FOREIGN KEY (editor_id) REFERENCES {{schema:parent}}.users (id);`,
    undefined,
    '-- wwdb:requires parent/0001\n-- wwdb:when references=physical',
  ),
}
const logical = { databases: ['parent', 'child'], files, configuration: { references: 'logical' } }

describe('wwdb check references', () => {
  test('0 where every key has its parent, 1 where one has not: the answer on stdout', async () => {
    const { run, query } = await stage(logical)
    await run(['migrate'])
    const clean = await run(['check', 'references'])
    expect(clean).toMatchObject({ exitCode: 0 })
    expect(clean.stdout).toContain('2 foreign keys (logical between databases): no orphans.')
    await query('INSERT INTO posts VALUES (7, NULL), (7, NULL), (8, NULL)', 'child')
    const found = await run(['check', 'references', '--limit', '1'])
    expect(found.exitCode).toBe(1)
    expect(found.stdout).toBe(`✗ child.posts (user_id) -> parent.users (id): 3 rows with 2 missing keys
    7 in 2 rows
    and 1 key more
    declared in migrations/child/0002_reference.sql:4
✓ child.posts (editor_id) -> parent.users (id)
2 foreign keys (logical between databases): 3 orphaned rows.
Next: Restore the missing parents, or correct or delete these rows; then check again.
`)
  })

  test('--json: one document that the published schema allows', async () => {
    const { run, json, query, schema } = await stage(logical)
    await run(['migrate', '-t', 'child'])
    const before = await json(['check', 'references'])
    expect(before.exitCode).toBe(0)
    await run(['migrate'])
    await query('INSERT INTO posts VALUES (NULL, 9)', 'child')
    const { answer, events, run: found } = await json(['check', 'references'])
    expect(found.stderr).toBe('')
    expect(events).toEqual([])
    expect(answer).toMatchObject({
      kind: 'orphans',
      exitCode: 1,
      references: 'logical',
      keys: [
        { name: 'fk_user', state: 'clean', rows: 0, values: 0, samples: [] },
        {
          name: 'fk_editor',
          state: 'orphaned',
          child: { database: 'child', schema: schema('child'), table: 'posts', columns: ['editor_id'] },
          parent: { database: 'parent', schema: schema('parent'), table: 'users', columns: ['id'] },
          file: 'migrations/child/0002_reference.sql',
          line: 5,
          rows: 1,
          values: 1,
          samples: [{ values: ['9'], rows: 1 }],
        },
      ],
    })
  })

  test('-t checks the keys of that database, wherever they lead', async () => {
    const { run, json, query } = await stage(logical)
    await run(['migrate'])
    await query('INSERT INTO posts VALUES (1, NULL)', 'child')
    expect((await json(['check', 'references', '-t', 'parent'])).answer).toMatchObject({ exitCode: 0, keys: [] })
    expect((await json(['check', 'references', '-t', 'child'])).answer).toMatchObject({ exitCode: 1 })
  })

  test('tables that do not exist yet are reported: 0', async () => {
    const { run } = await stage(logical)
    const { exitCode, stdout } = await run(['check', 'references'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('The table child.posts does not exist yet, or this user cannot see it.')
    expect(stdout).toContain('no orphans; 2 not checked.')
  })

  test('as annotations: an error at the line that declares the key', async () => {
    const { run, query } = await stage(logical)
    await run(['migrate'])
    await query('INSERT INTO posts VALUES (1, NULL)', 'child')
    const { stdout } = await run(['check', 'references', '--format', 'github'])
    expect(stdout).toContain(
      '::error file=migrations/child/0002_reference.sql,line=4,title=fk_user::1 row of child.posts without a parent.',
    )
  })

  test('what it cannot do has its own codes: a bad limit 64, no server 69', async () => {
    const { run } = await stage(logical)
    expect(await run(['check', 'references', '--limit', '0'])).toMatchObject({ exitCode: 64, stdout: '' })
    const away = { environment: { WWDB_URL: 'mysql://root@127.0.0.1:1' } }
    expect(await run(['check', 'references'], away)).toMatchObject({ exitCode: 69, stdout: '' })
  })
})

describe('docs/reference/schema.md', () => {
  const root = join(import.meta.dirname, '../../..')
  const prefix = `${randomName('doc')}_`
  afterAll(() => dropSchemas(testServer().url, prefix))

  test('its example of check references is what happens with the platform', async () => {
    const text = readFileSync(join(root, 'docs/reference/schema.md'), 'utf8')
    const [, sql, said] = /```sql example\n(.*?)```\n.*?```text example\n(.*?)```/s.exec(text) ?? []
    const flags = ['--url', testServer().url, '--prefix', prefix]
    for (const command of [['db', 'create'], ['migrate']]) {
      expect(await runTool([...command, ...flags], { cwd: root })).toMatchObject({ exitCode: 0 })
    }
    const connection = await createConnection({
      uri: `${testServer().url}/${prefix}message_db`,
      multipleStatements: true,
    })
    await connection.query(sql ?? '')
    await connection.end()
    const { stdout, exitCode } = await runTool(['check', 'references', ...flags], { cwd: root })
    expect(exitCode).toBe(1)
    expect(stdout).toBe(said)
    expect(readAnswer(await runTool(['check', 'references', '--json', ...flags], { cwd: root })).answer).toMatchObject({
      kind: 'orphans',
      references: 'physical',
    })
  })
})
