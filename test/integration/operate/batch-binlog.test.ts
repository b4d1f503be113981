import { describe, expect, test } from 'vitest'
import { startServer } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const migrate = ['migrate', '--yes', '--no-probe']

describe.each(versionsInTurn(import.meta.url))('a batch on a server that logs statements, MySQL %s', (version) => {
  test('its session logs rows, and an account that may not change that is warned', async () => {
    const server = await startServer({ version, flags: ['--binlog-format=STATEMENT'] })
    try {
      const up =
        'CREATE TABLE a (id INT PRIMARY KEY, n INT, f VARCHAR(20));\nINSERT INTO a VALUES (1, 0, NULL), (2, 0, NULL), (3, 9, NULL);'
      const app = await stage({ url: server.url, files: { 'app/0001_a.sql': migration(up) } })
      expect(await app.run(migrate)).toMatchObject({ exitCode: 0 })
      const batch = '-- wwdb:batch\nUPDATE a SET n = n + 1, f = (SELECT @@SESSION.binlog_format) WHERE n < 5;'
      app.write('app/0002_b.sql', migration(`${batch}\nINSERT INTO a SELECT 4, 9, @@SESSION.binlog_format;`))
      const run = await app.run(migrate)
      expect(run.exitCode).toBe(0)
      expect(run.stderr).not.toContain('binary log')
      expect(await app.query('SELECT id, n, f FROM a ORDER BY id')).toEqual([
        [1, 1, 'ROW'],
        [2, 1, 'ROW'],
        [3, 9, null],
        [4, 9, 'STATEMENT'],
      ])
      await app.query("CREATE USER small IDENTIFIED BY 'x'")
      await app.query(`GRANT ALL ON ${app.schema('app')}.* TO small`)
      app.write('app/0003_c.sql', migration('-- wwdb:batch\nUPDATE a SET n = n + 1 WHERE n < 5;'))
      const [host = ''] = /127\.0\.0\.1:\d+/.exec(server.url) ?? []
      const config = { databases: { app: { url: `mysql://small:x@${host}/${app.schema('app')}` } } }
      app.write('small.json', JSON.stringify(config))
      const warned = await app.run([...migrate, '--config', 'small.json'])
      expect(warned.stderr.replace(/\s+/g, ' ')).toContain('The binary log has the format STATEMENT')
      expect(warned.exitCode).toBe(0)
      expect(await app.query('SELECT SUM(n) FROM a')).toEqual([['22']])
    } finally {
      await server.stop()
    }
  }, 120_000)
})
