import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testServerOf } from '../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'

const stage = withStages()

/** Each secret begins so: nothing that is printed or kept may hold even the beginning of one. */
const mark = 'Zq7'
const secret = (name: string): string => `${mark}${name}-very-long-so-that-a-message-cuts-it`

const failing: readonly (readonly [name: string, sql: string])[] = [
  ['ALTER USER ... REPLACE', `ALTER USER nobody_here IDENTIFIED BY '${secret('one')}'\n  REPLACE '${secret('two')}';`],
  ['a syntax error behind it', `ALTER USER a IDENTIFIED BY '${secret('one')}' REPLACE '${secret('two')}' NONSENSE;`],
  ['a syntax error before it', `ALTER USER a x IDENTIFIED WITH sha2 BY '${secret('one')}' REPLACE '${secret('two')}';`],
  ['CREATE USER with a hash', `CREATE USER a IDENTIFIED WITH nothing_such AS '${secret('hash')}';`],
  ['SET PASSWORD', `SET PASSWORD FOR nobody_here = '${secret('one')}' REPLACE '${secret('two')}';`],
  ['CREATE SERVER', `CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (PASSWORD '${secret('one')}', NONSENSE 'x');`],
  ['a variable', `SET @app_password = '${secret('one')}';\nINSERT INTO nothere SELECT @app_password;`],
  [
    'a prepared statement',
    `SET @sql = 'ALTER USER nobody_here IDENTIFIED BY ''${secret('one')}''';\nPREPARE p FROM @sql;\nEXECUTE p;`,
  ],
  ['a prepared literal', `PREPARE p FROM 'ALTER USER nobody_here IDENTIFIED BY "${secret('one')}"';\nEXECUTE p;`],
  ['a string that is not closed', `ALTER USER a IDENTIFIED BY '${secret('one')}' ATTRIBUTE 'x;`],
  [
    'a statement that is refused in its second line',
    `ALTER USER a IDENTIFIED BY '${secret('one')}'\n  REPLACE '${secret('two')}'; USE app;`,
  ],
  ['a statement that is refused', `SET GLOBAL x = 1, @api_token = '${secret('one')}'; USE app;`],
]

describe.each(['9.7', '8.0'] as const)('on MySQL %s', (version) => {
  async function open(sql: string): Promise<Stage> {
    const { url } = await testServerOf(version)
    const opened = await stage({ url, files: { 'app/0001_t.sql': migration('CREATE TABLE t (id INT PRIMARY KEY);') } })
    expect(await opened.run(['migrate'])).toMatchObject({ exitCode: 0 })
    opened.write('app/0002_x.sql', migration(sql, 'DO 0;'))
    return opened
  }

  /** What a project's folder and the journal hold of what was logged and kept. */
  async function readKept({ folder, query }: Stage): Promise<string> {
    const logs = readdirSync(folder).filter((name) => name.endsWith('.log'))
    const rows = await query('SELECT CAST(details AS CHAR), summary FROM wwdb_journal')
    const runs = await query('SELECT * FROM wwdb_runs').catch(() => [])
    const texts = rows.flat().map((cell) => Buffer.from(String(cell)).toString())
    // Values are kept as hexadecimal digits of their characters.
    const decoded = texts.map((text) =>
      text.replace(/x'([0-9a-f]*)'/gi, (_, hex: string) => Buffer.from(hex, 'hex').toString()),
    )
    return [
      ...logs.map((name) => readFileSync(join(folder, name), 'utf8')),
      ...texts,
      ...decoded,
      JSON.stringify(runs),
    ].join('\n')
  }

  test.each(failing)(
    'no output and no record holds a password of %s',
    async (_, sql) => {
      const opened = await open(sql)
      const commands = [
        ['lint'],
        ['lint', '--json'],
        ['lint', '--format', 'sarif'],
        ['lint', '--format', 'gitlab'],
        ['lint', '--format', 'junit'],
        ['validate'],
        ['plan', '--verbose'],
        ['plan', '--json'],
        ['migrate', '--dry-run', '--verbose'],
        ['migrate', '--yes', '--json', '--log-file', 'wwdb.log'],
        ['migrate', '--yes', '--no-probe', '--verbose', '--debug', '--log-file', 'wwdb.log'],
        ['migrate', '--yes', '--format', 'github'],
        ['history', '--json'],
        ['status', '--json'],
      ]
      for (const args of commands) {
        const { stdout, stderr } = await opened.run(args)
        expect((stdout + stderr).includes(mark) ? `${args.join(' ')}\n${stdout}${stderr}` : '').toBe('')
      }
      const kept = await readKept(opened)
      expect(kept.includes(mark) ? kept : '').toBe('')
    },
    120_000,
  )
})
