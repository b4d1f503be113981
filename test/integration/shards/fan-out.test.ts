import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { type Database, openDatabase } from '../../chaos/support/database.ts'
import { createSchema, type TestSchema } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type FanOutProject, openFanOutProject, outcomeOf, things } from '../../helpers/shards/fan-out-project.ts'

const migration = `-- wwdb:shards things
-- migrate:up
ALTER TABLE {{table}} ADD COLUMN flag INT NOT NULL DEFAULT 0;
INSERT INTO {{table}} (id, flag) VALUES (1, 1);
-- migrate:down
DELETE FROM {{table}} WHERE id = 1;
ALTER TABLE {{table}} DROP COLUMN flag;
`
const template = 'shard-templates/app/things.sql'
const file = 'migrations/20260101000000_add_flag.sql'
const keys = Array.from({ length: 20 }, (_, index) => String(index + 1))
const versions = versionsInTurn(import.meta.url)

describe.each(versions)('on MySQL %s', (version) => {
  const closings: (() => Promise<void> | void)[] = []
  let schema: TestSchema
  let database: Database
  let project: FanOutProject

  beforeEach(async () => {
    schema = await createSchema('fan', await testServerOf(version))
    database = await openDatabase(schema.url)
    const folder = mkdtempSync(join(tmpdir(), 'wwdb-fan-out-'))
    project = openFanOutProject(schema.url, folder)
    const { drop } = schema
    const { close } = database
    closings.push(close, drop, () => rmSync(folder, { recursive: true }))
    project.write(template, things(''))
    await project.makeShards(keys)
  })
  afterAll(async () => {
    for (const close of closings) await close()
  })

  const addFlag = (): void => {
    project.write(template, things(',\n  flag INT NOT NULL DEFAULT 0'))
    project.write(file, migration)
  }
  const tablesWithFlag = async (): Promise<readonly string[]> =>
    (
      await database.rows(
        `SELECT TABLE_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='${schema.name}' AND COLUMN_NAME='flag'`,
      )
    ).map(([name]) => name ?? '')
  const registered = (): Promise<readonly (readonly (string | null)[])[]> =>
    database.rows('SELECT template_version,COUNT(*) FROM wwdb_shards GROUP BY 1 ORDER BY 1')
  const familyVersion = async (): Promise<string | null | undefined> =>
    (await database.rows("SELECT version FROM wwdb_shard_families WHERE family='things'"))[0]?.[0]

  test('a migration reaches every shard, once each, and gives the template its next version', async () => {
    addFlag()
    const done = await project.migrate()
    expect(outcomeOf(done)).toMatchObject({ state: 'done', fault: null })
    expect(await tablesWithFlag()).toHaveLength(20)
    expect(await database.rows('SELECT id,flag FROM things_7')).toEqual([['1', '1']])
    expect(await registered()).toEqual([['2', '20']])
    expect(await familyVersion()).toBe('2')
    expect(await database.rows('SELECT state,COUNT(*) FROM wwdb_shard_journal GROUP BY 1')).toEqual([['closed', '40']])
    expect(await database.rows('SELECT state,summary FROM wwdb_journal WHERE pass>0')).toEqual([
      ['closed', 'up on every shard of things'],
    ])
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'nothing-to-do' })
  })

  test('its plan says how many shards, shapes and how the server does it, and that the change was proven', async () => {
    await database.run('ALTER TABLE things_4 ADD COLUMN extra INT')
    addFlag()
    const plan = await project.plan()
    const step = plan.targets[0]?.steps[0]
    expect(step?.fanOut).toMatchObject({ family: 'things', version: 2, total: 20, done: 0, near: [], proven: true })
    expect(step?.fanOut?.shapes.map(({ shards }) => shards)).toEqual([19, 1])
    expect(step?.algorithms.get(0)).toBe('INSTANT')
    expect(await tablesWithFlag()).toEqual([])
  })

  test('a rollback takes it back everywhere and gives the template its earlier version', async () => {
    addFlag()
    await project.migrate()
    expect(outcomeOf(await project.rollback())).toMatchObject({ state: 'done' })
    expect(await tablesWithFlag()).toEqual([])
    expect(await familyVersion()).toBe('1')
    expect(await registered()).toEqual([['1', '20']])
    expect(await database.rows('SELECT COUNT(*) FROM wwdb_shard_changes')).toEqual([['0']])
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'done' })
    expect(await tablesWithFlag()).toHaveLength(20)
    expect(await registered()).toEqual([['2', '20']])
  })

  test('a template that says something else is refused line by line, before anything is done', async () => {
    project.write(template, things(',\n  flag BIGINT NOT NULL DEFAULT 0,\n  KEY idx_flag (flag)'))
    project.write(file, migration)
    const error: unknown = await project.migrate().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'TEMPLATE_DIFFERS' })
    expect(error).toMatchObject({
      faults: [
        { what: expect.stringContaining('20260101000000_add_flag does not produce shard-templates/app/things.sql') },
        {
          // MySQL 8.0.12 prints display widths.
          what: expect.stringMatching(
            /^The changed table differs in column `flag`: int\S* NOT NULL DEFAULT '0' instead of bigint\S* NOT NULL DEFAULT '0'\.$/,
          ),
          next: expect.stringMatching(/^Write in the template:\n`flag` int\S* NOT NULL DEFAULT '0'$/),
        },
        {
          what: 'The changed table lacks index `idx_flag`.',
          next: 'Remove the index `idx_flag` from the template.',
        },
      ],
    })
    expect(await tablesWithFlag()).toEqual([])
    expect(await familyVersion()).toBe('1')
  })

  /** The faults of what `template check` finds, and what each says to do. */
  const findings = async () => (await project.checkTemplates()).flatMap(({ faults }) => faults)
  const statementOf = (next = ''): string => next.slice(next.indexOf('ALTER TABLE'))

  test('one line that is forgotten in a wide template is named alone, and the run succeeds once it is in the file', async () => {
    await database.run('DROP TABLE wwdb_shards, wwdb_shard_families')
    const wide = Array.from({ length: 26 }, (_, index) => `,\n  wide_${index} INT`).join('')
    project.write(template, things(wide))
    await project.makeShards(['31'])
    await database.run(`DROP TABLE ${keys.map((key) => `things_${key}`).join()}`)
    project.write(file, migration)
    const [summary, forgotten, ...others] = await findings()
    expect(others).toEqual([])
    expect(forgotten?.what).toBe('The changed table has an extra column `flag`.')
    expect(statementOf(summary?.next)).toBe('ALTER TABLE `{{table}}`\n  DROP COLUMN `flag`;')
    const [lead, line] = (forgotten?.next ?? '').split(':\n')
    expect(lead).toBe('Add to the template, after the column `wide_25`')
    project.write(template, things(`${wide},\n  ${line}`))
    expect(await findings()).toEqual([])
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'done' })
    expect(await tablesWithFlag()).toEqual(['things_31'])
  })

  test('the statement that is printed for a template that was edited alone makes the same change', async () => {
    project.write(template, things(',\n  flag INT NOT NULL DEFAULT 0,\n  KEY idx_{{table}} (flag)'))
    const [summary, ...others] = await findings()
    expect(others.map(({ what }) => what)).toEqual([
      'Each shard lacks column `flag`.',
      'Each shard lacks index `idx_{{table}}`.',
    ])
    project.write(file, `-- wwdb:shards things\n-- migrate:up\n${statementOf(summary?.next)}\n`)
    expect(await findings()).toEqual([])
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'done' })
    expect(await tablesWithFlag()).toHaveLength(20)
  })

  test('a down part that forgets something is completed by the statement that its refusal prints', async () => {
    const forgetful = migration.replace('ALTER TABLE {{table}} DROP COLUMN flag;\n', '')
    project.write(template, things(',\n  flag INT NOT NULL DEFAULT 0'))
    project.write(file, forgetful)
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'done' })
    const error: unknown = await project.rollback().catch((thrown: unknown) => thrown)
    if (!(error instanceof ToolError)) throw error
    const [summary, ...others] = error.faults
    expect(others).toEqual([{ what: 'The changed table has an extra column `flag`.', where: summary?.where }])
    expect(summary?.next).toContain('Add to the down part of 20260101000000_add_flag:')
    project.write(file, `${forgetful}${statementOf(summary?.next)}\n`)
    expect(outcomeOf(await project.rollback())).toMatchObject({ state: 'done' })
    expect(await tablesWithFlag()).toEqual([])
  })

  test('template check proves what is pending, and says when a template was edited alone', async () => {
    const faultsOf = async (): Promise<readonly string[]> =>
      (await project.checkTemplates()).flatMap(({ faults }) => faults.map((fault) => fault.what))
    expect(await faultsOf()).toEqual([])
    project.write(template, things(',\n  flag INT NOT NULL DEFAULT 0'))
    expect(await faultsOf()).toEqual([
      expect.stringMatching(
        /things\.sql` was changed, but no migration applies the change to the shards of `things`\.$/,
      ),
      'Each shard lacks column `flag`.',
    ])
    project.write(file, migration)
    expect(await faultsOf()).toEqual([])
    project.write(file, migration.replace('flag INT', 'flag BIGINT'))
    expect((await faultsOf())[0]).toMatch(/^20260101000000_add_flag does not produce/)
  })

  test('validate names a family that has no template, without a server', async () => {
    project.write(file, migration.replace('wwdb:shards things', 'wwdb:shards thing'))
    expect(await project.validate()).toMatchObject([
      { what: expect.stringMatching(/names `?thing`?, which is not a shard family/) },
    ])
  })

  test('a shard that fails stops the run; the next one continues with what is left', async () => {
    await database.run('ALTER TABLE things_13 ADD COLUMN flag INT')
    addFlag()
    const failed = outcomeOf(await project.migrate())
    expect(failed).toMatchObject({ state: 'failed', code: 'FAN_OUT_INCOMPLETE' })
    expect(failed.fault?.what).toMatch(/^`20260101000000_add_flag` is complete on \d+ of 20 shards of things: 1 failed/)
    await database.run('ALTER TABLE things_13 DROP COLUMN flag')
    await project.makeShards(['21'])
    expect(await tablesWithFlag()).toContain('things_21')
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'done' })
    expect(await tablesWithFlag()).toHaveLength(21)
    expect(await registered()).toEqual([['2', '21']])
    expect(await database.rows('SELECT COUNT(*) FROM things_21')).toEqual([['0']])
    expect(await database.rows('SELECT COUNT(*) FROM things_13')).toEqual([['1']])
  })

  test('with an error budget the others are done; --failed-only tries the failed ones alone', async () => {
    await database.run('ALTER TABLE things_13 ADD COLUMN flag INT')
    addFlag()
    expect(outcomeOf(await project.migrate({ errorBudget: 3 }))).toMatchObject({ state: 'failed' })
    expect(await registered()).toEqual([
      ['1', '1'],
      ['2', '19'],
    ])
    expect((await project.status()).result).toMatchObject({
      targets: [{ migrations: [{ state: 'partial', shards: { done: 19, total: 20 } }] }],
    })
    project.events.length = 0
    await database.run('ALTER TABLE things_13 DROP COLUMN flag')
    expect(outcomeOf(await project.migrate({ failedOnly: true }))).toMatchObject({ state: 'done' })
    const begun = project.events.flatMap((event) => (event.type === 'shard-started' ? [event.table] : []))
    expect(begun).toEqual(['things_13'])
    expect(await registered()).toEqual([['2', '20']])
  })

  test('two pending migrations are proven together, and a shard is born with both from the first one on', async () => {
    project.write(template, things(',\n  flag INT NOT NULL DEFAULT 0,\n  note VARCHAR(20)'))
    project.write(file, migration)
    const second = 'ALTER TABLE {{table}} ADD COLUMN note VARCHAR(20);'
    project.write('migrations/20260102000000_add_note.sql', `-- wwdb:shards things\n-- migrate:up\n${second}\n`)
    expect(outcomeOf(await project.migrate({ steps: 1 }))).toMatchObject({ state: 'done' })
    expect(await familyVersion()).toBe('3')
    await project.makeShards(['21'])
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'done' })
    expect(await registered()).toEqual([['3', '21']])
  })

  test('a shard that was away is brought along by the next rotation', async () => {
    await database.run(
      "UPDATE wwdb_shards SET state='held',hold_table='x',held_at=NOW(),held_until=NOW() WHERE shard_key='5'",
    )
    await database.run('RENAME TABLE things_5 TO x')
    addFlag()
    expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'done' })
    await database.run('RENAME TABLE x TO things_5')
    await database.run(
      "UPDATE wwdb_shards SET state='live',hold_table=NULL,held_at=NULL,held_until=NULL WHERE shard_key='5'",
    )
    expect(await tablesWithFlag()).not.toContain('things_5')
    // Rotation goes by the keys that are there.
    await database.run('CREATE TABLE owners (id INT PRIMARY KEY)')
    await database.run("INSERT INTO owners SELECT CAST(shard_key AS SIGNED) FROM wwdb_shards WHERE state='live'")
    const { result, exitCode } = await project.rotate()
    await database.run('DROP TABLE owners')
    expect({ result, exitCode }).toMatchObject({ exitCode: 0 })
    expect(await tablesWithFlag()).toContain('things_5')
    expect(await database.rows('SELECT id,flag FROM things_5')).toEqual([['1', '1']])
    expect(await registered()).toEqual([['2', '20']])
  })

  test('tables that look like shards and are unknown to the registry stop it', async () => {
    await database.run('CREATE TABLE things_99 (id INT PRIMARY KEY)')
    addFlag()
    await expect(project.migrate()).rejects.toMatchObject({ code: 'SHARD_UNKNOWN' })
  })

  test('a family that does not exist is named', async () => {
    project.write(file, migration.replace('wwdb:shards things', 'wwdb:shards thing'))
    const error: unknown = await project.migrate().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'UNKNOWN_FAMILY',
      faults: [{ next: expect.stringContaining('Did you mean `things`?') }],
    })
  })
})

test('a shard that is near the end of its instant changes of columns is named by the plan', async () => {
  const schema = await createSchema('fan', await testServerOf('9.7'))
  const database = await openDatabase(schema.url)
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-fan-out-'))
  try {
    const project = openFanOutProject(schema.url, folder)
    project.write(template, things(''))
    await project.makeShards(['1', '2'])
    // 252 of the 255 that MySQL has since 9.1.
    const once = ['ADD COLUMN x INT', 'DROP COLUMN x'].map((what) => `ALTER TABLE things_2 ${what}, ALGORITHM=INSTANT`)
    for (let round = 0; round < 126; round += 1) await database.run(once.join(';'))
    project.write(template, things(',\n  flag INT NOT NULL DEFAULT 0'))
    project.write(file, migration)
    const step = (await project.plan()).targets[0]?.steps[0]
    expect(step?.fanOut?.near).toEqual([{ table: 'things_2', used: 252, limit: 255 }])
  } finally {
    await database.close()
    await schema.drop()
    rmSync(folder, { recursive: true })
  }
})
