import { createConnection } from 'mysql2/promise'
import { beforeEach, expect, it } from 'vitest'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import {
  familyFiles,
  makeSequence,
  month,
  shardedLetters,
  tableOf,
  tablesOn,
  wholeLetters,
} from '../../helpers/vitess/letters-family.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const [old, current, next] = [month(-3), month(0), month(1)] as const

const open = (keyspace: string, template: string): Promise<VitessStage> =>
  openVitessStage(openStage, vitess(), {
    files: familyFiles(keyspace, template),
    ddlStrategy: 'direct',
    configuration: { rotation: { archive: 'archives' } },
  })

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess.each([
  { keyspace: 'user_db', template: wholeLetters, shards: 1 },
  { keyspace: 'message_db', template: shardedLetters, shards: 2 },
])('a family by month in the keyspace $keyspace', ({ keyspace, template, shards }) => {
  const each = (tables: readonly string[]): readonly (readonly string[])[] =>
    Array.from({ length: shards }, () => tables.toSorted())
  const states = ({ ask }: VitessStage) => ask(`SELECT shard_key,state FROM wwdb_shards_${keyspace} ORDER BY shard_key`)

  async function prepare(): Promise<VitessStage> {
    const stage = await open(keyspace, template)
    if (shards > 1) await makeSequence(stage)
    return stage
  }

  it('is planned without a write, made ahead on each shard, and complete the second time', {
    timeout: 180_000,
  }, async () => {
    const stage = await prepare()
    const plan = await stage.run(['rotate', 'plan'])
    expect([plan.exitCode, plan.stdout], plan.stderr).toEqual([0, expect.stringContaining(tableOf(next))])
    expect(await tablesOn(stage, keyspace)).toEqual(each([]))
    expect(await stage.ask(`SHOW TABLES LIKE 'wwdb\\_shard%'`)).toEqual([])

    const run = await stage.run(['rotate', 'run'])
    expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('2 made')])
    expect(await tablesOn(stage, keyspace)).toEqual(each([tableOf(current), tableOf(next)]))
    expect(await states(stage)).toEqual([
      [current, 'live'],
      [next, 'live'],
    ])
    const runs = await stage.ask(`SELECT command,outcome FROM wwdb_runs_${keyspace}`)
    expect(runs).toEqual([['rotate run', 'done']])

    for (const sender of [1, 2, 3, 4])
      await stage.ask(`INSERT INTO ${tableOf(current)} (sender, length) VALUES (${sender}, 1)`, keyspace)
    const rows = await stage.ask(`SELECT COUNT(DISTINCT id) FROM ${tableOf(current)}`, keyspace)
    expect(rows).toEqual([[4]])

    const given = await stage.ask(`SHOW VITESS_MIGRATIONS FROM ${keyspace}`)
    const again = await stage.run(['rotate', 'run'])
    expect([again.exitCode, again.stdout]).toEqual([0, expect.not.stringContaining('made:')])
    expect(await stage.ask(`SHOW VITESS_MIGRATIONS FROM ${keyspace}`)).toHaveLength(given.length)
    const check = await stage.run(['shards', 'check'])
    expect([check.exitCode, check.stdout], check.stderr).toEqual([0, expect.stringContaining('letters')])
    const list = await stage.run(['shards', 'list'])
    expect([list.exitCode, list.stdout], list.stderr).toEqual([0, expect.stringContaining(tableOf(next))])
  })

  it('is sealed, put on hold, brought back, held again, archived and dropped; Vitess keeps what was dropped', {
    timeout: 300_000,
  }, async () => {
    const stage = await prepare()
    const made = await stage.run(['shards', 'create', '--family', 'letters', '--key', old])
    expect([made.exitCode, made.stdout], made.stderr).toEqual([0, expect.stringContaining(tableOf(old))])
    for (const sender of [1, 2, 3, 4])
      await stage.ask(
        `INSERT INTO ${tableOf(old)} (sender, body, length) VALUES (${sender}, '{"a": 1.50}', 1)`,
        keyspace,
      )
    const rotate = async (): Promise<void> => {
      const run = await stage.run(['rotate', 'run', '--yes'])
      expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.anything()])
    }
    const stateOfOld = async () => new Map((await states(stage)).map(([key, state]) => [key, state])).get(old)
    const held = `held ${tableOf(old)}`
    await rotate()
    expect(await stateOfOld()).toBe('sealed')
    await rotate()
    expect(await stateOfOld()).toBe('held')
    for (const tables of await tablesOn(stage, keyspace)) {
      expect(tables).toContain(held)
      expect(tables).not.toContain(tableOf(old))
    }

    const back = await stage.run(['shards', 'restore', '--family', 'letters', '--key', old])
    expect([back.exitCode, back.stdout], back.stderr).toEqual([0, expect.anything()])
    expect(await stage.ask(`SELECT COUNT(*) FROM ${tableOf(old)}`, keyspace)).toEqual([[4]])
    const free = ['shards', 'unprotect', '--family', 'letters', '--key', old, '--reason', 'seen']
    expect((await stage.run(free)).exitCode).toBe(0)
    await rotate()
    await rotate()
    expect(await stateOfOld()).toBe('held')

    await rotate()
    expect(await stateOfOld()).toBe('archived')
    const archived = await stage.ask(
      `SELECT archive_rows,archive_checksum=seal_checksum FROM wwdb_shards_${keyspace} WHERE shard_key='${old}'`,
    )
    expect(archived).toEqual([[4, 1]])
    await stage.ask(`UPDATE wwdb_shards_${keyspace} SET held_until='2020-01-01' WHERE shard_key='${old}'`)
    await rotate()
    expect(await stateOfOld()).toBe('dropped')
    for (const tables of await tablesOn(stage, keyspace)) expect(tables).not.toContain(held)
    const kept = await stage.onShards("SHOW TABLES LIKE '\\_vt\\_hld\\_%'", keyspace)
    expect(kept.every((tables) => tables.length > 0)).toBe(true)
    const gone = await stage.run(['shards', 'restore', '--family', 'letters', '--key', old])
    expect([gone.exitCode, flat(gone.stdout + gone.stderr)]).toEqual([
      2,
      expect.stringContaining('cannot be restored from its archive in the keyspace'),
    ])
    expect(await stateOfOld()).toBe('dropped')
    // Where the keyspace is not sharded, vtgate shows every table that it has found on the tablet.
    const known = (await stage.ask('SHOW VSCHEMA TABLES', keyspace)).map(([name]) => String(name))
    expect(known).toContain(tableOf(current))
    if (shards > 1) expect(known).not.toContain(tableOf(old))
  })
})

describeVitess('a family of letters in a sharded keyspace', () => {
  async function prepare(configuration: object = {}): Promise<VitessStage> {
    const stage = await openVitessStage(openStage, vitess(), {
      files: familyFiles('message_db'),
      ddlStrategy: 'direct',
      configuration: { rotation: { archive: 'archives' }, ...configuration },
    })
    await makeSequence(stage)
    return stage
  }
  const states = ({ ask }: VitessStage) => ask('SELECT shard_key,state FROM wwdb_shards_message_db ORDER BY shard_key')
  /** As a run leaves it that is killed between the definition and the registry. */
  const forget = async ({ ask }: VitessStage): Promise<void> => {
    await ask('DELETE FROM wwdb_shards_message_db')
    await ask('DELETE FROM wwdb_shard_events_message_db')
  }

  it('takes into the registry what Vitess has made for a run that was killed, and not what a person made', {
    timeout: 180_000,
  }, async () => {
    const stage = await prepare()
    expect((await stage.run(['rotate', 'run'])).exitCode).toBe(0)
    await forget(stage)
    await stage.ask(`CREATE TABLE ${tableOf(month(-1))} (id BIGINT NOT NULL PRIMARY KEY, sender BIGINT)`, 'message_db')
    const again = await stage.run(['rotate', 'run'])
    expect([again.exitCode, flat(again.stdout)], again.stderr).toEqual([0, expect.stringContaining('adopted')])
    expect(flat(again.stdout)).toContain('differs from its template: it is skipped and never retired')
    expect(await states(stage)).toEqual([
      [current, 'live'],
      [next, 'live'],
    ])
    const stranger = await stage.run(['rotate', 'run'])
    expect([stranger.exitCode, flat(stranger.stdout)], stranger.stderr).toEqual([
      0,
      expect.stringContaining('were not adopted'),
    ])
    expect(await states(stage)).toHaveLength(2)
  })

  it('is made again where a person has dropped it on every shard, and stops where one shard lacks it', {
    timeout: 180_000,
  }, async () => {
    const stage = await prepare()
    expect((await stage.run(['rotate', 'run'])).exitCode).toBe(0)
    const drop = async (place: string): Promise<void> => {
      const shard = await createConnection({ uri: `${vitess().shards.get(place)?.url}/vt_${place.replace('/', '_')}` })
      await shard.query(`DROP TABLE ${tableOf(next)}`)
      await shard.end()
    }
    await drop('message_db/80-')
    const check = await stage.run(['shards', 'check'])
    expect([check.exitCode, check.stdout], check.stderr).toEqual([1, expect.stringContaining(tableOf(next))])
    const stopped = await stage.run(['rotate', 'run'])
    expect([stopped.exitCode, flat(stopped.stdout + stopped.stderr)]).toEqual([
      2,
      expect.stringContaining('It is missing on shard 80-. It was dropped or renamed there.'),
    ])
    await drop('message_db/-80')
    for (let time = 0; time < 2; time += 1) {
      const run = await stage.run(['rotate', 'run'])
      expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('1 made')])
      expect(await tablesOn(stage, 'message_db')).toEqual(
        Array.from({ length: 2 }, () => [tableOf(current), tableOf(next)]),
      )
      await drop('message_db/80-')
      await drop('message_db/-80')
    }
  })

  it('has one shard of the keyspace behind: the next months are made, and where its rows may be is named', {
    timeout: 180_000,
  }, async () => {
    const stage = await prepare()
    expect((await stage.run(['rotate', 'run'])).exitCode).toBe(0)
    const on = async (place: string, sql: string): Promise<void> => {
      const shard = await createConnection({ uri: `${vitess().shards.get(place)?.url}/vt_${place.replace('/', '_')}` })
      await shard.query(sql)
      await shard.end()
    }
    const hold = `_hold_20261201_00000000_${tableOf(next)}`
    await on('message_db/80-', `RENAME TABLE ${tableOf(next)} TO ${hold}`)
    stage.write('shard-templates/message_db/letters.sql', shardedLetters.replace('premake 1', 'premake 2'))
    const stopped = await stage.run(['rotate', 'run'])
    const said = flat(stopped.stdout + stopped.stderr)
    expect([stopped.exitCode, said]).toEqual([2, expect.stringContaining(`RENAME TABLE ${hold} TO ${tableOf(next)}`)])
    const made = (await tablesOn(stage, 'message_db')).map((tables) => tables.includes(tableOf(month(2))))
    expect(made).toEqual([true, true])
    await on('message_db/80-', `RENAME TABLE ${hold} TO ${tableOf(next)}`)
    const again = await stage.run(['rotate', 'run'])
    expect([again.exitCode, again.stdout], again.stderr).toEqual([0, expect.anything()])

    await on('message_db/-80', `CREATE TABLE ${tableOf(month(3))} (id BIGINT NOT NULL PRIMARY KEY, sender BIGINT)`)
    const byHand = await stage.run(['shards', 'create', '--family', 'letters', '--key', month(3)])
    expect([byHand.exitCode, flat(byHand.stdout + byHand.stderr)]).toEqual([
      2,
      expect.stringContaining('It was on some shards before, and its definition there is another one'),
    ])
    expect((await states(stage)).map(([key]) => key)).toEqual([current, next, month(2)])
    const rows = await stage.run(['shards', 'check', '--rows'])
    expect([rows.exitCode, flat(rows.stdout + rows.stderr)]).toEqual([
      2,
      expect.stringContaining('Rows are not sampled in the keyspace `message_db`'),
    ])
  })

  it('is compared with its template on the server for scratch schemas, and is changed by its template for new shards alone', {
    timeout: 180_000,
  }, async () => {
    const own = {
      vitess: { journal: 'user_db', ddlStrategy: 'direct', scratchUrl: testServer().url.replace(/\/$/, '') },
    }
    const stage = await prepare({ databases: { user_db: own, message_db: own } })
    expect((await stage.run(['rotate', 'run'])).exitCode).toBe(0)
    for (const command of ['shards diff', 'template check', 'shards check --scratch']) {
      const same = await stage.run(command.split(' '))
      expect([same.exitCode, same.stdout], `${command}: ${same.stderr}`).toEqual([0, expect.anything()])
    }
    stage.write(
      'shard-templates/message_db/letters.sql',
      shardedLetters.replace('length INT,', 'length INT, seen INT,'),
    )
    const made = await stage.run(['shards', 'create', '--family', 'letters', '--key', month(2)])
    expect([made.exitCode, flat(made.stdout)], made.stderr).toEqual([0, expect.stringContaining('as version 2')])
    const columns = await stage.onShards(`SHOW COLUMNS FROM ${tableOf(month(2))} LIKE 'seen'`, 'message_db')
    expect(columns.map((rows) => rows.length)).toEqual([1, 1])
    const check = await stage.run(['shards', 'check'])
    expect([check.exitCode, flat(check.stdout)], check.stderr).toEqual([1, expect.stringContaining(tableOf(current))])

    await stage.ask(`INSERT INTO ${tableOf(current)} (sender, length) VALUES (1, 1)`, 'message_db')
    const located = await stage.run(['shards', 'locate', '--family', 'letters', '--key', current])
    expect([located.exitCode, located.stdout], located.stderr).toEqual([0, expect.stringContaining(tableOf(current))])
    const byId = await stage.run(['shards', 'locate', '--family', 'letters', '--id', '1'])
    expect([byId.exitCode, flat(byId.stderr)]).toEqual([64, expect.stringContaining('come from the sequence')])
    const repair = await stage.run(['shards', 'repair', '--yes'])
    expect([repair.exitCode, flat(repair.stderr)]).toEqual([2, expect.stringContaining('write them as a migration')])
    const protect = ['shards', 'protect', '--family', 'letters', '--key', current, '--reason', 'case-1']
    expect((await stage.run(protect)).exitCode).toBe(0)
    const reasons = await stage.ask(
      `SELECT protected_reason FROM wwdb_shard_events_message_db WHERE protected_reason IS NOT NULL`,
    )
    expect(reasons).toEqual([['case-1']])
  })

  it('is rotated by the schedule, and is no drift', { timeout: 180_000 }, async () => {
    const stage = await prepare({ rotation: { archive: 'archives', schedule: '17 * * * *' } })
    stage.write('message_db/20260101000000_a.sql', migration('CREATE TABLE plain (id BIGINT NOT NULL PRIMARY KEY);'))
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    const running = stage.start(['schedule', 'run', '--jitter', '0'])
    await expect.poll(() => states(stage).catch(() => []), { timeout: 60_000 }).toHaveLength(2)
    running.child.kill('SIGTERM')
    expect((await running.ended).exitCode).toBe(0)
    const drift = await stage.run(['drift', '-t', 'message_db'])
    expect([drift.exitCode, drift.stdout], drift.stderr).toEqual([0, expect.stringContaining('No difference')])
    await stage.ask('ALTER VSCHEMA ON plain ADD VINDEX by_hand (id) USING xxhash', 'message_db')
    const byHand = await stage.run(['drift', '-t', 'message_db'])
    expect([byHand.exitCode, byHand.stdout], byHand.stderr).toEqual([1, expect.stringContaining('by_hand')])
  })

  it('writes nothing to the registry where the lease was taken from the run', { timeout: 120_000 }, async () => {
    const stage = await prepare()
    expect((await stage.run(['rotate', 'run'])).exitCode).toBe(0)
    const before = await stage.ask('SELECT * FROM wwdb_shards_message_db ORDER BY shard_key')
    const server = await createConnection({ uri: `${vitess().shards.get('message_db/80-')?.url}/vt_message_db_80-` })
    try {
      await server.query('FLUSH TABLES WITH READ LOCK')
      const running = stage.run(['shards', 'create', '--family', 'letters', '--key', month(3)])
      await expect.poll(async () => (await tablesOn(stage, 'message_db'))[0], { timeout: 60_000 }).toHaveLength(3)
      await stage.ask("UPDATE wwdb_lease SET token=token+1,owner='',expires=UTC_TIMESTAMP(6) WHERE name='message_db'")
      await server.query('UNLOCK TABLES')
      const run = await running
      expect([run.exitCode, flat(run.stdout + run.stderr)]).toEqual([
        2,
        expect.stringContaining('The lease of `message_db` was lost'),
      ])
    } finally {
      await server.end()
    }
    expect(await stage.ask('SELECT * FROM wwdb_shards_message_db ORDER BY shard_key')).toEqual(before)
  })
})

describeVitess('a family that a keyspace has no place for', () => {
  it('is refused by name at planning', { timeout: 120_000 }, async () => {
    const lines = (without: string): string =>
      shardedLetters
        .split('\n')
        .filter((line) => !line.startsWith(without))
        .join('\n')
    for (const [template, why] of [
      [lines('-- wwdb:vindex'), 'would not know the shard of a row'],
      [lines('-- wwdb:sequence'), 'would count `AUTO_INCREMENT` by itself'],
      [
        shardedLetters.replace('-- wwdb:late', '-- wwdb:view letters_recent 2 periods\n-- wwdb:late'),
        'a view over several shards',
      ],
    ] as const) {
      const stage = await open('message_db', template)
      const plan = await stage.run(['rotate', 'plan'])
      expect([plan.exitCode, flat(plan.stdout + plan.stderr)]).toEqual([2, expect.stringContaining(why)])
      const run = await stage.run(['rotate', 'run'])
      expect([run.exitCode, flat(run.stdout + run.stderr)]).toEqual([2, expect.stringContaining(why)])
      expect(await tablesOn(stage, 'message_db')).toEqual([[], []])
    }
  })
})
