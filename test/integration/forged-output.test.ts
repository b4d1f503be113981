import { describe, expect, test } from 'vitest'
import { testServer } from '../helpers/servers/servers.ts'
import { migration, withStages } from '../helpers/tool/stage.ts'

const stage = withStages()

/** Names that a person with rights may give: they would recolor a terminal, clear it, or begin a line that a build server obeys. */
const names = [
  'a\u001b[31mred',
  'b\n::warning::forged',
  'c\r::error::forged',
  'd\u009b2J',
  'e##[error]forged',
  'f\n ::set-output name=x::forged',
]

const quoted = (name: string): string => `\`${name}\``

/** What would drive a terminal or a build server, in what was printed. */
function findForged(text: string): readonly string[] {
  const controls = [...text].filter((one) => /\p{Cc}/u.test(one) && one !== '\n' && one !== '\t')
  const lines = text
    .split(/\r\n|\n|\r/)
    .filter(
      (line) => /^\s*::(?:warning|error|set-output)\b[^:]*::forged/.test(line) || line.includes('##[error]forged'),
    )
  return [...controls.map((one) => JSON.stringify(one)), ...lines]
}

const commands = [
  ['drift'],
  ['drift', '--sql'],
  ['drift', '--verbose'],
  ['plan', '--verbose'],
  ['lint'],
  ['status'],
  ['schema', 'diff', '--to', 'file:other.sql'],
  ['schema', 'diff', '--to', 'file:other.sql', '--sql'],
  ['check', 'references'],
  ['doctor'],
  ['shards', 'check'],
  ['migrate', '--yes'],
  ['history'],
  ['rollback', '--yes'],
]

describe('names with control characters and line ends', () => {
  test.each<[string[]]>([[[]], [['--format', 'github']], [['--json']]])(
    'neither drive a terminal nor forge a command, with %j',
    async (format) => {
      const opened = await stage({
        url: testServer().url,
        files: { 'app/0001_t.sql': migration('CREATE TABLE t (id INT PRIMARY KEY);') },
      })
      expect(await opened.run(['migrate'])).toMatchObject({ exitCode: 0 })
      for (const name of names)
        await opened.query(`CREATE TABLE ${quoted(name)} (${quoted(name)} INT, KEY ${quoted(name)} (${quoted(name)}))`)
      await opened.query(`CREATE VIEW ${quoted(`v${names[1]}`)} AS SELECT 1 AS x`)
      opened.write('other.sql', 'CREATE TABLE t (id INT PRIMARY KEY);')
      const up = names.map((name) => `ALTER TABLE ${quoted(name)} ADD COLUMN ${quoted(`x${name}`)} INT;`).join('\n')
      opened.write(
        'app/0002_names.sql',
        migration(`${up}\nDROP TABLE ${quoted('nothere\n::warning::forged')};`, 'DO 0;'),
      )
      for (const args of commands) {
        // A script that is piped elsewhere is printed as it runs.
        if (!format.includes('github') && args.includes('--sql')) continue
        const { stdout, stderr } = await opened.run([...args, ...format])
        expect([args.join(' '), ...findForged(stdout), ...findForged(stderr)]).toEqual([args.join(' ')])
      }
    },
    180_000,
  )

  test('names of files, and of what these drop, forge nothing in lint for build servers', async () => {
    const opened = await stage({ url: testServer().url })
    for (const name of names) {
      const file = `app/0003_${name.replaceAll('/', '')}.sql`
      opened.write(`migrations/${file}`, migration(`DROP TABLE ${quoted(name)};`))
    }
    for (const format of ['github', 'gitlab', 'junit', 'sarif', 'human']) {
      const { stdout, stderr } = await opened.run(['lint', '--format', format])
      expect([format, ...findForged(stdout), ...findForged(stderr)]).toEqual([format])
    }
  })
})
