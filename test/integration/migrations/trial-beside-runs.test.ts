import { afterEach, describe, expect, test } from 'vitest'
import { openWireProxy, type WireProxy } from '../../helpers/mysql/wire-proxy.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const adding = 'ALTER TABLE t ADD COLUMN y INT;\nALTER TABLE t ADD COLUMN z INT;'

let proxy: WireProxy | undefined

afterEach(() => proxy?.close())

describe.each(versionsInTurn(import.meta.url))('on MySQL %s, while a plan is tried in a scratch schema', (version) => {
  /** A project, and what runs the tool on it in such a way that `meanwhile` is done between its look at the journal and its trial. */
  async function open(meanwhile: (opened: Stage) => Promise<unknown>) {
    const { url } = await testServerOf(version)
    const files = {
      'app/0000_t.sql': migration('CREATE TABLE t (id INT PRIMARY KEY);'),
      'app/0001_side.sql': migration('CREATE TABLE side (id INT PRIMARY KEY);', 'DROP TABLE side;'),
    }
    const opened = await stage({ url, files })
    expect(await opened.run(['migrate'])).toMatchObject({ exitCode: 0 })
    opened.write('app/0002_more.sql', migration(adding, 'ALTER TABLE t DROP COLUMN z, DROP COLUMN y;'))
    let looks = 0
    proxy = await openWireProxy(Number(new URL(url).port), async ({ text }, moment) => {
      if (moment === 'before' && /CREATE (?:DATABASE|SCHEMA) .*wwdb_scratch/.test(text)) {
        looks += 1
        await meanwhile(opened)
      }
      return 'pass'
    })
    const { port } = proxy
    const through = (args: readonly string[]) =>
      opened.run([...args, '--url', `mysql://root@127.0.0.1:${port}`], { environment: {} })
    return { ...opened, through, looks: () => looks }
  }

  test('`migrate` does not call the columns that another run has just added duplicates', async () => {
    const { through, query } = await open(async ({ run }) => {
      expect(await run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    })
    const run = await through(['migrate', '--yes'])
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stdout + run.stderr).not.toContain('Duplicate column')
    expect(await query('SHOW COLUMNS FROM t')).toHaveLength(3)
  })

  test('`plan` and a dry run do not either', async () => {
    for (const args of [
      ['plan', '--exit-code'],
      ['migrate', '--dry-run'],
    ]) {
      const { through } = await open(({ run }) => run(['migrate', '--yes']))
      const run = await through(args)
      expect(run.stdout + run.stderr).not.toContain('Duplicate column')
      expect(run).toMatchObject({ exitCode: 0 })
    }
  })

  test('`plan` reports that another run was at work where the journal never comes to rest', async () => {
    let times = 0
    const { through, looks, query } = await open(async ({ run }) => {
      times += 1
      const turn = times % 2 === 1 ? ['rollback', '--yes'] : ['migrate', '--to', '0001']
      expect(await run(turn)).toMatchObject({ exitCode: 0 })
    })
    await query('ALTER TABLE t ADD COLUMN y INT')
    const run = await through(['plan'])
    expect(run).toMatchObject({ exitCode: 2 })
    expect(run.stdout.replace(/\s+/g, ' ')).toContain('Another run changed the journal meanwhile')
    expect(looks()).toBe(3)
  })

  test('what does fail is reported under the lock, and nothing was run', async () => {
    const { through, query } = await open(({ query }) => query('ALTER TABLE t ADD COLUMN z INT').catch(() => undefined))
    const run = await through(['migrate', '--yes'])
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('STATEMENT_WOULD_FAIL')
    expect(run.stderr).toContain("Duplicate column name 'z'")
    expect(await query('SHOW COLUMNS FROM t')).toHaveLength(2)
  })
})
