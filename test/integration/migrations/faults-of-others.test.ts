import { describe, expect, test } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

/** Migrations, a template and seeds of `b` that nothing can read. */
const faults = {
  'b/0001_u.sql': "-- migrate:up\nCREATE TABEL u (id INT PRIMARY KEY);\nSELECT 'open",
  'b/nonsense.sql': 'nonsense',
  'shard-templates/b/x.sql': 'CREATE TABEL x',
  'seeds/b/u.yaml': 'table: [\n',
}

const commands: readonly (readonly string[])[] = [
  ['validate'],
  ['schema', 'diff', '--from', 'live', '--to', 'applied', '--exit-code'],
  ['lint'],
  ['lint', '--server'],
  ['plan'],
  ['migrate', '--yes'],
  ['status'],
  ['drift'],
  ['history'],
  ['seed', '--yes'],
  ['check', 'references'],
  ['schema', 'dump'],
  ['schema', 'diff', '--from', 'files', '--to', 'live', '--exit-code'],
  ['schema', 'diff', '--from', 'live', '--to', 'applied', '--exit-code'],
  ['drift', '--replay'],
  ['squash', '--to', '0002', '--dry-run'],
  ['redo', '--yes', '--allow', 'DROP_COLUMN'],
  ['rollback', '--yes', '--allow', 'DROP_COLUMN'],
  ['migrate', '--yes'],
  ['report', '--out', 'report.html'],
  ['doctor', '--fail-on', 'error'],
]

describe('a fault in the files of a database that is not chosen', () => {
  test('stops no command with --target, and is not named', async () => {
    const { run } = await stage({
      databases: ['a', 'b'],
      files: {
        'a/0001_t.sql': migration('CREATE TABLE t (id INT PRIMARY KEY, n INT);', 'DROP TABLE t;'),
        'a/0002_m.sql': migration('ALTER TABLE t ADD m INT;', 'ALTER TABLE t DROP m;'),
        ...faults,
      },
    })
    for (const words of commands) {
      const { exitCode, stdout, stderr } = await run([...words, '-t', 'a'])
      expect([words.join(' '), exitCode, stderr], `${stdout}${stderr}`).toEqual([words.join(' '), 0, expect.anything()])
      expect(`${words.join(' ')}: ${stdout}${stderr}`).not.toMatch(/TABEL|nonsense|\bb\/(?:0001|x\.sql|u\.yaml)/)
    }
  })

  test('stops what needs these files', async () => {
    const { run } = await stage({
      databases: ['a', 'b'],
      files: {
        'a/0001_t.sql': migration(
          'CREATE TABLE t (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES {{schema:b}}.u (id));',
          'DROP TABLE t;',
        ),
        'b/0001_u.sql': migration('CREATE TABLE u (id INT PRIMARY KEY);', 'DROP TABLE u;'),
        'b/nonsense.sql': 'nonsense',
      },
    })
    const { exitCode, stderr } = await run(['schema', 'diff', '--from', 'files', '-t', 'a'])
    expect(exitCode).toBeGreaterThan(0)
    expect(stderr).toContain('nonsense.sql')
  })

  test('stops commands that mean all databases', async () => {
    const { run } = await stage({ databases: ['a', 'b'], files: faults })
    for (const words of [['validate'], ['migrate', '--yes'], ['status']]) {
      const { exitCode, stdout, stderr } = await run(words)
      expect(exitCode, words.join(' ')).toBeGreaterThan(0)
      expect(`${stdout}${stderr}`).toMatch(/nonsense.sql/)
    }
  })
})
