import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { changesOf, LiveTrials } from '../../helpers/migrations/live-trials.ts'
import { randomName } from '../../helpers/servers/schema.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const tables = `CREATE TABLE users (id INT PRIMARY KEY, nick VARCHAR(20) NOT NULL, price DECIMAL(10, 4) NOT NULL, total INT NOT NULL);
CREATE TABLE others (id INT PRIMARY KEY);
INSERT INTO users VALUES (1, 'stored-nick', 1.5, 7);`

describe.each(['9.7', '8.0'] as const)('values of live statements, on MySQL %s', (version) => {
  const live = new LiveTrials(version, openStage)
  const start = (first = tables): Promise<Stage> => live.start(first)
  const send: LiveTrials['send'] = (stage, ...texts) => live.send(stage, ...texts)
  const plan: LiveTrials['plan'] = (stage, exitCode, up, more) => live.plan(stage, exitCode, up, more)

  async function readLogs(stage: Stage): Promise<string> {
    const names = (await stage.query('SHOW BINARY LOGS')).map(([name]) => String(name))
    return names.map((name) => readFileSync(join(live.server.dataDirectory, name), 'latin1')).join('')
  }

  test('none is in the binary log, where the account cannot leave it, either', async () => {
    const stage = await start()
    await send(stage, "SELECT id FROM users WHERE nick = 'sampled-nick'")
    const user = randomName('plain')
    await stage.query(`CREATE USER ${user}@'%'`)
    await stage.query(`GRANT PROCESS ON *.* TO ${user}@'%'`)
    await stage.query(`GRANT SELECT ON performance_schema.* TO ${user}@'%'`)
    await stage.query(`GRANT SELECT ON \`${stage.schema('app')}\`.* TO ${user}@'%'`)
    await stage.query(`GRANT ALL ON \`wwdb\\_scratch\\_%\`.* TO ${user}@'%'`)
    const url = `mysql://${user}@127.0.0.1:${live.server.port}`
    stage.write('plain.json', JSON.stringify({ url, prefix: stage.prefix, databases: { app: {} } }))
    const add = 'ALTER TABLE users ADD COLUMN age INT;'
    const found = await plan(stage, 0, add, ['--config', 'plain.json'])
    expect(found).toMatchObject({
      tried: 1,
      results: {
        compared: 0,
        uncompared: [
          {
            why: expect.stringMatching(
              /^no rows were made: the account cannot keep them out of the binary log; `GRANT SESSION_VARIABLES_ADMIN /,
            ),
            statements: 1,
          },
        ],
      },
    })
    const privilege = version === '8.0' ? 'SYSTEM_VARIABLES_ADMIN' : 'SESSION_VARIABLES_ADMIN'
    await stage.query(`GRANT ${privilege} ON *.* TO ${user}@'%'`)
    const quiet = await plan(stage, 0, add, ['--config', 'plain.json'])
    expect(quiet.results).toEqual({ compared: 1, uncompared: [] })
    const logs = await readLogs(stage)
    // That is how a value in it looks.
    expect(logs).toContain('stored-nick')
    expect(logs).not.toMatch(/sampled-nick/i)
  })

  test('none is in a message of the server, in whatever form', async () => {
    const stage = await start()
    await send(stage, 'SELECT total - 4711 AS rest FROM users')
    const found = await plan(stage, 1, 'ALTER TABLE users MODIFY total INT UNSIGNED NOT NULL;')
    expect(changesOf(found)).toEqual([
      {
        change: 'fails',
        before: expect.stringMatching(/^\d rows$/),
        after: expect.stringMatching(/out of range in \*\*\*\.$/),
      },
    ])
    expect(JSON.stringify([changesOf(found), found.results, found.notes])).not.toContain('4711')
  })

  test('what an UPDATE and an INSERT write decides, not only how many rows they change', async () => {
    const stage = await start()
    await send(
      stage,
      'UPDATE users SET price = 1.55 WHERE id = 3',
      // Its digest is none of the migration's.
      "INSERT users VALUES (77, 'new', 1.55, 1)",
      "INSERT INTO users (id, nick, price, total) VALUES (2, 'n', 1.55, 1) ON DUPLICATE KEY UPDATE price = 1.55",
      'UPDATE users LEFT JOIN others ON others.id = users.id SET users.total = 9',
    )
    const one = { change: 'result', before: '1 row changed', after: '1 row changed, with another value of `price`' }
    // The server counts a row that ON DUPLICATE KEY UPDATE changes twice.
    const twice = { change: 'result', before: '2 rows changed', after: '2 rows changed, with another value of `price`' }
    const rounded = await plan(stage, 1, 'ALTER TABLE users MODIFY price DECIMAL(10, 1) NOT NULL;')
    expect(changesOf(rounded).toSorted((a, b) => a.before.localeCompare(b.before))).toEqual([one, one, twice])
    expect(rounded.results).toEqual({
      compared: 3,
      uncompared: [{ why: 'only the number of rows that it changes was compared', statements: 1 }],
    })
    // What a migration makes of the other columns of such a row, the statement does not.
    const kept = await plan(stage, 0, "UPDATE users SET nick = CONCAT(nick, '2');")
    expect(kept).toMatchObject({ broken: [], results: { compared: 3 } })
  })

  test('a plan that only changes rows proves nothing, either, where nothing was tried', async () => {
    const stage = await start()
    const found = await plan(stage, 2, 'UPDATE others SET id = 2;')
    expect(found).toMatchObject({ tried: 0, broken: [] })
    expect(found.unproven).toContainEqual(
      expect.stringMatching(/^Statements have been counted on the primary only since /),
    )
  })

  test('CHECKs that nothing satisfies together take a bounded number of attempts, and one where the server ignores them', async () => {
    const columns = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'z']
    const stage = await start(
      `CREATE TABLE narrow (id INT PRIMARY KEY, ${columns.map((name) => `${name} INT NOT NULL`).join(', ')},
CONSTRAINT c1 CHECK (a <> b), CONSTRAINT c2 CHECK (c <> d), CONSTRAINT c3 CHECK (e <> f), CONSTRAINT c4 CHECK (g <> h), CONSTRAINT never CHECK (z > 5 AND z < 3));`,
    )
    await send(stage, 'SELECT id FROM narrow')
    const found = await plan(stage, 0, 'ALTER TABLE narrow ADD COLUMN age INT;')
    const [[attempts] = []] = await stage.query(
      "SELECT SUM(COUNT_STAR) FROM performance_schema.events_statements_summary_by_digest WHERE SCHEMA_NAME LIKE 'wwdb\\_scratch%' AND DIGEST_TEXT LIKE 'INSERT INTO `narrow`%'",
    )
    // MySQL enforces CHECK as of 8.0.16.
    const [[enforced] = []] = await stage.query(
      "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME = 'CHECK_CONSTRAINTS'",
    )
    if (Number(enforced) === 0) {
      expect(found).toMatchObject({ notes: [], results: { compared: 1 } })
      expect(Number(attempts)).toBeLessThan(20)
      return
    }
    expect(found.notes).toEqual([
      expect.stringMatching(/^No row could be made for `narrow`: Check constraint '\w+' is violated\.$/),
    ])
    expect(Number(attempts)).toBeGreaterThan(200)
    expect(Number(attempts)).toBeLessThan(1200)
  })
})
