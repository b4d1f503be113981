import { createConnection } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { nameLock } from '../../../src/mysql/lock.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const month = `-- wwdb:period month
-- wwdb:name messages_{YYYYMM}
-- wwdb:premake 2 periods
-- wwdb:keep 2 months
-- wwdb:late 0 days
-- wwdb:archive none
CREATE TABLE {{table}} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARCHAR(100));
`
const keyed = `-- wwdb:keys app.instances(id) deleted deleted_at
-- wwdb:name contacts_{key}
CREATE TABLE {{table}} (id BIGINT NOT NULL PRIMARY KEY);
`
const files = { 'shard-templates/app/messages.sql': month, 'shard-templates/app/contacts.sql': keyed }

/** `2026-11` so many months from now, and the name of its table. */
function monthFromNow(count: number): { readonly key: string; readonly table: string } {
  const now = new Date()
  const key = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + count, 1)).toISOString().slice(0, 7)
  return { key, table: `messages_${key.replace('-', '')}` }
}

const ahead = [0, 1, 2].map((count) => monthFromNow(count).table)

async function withInstances(ids: readonly string[], type = 'BIGINT'): Promise<Stage> {
  const opened = await stage({ files })
  await opened.query(`CREATE TABLE instances (id ${type} NOT NULL PRIMARY KEY, deleted_at DATETIME NULL)`)
  for (const id of ids) await opened.query(`INSERT INTO instances (id) VALUES ('${id}')`)
  return opened
}

const shards = async ({ tables }: Stage): Promise<readonly string[]> =>
  (await tables()).filter((table) => /^(messages|contacts|_hold)_/.test(table))

describe('wwdb rotate plan', () => {
  test('0: shows what would be made, and writes nothing, not even the registry', async () => {
    const opened = await withInstances(['42'])
    const { exitCode, stdout } = await opened.run(['rotate', 'plan'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`${ahead[0]} (ahead)`)
    expect(stdout).toContain('contacts_42 (key)')
    expect(stdout).toContain(`CREATE TABLE IF NOT EXISTS \`${ahead[0]}\` (`)
    expect(await opened.tables()).toEqual(['instances'])
  })

  test('--now rehearses another time, and a dry run is the plan', async () => {
    const opened = await withInstances([])
    const { answer } = await opened.json(['rotate', 'plan', '--now', '2030-03-10', '--family', 'messages'])
    expect(answer).toMatchObject({ kind: 'rotation-plan', rehearsal: true, now: '2030-03-10T00:00:00.000Z' })
    expect(JSON.stringify(answer)).toContain('messages_203005')
    const dry = await opened.json(['rotate', 'run', '--dry-run'])
    expect(dry.answer).toMatchObject({ kind: 'rotation-plan', rehearsal: false })
    expect(await opened.tables()).toEqual(['instances'])
  })

  test.each(['2027-02-30', 'tomorrow', '2027-13-01', '1'])('64: --now %s is not a valid time', async (time) => {
    const { run } = await stage({ create: false, files })
    const refused = await run(['rotate', 'plan', '--now', time])
    expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
    expect(refused.stderr).toContain('--now is not a valid time')
  })
})

describe('wwdb rotate run', () => {
  test('0: makes what is needed; again there is nothing to do, and with --quiet nothing to say', async () => {
    const opened = await withInstances(['1', '42'])
    const first = await opened.json(['rotate', 'run'])
    expect(first.exitCode).toBe(0)
    expect(first.answer).toMatchObject({ kind: 'rotation', command: 'rotate run' })
    expect(await shards(opened)).toEqual(['contacts_1', 'contacts_42', ...ahead])
    const second = await opened.json(['rotate', 'run'])
    expect(second.answer).toMatchObject({ families: [{ state: 'nothing-to-do' }, { state: 'nothing-to-do' }] })
    expect(await opened.run(['rotate', 'run', '--quiet'])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
  })

  test.each([
    ['-7', 'BIGINT', 'is not a shard key'],
    ['../`x', 'VARCHAR(100)', 'does not hold shard keys'],
  ])('2: the key %s of a %s is refused with a sentence; the other family is made', async (key, type, sentence) => {
    const opened = await withInstances([key], type)
    const { exitCode, stdout } = await opened.run(['rotate', 'run'])
    expect(exitCode).toBe(2)
    expect(stdout).toContain(sentence)
    expect(await shards(opened)).toEqual(ahead)
  })

  test('four at once: they wait for each other, and each table is made once', async () => {
    const opened = await withInstances(['1', '2'])
    const runs = await Promise.all(Array.from({ length: 4 }, () => opened.json(['rotate', 'run'])))
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
    const made = runs.flatMap(({ answer }) => JSON.stringify(answer).match(/"created":\[[^\]]+\]/g) ?? [])
    expect(made).toHaveLength(2)
    expect(await shards(opened)).toEqual(['contacts_1', 'contacts_2', ...ahead])
  })

  test('75: another run holds the lock, and nothing was made', async () => {
    const opened = await withInstances([])
    const holder = await createConnection({ uri: opened.url })
    try {
      await holder.query('SELECT GET_LOCK(?, 0)', [nameLock(opened.schema('app'))])
      const busy = await opened.json(['rotate', 'run', '--lock-timeout', '0s'])
      expect(busy).toMatchObject({
        exitCode: 75,
        answer: { families: [{ state: 'not-started' }, { code: 'LOCK_HELD' }] },
      })
      expect(await shards(opened)).toEqual([])
    } finally {
      await holder.end()
    }
  })

  test('2: more than the share waits for --yes; what is ahead does not', async () => {
    const opened = await withInstances([])
    const old = [-9, -8, -7, -6].map((count) => monthFromNow(count).table)
    // Younger than the policy's two months: holes that are filled.
    const kept = [-2, -1].map((count) => monthFromNow(count).table)
    for (const table of old)
      await opened.query(
        `CREATE TABLE ${table} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARCHAR(100))`,
      )
    for (const _ of ['adopt', 'seal']) expect((await opened.run(['rotate', 'run'])).exitCode).toBe(0)
    const refused = await opened.run(['rotate', 'run', '--no-input'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stdout).toMatch(/4 of the 9 live shards of `messages` on hold: more than its limit of 25%/)
    expect(refused.stdout).toContain('--yes')
    expect(await shards(opened)).toEqual([...old, ...kept, ...ahead])
    expect((await opened.run(['rotate', 'run', '--yes'])).exitCode).toBe(0)
    const after = await shards(opened)
    expect(after.filter((table) => table.startsWith('_hold_'))).toHaveLength(4)
    expect(after.filter((table) => table.startsWith('messages_'))).toEqual([...kept, ...ahead])
  })

  test('78: no template, no rotation', async () => {
    const { run } = await stage()
    const refused = await run(['rotate', 'run'])
    expect(refused.exitCode).toBe(78)
    expect(refused.stderr).toContain('There are no shard families.')
  })
})

describe('wwdb rotate run with one of several servers down', () => {
  const other = month.replaceAll('messages', 'orders')
  const keyedByOther = keyed.replace('app.instances', 'other.instances').replace('contacts_', 'groups_')

  /** `app` is on a server that runs, `other` on one that does not. */
  async function openHalf(): Promise<Stage> {
    const opened = await stage({
      databases: ['app', 'other'],
      files: {
        'shard-templates/app/messages.sql': month,
        'shard-templates/app/groups.sql': keyedByOther,
        'shard-templates/other/orders.sql': other,
      },
      configuration: { databases: { app: {}, other: { url: 'mysql://root@127.0.0.1:1' } } },
    })
    return opened
  }

  test('69: families on the other servers are rotated, and the family of that server is not reached', async () => {
    const opened = await openHalf()
    const { exitCode, stdout } = await opened.run(['rotate', 'run', '--family', 'messages', '--family', 'orders'])
    expect(exitCode, stdout).toBe(69)
    expect(await shards(opened)).toEqual(ahead)
    expect(stdout).toMatch(/messages .*done/)
    expect(stdout).toMatch(/orders .*not reached/)
    expect(stdout).toContain('1 not reached')
    const { answer } = await opened.json(['rotate', 'run', '--family', 'messages', '--family', 'orders'])
    expect(answer).toMatchObject({
      exitCode: 69,
      families: [
        { family: 'messages', state: 'nothing-to-do', fault: null },
        { family: 'orders', state: 'not-reached', code: 'UNREACHABLE', created: [] },
      ],
    })
  })

  test('69: so is a family whose keys are on that server; the plan shows the same', async () => {
    const opened = await openHalf()
    const { answer } = await opened.json(['rotate', 'run'])
    expect(answer).toMatchObject({ exitCode: 69 })
    const families = answer['families'] as readonly { readonly family: string; readonly state: string }[]
    expect(Object.fromEntries(families.map(({ family, state }) => [family, state]))).toEqual({
      messages: 'done',
      groups: 'not-reached',
      orders: 'not-reached',
    })
    expect(await shards(opened)).toEqual(ahead)
    const plan = await opened.json(['rotate', 'plan'])
    expect(plan.answer).toMatchObject({ exitCode: 69 })
  })

  test('2: a failure on another server decides the exit code', async () => {
    const opened = await openHalf()
    await opened.query(`CREATE VIEW ${ahead[0]} AS SELECT 1 AS id`)
    opened.write('shard-templates/app/messages.sql', month.replace('(id BIGINT', '(id NO_SUCH_TYPE'))
    const { exitCode } = await opened.run(['rotate', 'run'])
    expect(exitCode).toBe(2)
  })
})

describe('single shards', () => {
  test('create, hold, restore and release, each in the registry with its reason', async () => {
    const opened = await withInstances([])
    const { key, table } = monthFromNow(-9)
    expect((await opened.run(['shards', 'create', '--family', 'messages', '--key', key])).exitCode).toBe(0)
    await opened.query(`INSERT INTO ${table} (body) VALUES ('kept')`)
    await opened.run(['rotate', 'run'])
    await opened.run(['rotate', 'run'])
    const held = (await shards(opened)).find((name) => name.startsWith('_hold_'))
    expect(held).toBeDefined()
    const refused = await opened.run(['shards', 'create', '--family', 'messages', '--key', key])
    expect(refused.exitCode).toBe(2)
    expect(refused.stdout).toContain(`wwdb shards restore --family messages --key ${key}`)
    expect((await opened.run(['shards', 'restore', '--family', 'messages', '--key', key])).exitCode).toBe(0)
    expect(await opened.query(`SELECT body FROM ${table}`)).toEqual([['kept']])
    await opened.run(['rotate', 'run'])
    expect(await shards(opened)).toContain(table)
    const unprotected = await opened.run([
      'shards',
      'unprotect',
      '--family',
      'messages',
      '--key',
      key,
      '--reason',
      'done',
    ])
    expect(unprotected).toMatchObject({ exitCode: 0 })
    expect(await opened.query(`SELECT protected_reason FROM wwdb_shards WHERE table_name = '${table}'`)).toEqual([
      [null],
    ])
    const kept = await opened.run(['shards', 'protect', '--family', 'messages', '--key', key, '--reason', 'case 117'])
    expect(kept.exitCode).toBe(0)
    expect(await opened.query(`SELECT protected_reason FROM wwdb_shards WHERE table_name = '${table}'`)).toEqual([
      ['case 117'],
    ])
  })

  test.each([
    [['create', '--family', 'contacts', '--key', '1`; DROP TABLE x'], 64, 'is not a shard key'],
    [['create', '--family', 'contacts', '--key', '9'.repeat(65)], 64, 'is not a shard key'],
    [['create', '--family', 'messages', '--key', '2026-13'], 64, 'is not a valid month'],
    [['create', '--family', 'contacts'], 64, 'No shard of `contacts` is given.'],
    [['create', '--key', '1'], 64, 'No family is given.'],
    [['create', '--family', 'contcts', '--key', '1'], 64, 'Did you mean `contacts`?'],
    [['protect', '--family', 'messages', '--key', '2026-01'], 64, 'No reason is given.'],
    [
      ['protect', '--family', 'messages', '--key', '1999-01', '--reason', 'x'],
      2,
      '`messages_199901` cannot be changed.',
    ],
    [['restore', '--family', 'messages', '--key', '1999-01'], 2, 'The shard does not exist.'],
  ])('shards %j is refused with a sentence, and nothing is made', async (args, exitCode, sentence) => {
    const opened = await withInstances([])
    const refused = await opened.run(['shards', ...args])
    expect(refused.exitCode).toBe(exitCode)
    expect(refused.stdout + refused.stderr).toContain(sentence)
    expect(await shards(opened)).toEqual([])
  })
})
