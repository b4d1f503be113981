import { beforeEach, describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
/** The clock stands still: every answer comes in the same second. */
const now = Date.UTC(2026, 10, 28, 9)

describe.each(versionsInTurn(import.meta.url))('answers to drift in one second on MySQL %s', (version) => {
  let stage: Stage
  beforeEach(async () => {
    const { url } = await testServerOf(version)
    stage = await openStage({
      url,
      files: { 'app/20260101000000_a.sql': migration('CREATE TABLE a (id INT PRIMARY KEY);') },
    })
    await run('migrate')
  })

  async function run(...args: readonly string[]): Promise<void> {
    const ended = await stage.run(args, { now })
    expect(ended.exitCode, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(0)
  }

  async function versionsOfAnswers(): Promise<readonly unknown[]> {
    const rows = await stage.query(
      'SELECT DISTINCT version FROM wwdb_journal WHERE LENGTH(version) = 14 ORDER BY version',
    )
    return rows.map(([one]) => one)
  }

  test('each is a migration of its own: what the second one reverts is reverted', async () => {
    await stage.query('ALTER TABLE a ADD COLUMN first INT')
    await run('drift', '--revert', '--yes', '--allow', 'DROP_COLUMN')
    await stage.query('ALTER TABLE a ADD COLUMN second INT')
    await run('drift', '--revert', '--yes', '--allow', 'DROP_COLUMN')
    await run('drift')
    await stage.query('ALTER TABLE a ADD COLUMN third INT')
    await run('drift', '--accept', 'third', '--yes')
    await run('drift')
    await run('status', '--exit-code')
    expect(await versionsOfAnswers()).toEqual(['20260101000000', '20261128090000', '20261128090001', '20261128090002'])
  })

  test('a table that is brought back behind another one is brought back', async () => {
    for (const name of ['kept', 'other']) {
      await stage.query(`CREATE TABLE ${name} (id INT PRIMARY KEY)`)
      await stage.query(`INSERT INTO ${name} VALUES (1)`)
      await run('drift', '--revert', '--yes', '--only', name, '--confirm', name)
    }
    for (const name of ['kept', 'other']) await run('held', '--restore', name)
    expect(await stage.tables()).toEqual(['a', 'kept', 'other'])
    expect(new Set(await versionsOfAnswers()).size).toBe(5)
  })
})
