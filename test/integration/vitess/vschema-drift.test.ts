import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const files = {
  'user_db/20260101000000_ids.sql': migration(
    "CREATE TABLE ids (id INT NOT NULL PRIMARY KEY, next_id BIGINT NOT NULL, cache BIGINT NOT NULL) COMMENT 'vitess_sequence';\nINSERT INTO ids (id, next_id, cache) VALUES (0, 1, 10);\nALTER VSCHEMA ADD SEQUENCE ids;",
  ),
  'message_db/20260102000000_letters.sql': `-- wwdb:requires user_db/20260101000000\n${migration(
    'CREATE TABLE letters (id BIGINT NOT NULL PRIMARY KEY, sender BIGINT NOT NULL);\nALTER VSCHEMA ON letters ADD VINDEX by_sender (sender) USING xxhash;\nALTER VSCHEMA ON letters ADD AUTO_INCREMENT id USING user_db.ids;',
  )}`,
}
const own = { vitess: { journal: 'user_db', ddlStrategy: 'direct' } }
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

async function openMigrated(configuration: object = {}): Promise<VitessStage> {
  const stage = await openVitessStage(openStage, vitess(), {
    files,
    configuration: { databases: { user_db: own, message_db: own }, ...configuration },
  })
  const run = await stage.run(['migrate', '--yes'])
  expect(run.exitCode, run.stderr).toBe(0)
  return stage
}

/** Once this vtgate shows it. */
async function byHand(stage: VitessStage, text: string, database = 'message_db'): Promise<void> {
  const shown = async () => {
    const named = await stage.ask('SHOW VSCHEMA VINDEXES', database)
    const own = await stage.ask('SHOW VSCHEMA VINDEXES ON letters', 'message_db').catch(() => [])
    const inserted = await stage.ask('VEXPLAIN PLAN INSERT INTO letters() VALUES ()', 'message_db').catch(() => [])
    const numbers = await stage.ask('VEXPLAIN PLAN SELECT NEXT VALUE FROM more', 'user_db').catch(() => [])
    return JSON.stringify([named, own, inserted, numbers])
  }
  const before = await shown()
  await stage.ask(text, database)
  await expect.poll(shown, { timeout: 20_000 }).not.toBe(before)
}

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('drift of a VSchema', () => {
  it('is none after a run, is named with exit code 1, and is taken back by ALTER VSCHEMA', {
    timeout: 180_000,
  }, async () => {
    const stage = await openMigrated()
    const none = await stage.run(['drift'])
    expect([none.exitCode, flat(none.stdout)], none.stderr).toEqual([
      0,
      expect.stringContaining(
        'No difference between live and recorded in 2 databases. Of the VSchema of `user_db`, `message_db`, vtgate does not show all, and this was not compared: lists of columns,',
      ),
    ])

    await stage.ask('ALTER TABLE letters ADD COLUMN code BIGINT NULL', 'message_db')
    await stage.ask('CREATE TABLE codes (code BIGINT NOT NULL PRIMARY KEY, keyspace_id VARBINARY(64))')
    await byHand(stage, 'ALTER VSCHEMA CREATE VINDEX by_more USING hash')
    await byHand(stage, 'ALTER VSCHEMA ON letters ADD VINDEX by_more (code)')
    await byHand(
      stage,
      'ALTER VSCHEMA CREATE VINDEX by_code USING consistent_lookup_unique WITH owner=letters, table=user_db.codes, `from`=code, `to`=keyspace_id',
    )
    await byHand(stage, 'ALTER VSCHEMA ON letters ADD VINDEX by_code (code)')
    await byHand(stage, 'ALTER VSCHEMA ON letters DROP AUTO_INCREMENT')
    await stage.ask(
      "CREATE TABLE more (id INT NOT NULL PRIMARY KEY, next_id BIGINT, cache BIGINT) COMMENT 'vitess_sequence'",
    )
    await byHand(stage, 'ALTER VSCHEMA ADD SEQUENCE more', 'user_db')
    const found = await stage.run(['drift'])
    const text = flat(found.stdout)
    expect([found.exitCode, text], found.stderr).toEqual([1, expect.stringContaining('7 objects of live differ')])
    for (const line of [
      'vschema more is not expected',
      'vindex by_more is not expected',
      'vschema letters: vindex by_more is not expected; vindex by_code is not expected; AUTO_INCREMENT (id from ids) is missing: vtgate numbers no new rows',
      'ALTER VSCHEMA ON `letters` ADD AUTO_INCREMENT `id` USING `user_db`.`ids`;',
      'ALTER VSCHEMA DROP SEQUENCE `more`;',
    ])
      expect(text).toContain(line)
    // Each INSERT names the columns of a vindex, and Vitess does not look who uses the table of a lookup vindex.
    const ordered = [
      'ALTER VSCHEMA ON `letters` DROP VINDEX `by_code`;',
      'ALTER VSCHEMA ON `letters` DROP VINDEX `by_more`;',
      'ALTER VSCHEMA DROP VINDEX `by_code`;',
      'ALTER VSCHEMA DROP VINDEX `by_more`;',
      'ALTER TABLE `letters` DROP COLUMN `code`;',
    ].map((line) => text.indexOf(line))
    expect(ordered).toEqual(ordered.filter((at) => at >= 0).toSorted((a, b) => a - b))

    const stopped = await stage.run(['drift', '--revert', '--yes', '--only', 'letters', '--only', 'by_more'])
    expect([stopped.exitCode, stopped.stderr]).toEqual([2, expect.stringContaining('DROP_VSCHEMA')])
    const allow = ['drop-vschema', 'drop-table', 'drop-column'].flatMap((code) => ['--allow', code])
    const reverted = await stage.run(['drift', '--revert', '--yes', ...allow])
    expect(reverted.exitCode, reverted.stdout + reverted.stderr).toBe(0)
    const after = await stage.run(['drift'])
    expect([after.exitCode, after.stdout], after.stderr).toEqual([0, expect.stringContaining('No difference')])
    await stage.ask('INSERT INTO letters (sender) VALUES (7)', 'message_db')
    expect(await stage.ask('SELECT id FROM letters', 'message_db')).toEqual([[1]])
  })

  it('is left to a person where rows would not be found any more', { timeout: 120_000 }, async () => {
    const stage = await openMigrated()
    stage.write(
      'user_db/20260103000000_codes.sql',
      migration('CREATE TABLE codes (sender BIGINT NOT NULL PRIMARY KEY, keyspace_id VARBINARY(64));'),
    )
    stage.write(
      'message_db/20260104000000_codes.sql',
      `-- wwdb:requires user_db/20260103000000\n${migration(
        'ALTER VSCHEMA CREATE VINDEX by_code USING consistent_lookup_unique WITH owner=letters, table=user_db.codes, `from`=id, `to`=keyspace_id;\nALTER VSCHEMA ON letters ADD VINDEX by_code (id);',
      )}`,
    )
    const run = await stage.run(['migrate', '--yes'])
    expect(run.exitCode, run.stderr).toBe(0)
    await byHand(stage, 'ALTER VSCHEMA ON letters DROP VINDEX by_code')
    const refused = await stage.run(['drift', '--revert', '--yes'])
    expect(refused.exitCode, refused.stdout + refused.stderr).not.toBe(0)
    expect(flat(refused.stderr)).toContain(
      '`letters` is to have the lookup vindex `by_code` (id), and the rows that were written without it have no entries in its table',
    )
    expect(flat(refused.stderr)).toContain('`vtctldclient LookupVindex create` fills that table')
    expect((await stage.ask('SHOW VSCHEMA VINDEXES ON letters', 'message_db')).map(([, name]) => name)).toEqual([
      'by_sender',
    ])
  })

  it('gives numbers back to a table that the VSchema of a keyspace that is not sharded has lost', {
    timeout: 120_000,
  }, async () => {
    const stage = await openMigrated()
    stage.write(
      'user_db/20260103000000_names.sql',
      migration(
        'CREATE TABLE names (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(9) NULL);\nALTER VSCHEMA ADD TABLE names;\nALTER VSCHEMA ON names ADD AUTO_INCREMENT id USING ids;',
      ),
    )
    const run = await stage.run(['migrate', '--yes'])
    expect(run.exitCode, run.stderr).toBe(0)
    await stage.ask('ALTER VSCHEMA DROP TABLE names')
    await expect
      .poll(async () => flat((await stage.run(['drift'])).stdout), { timeout: 20_000 })
      .toContain('vschema names is missing')
    const dump = await stage.run(['schema', 'dump', '-t', 'user_db'])
    expect(dump.stdout).not.toContain('ALTER VSCHEMA ON `names`')
    const reverted = await stage.run(['drift', '--revert', '--yes'])
    expect(reverted.exitCode, reverted.stdout + reverted.stderr).toBe(0)
    await stage.ask("INSERT INTO names (name) VALUES ('a')")
    expect((await stage.run(['schema', 'dump', '-t', 'user_db'])).stdout).toContain(
      'ALTER VSCHEMA ADD TABLE `names`;\n\nALTER VSCHEMA ON `names` ADD AUTO_INCREMENT `id` USING `user_db`.`ids`;',
    )
    expect((await stage.run(['drift'])).exitCode).toBe(0)
  })

  it('is kept as a migration for keyspaces, is ignored by name, and stops a run that changes the same', {
    timeout: 180_000,
  }, async () => {
    const stage = await openMigrated()
    await byHand(stage, 'ALTER VSCHEMA ON letters DROP AUTO_INCREMENT')
    stage.write(
      'message_db/20260103000000_more.sql',
      migration('ALTER VSCHEMA ON letters ADD AUTO_INCREMENT id USING user_db.ids;'),
    )
    const stopped = await stage.run(['migrate', '--yes'])
    expect([stopped.exitCode, flat(stopped.stderr)]).toEqual([
      2,
      expect.stringContaining(
        'The vschema `letters` of `message_db` was changed since the last run of wwdb: AUTO_INCREMENT (id from ids) is missing: vtgate numbers no new rows.',
      ),
    ])
    stage.write('message_db/20260103000000_more.sql', migration('ALTER TABLE letters ADD COLUMN note INT NULL;'))
    // The table itself was not changed by hand.
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    expect((await stage.run(['drift'])).exitCode).toBe(1)

    const config = JSON.parse(readFileSync(join(stage.folder, 'wwdb.config.json'), 'utf8'))
    const ignore = { letters: { reason: 'numbers by hand', until: '2099-12-31' } }
    stage.write('wwdb.config.json', JSON.stringify({ ...config, drift: { ignore } }))
    const ignored = await stage.run(['drift'])
    expect([ignored.exitCode, flat(ignored.stdout)], ignored.stderr).toEqual([
      0,
      expect.stringContaining('message_db: vschema letters is ignored until 2099-12-31: numbers by hand'),
    ])
    stage.write('wwdb.config.json', JSON.stringify(config))

    const accepted = await stage.run(['drift', '--accept', 'no_numbers', '--yes'])
    expect(accepted.exitCode, accepted.stdout + accepted.stderr).toBe(0)
    const [, name = ''] = /(message_db\/\d+_no_numbers\.sql)/.exec(accepted.stdout + accepted.stderr) ?? []
    expect(readFileSync(join(stage.folder, 'migrations', name), 'utf8')).toBe(
      '-- wwdb:when platform=vitess\n-- migrate:up\nALTER VSCHEMA ON `letters` DROP AUTO_INCREMENT;\n\n-- migrate:down\nALTER VSCHEMA ON `letters` ADD AUTO_INCREMENT `id` USING {{schema:user_db}}.`ids`;\n',
    )
    expect((await stage.run(['drift'])).exitCode).toBe(0)
    expect((await stage.run(['migrate', '--yes'])).stdout).toContain('with nothing to do')
  })

  it('is not compared with a record of an earlier wwdb, which is said, and is from the next run on', {
    timeout: 120_000,
  }, async () => {
    const stage = await openMigrated()
    await stage.ask("DELETE FROM wwdb_schema_message_db WHERE kind IN ('keyspace','vindex','vschema')")
    await stage.ask("UPDATE wwdb_schema_message_db SET fingerprint=NULL WHERE kind='journal'")
    await byHand(stage, 'ALTER VSCHEMA ON letters DROP AUTO_INCREMENT')
    const found = await stage.run(['drift'])
    expect([found.exitCode, flat(found.stdout)], found.stderr).toEqual([
      0,
      expect.stringContaining(
        'The VSchema of `message_db` was not compared: its record is of an earlier wwdb. The next run that changes the keyspace records it, and it is compared from then on.',
      ),
    ])
    stage.write('message_db/20260103000000_more.sql', migration('ALTER TABLE letters ADD COLUMN note INT NULL;'))
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    expect((await stage.run(['drift'])).exitCode).toBe(0)
    await byHand(stage, 'ALTER VSCHEMA ON letters ADD AUTO_INCREMENT id USING user_db.ids')
    expect((await stage.run(['drift'])).exitCode).toBe(1)
  })

  it('is printed by schema dump', { timeout: 120_000 }, async () => {
    const stage = await openMigrated()
    const dump = await stage.run(['schema', 'dump', '-t', 'message_db'])
    expect(dump.stdout, dump.stderr).toMatch(
      /^CREATE TABLE `letters`[^;]*;\n\nALTER VSCHEMA CREATE VINDEX `by_sender` USING `xxhash`;\n\nALTER VSCHEMA ON `letters` ADD VINDEX `by_sender` \(`sender`\);\n\nALTER VSCHEMA ON `letters` ADD AUTO_INCREMENT `id` USING `user_db`.`ids`;\n$/,
    )
    const json = JSON.parse((await stage.run(['schema', 'dump', '-t', 'message_db', '--as', 'json'])).stdout)
    expect(json[0].vschema).toEqual([
      { type: 'keyspace', name: 'message_db', isSharded: true, foreignKeyMode: expect.any(String) },
      { type: 'vindex', name: 'by_sender', kind: 'xxhash', params: '', owner: '' },
      expect.objectContaining({ type: 'vschema', name: 'letters' }),
    ])
  })
})
