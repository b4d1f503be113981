import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { failingWithSecrets, mark } from '../helpers/migrations/secret-statements.ts'
import { testServerOf } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'

const stage = withStages()

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
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

  test.each(failingWithSecrets)(
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
