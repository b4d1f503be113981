import { createHash } from 'node:crypto'
import { createConnection } from 'mysql2/promise'
import { beforeEach, expect, it } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'
import {
  familyFiles,
  makeSequence,
  month,
  tableOf,
  tablesOn,
  wholeLetters,
} from '../../helpers/vitess/letters-family.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const old = month(-3)
const own = tableOf(old)
const held = `held ${own}`

const rotate = ['rotate', 'run', '--yes']
const ofOld = ['--family', 'letters', '--key', old]
const protect = ['shards', 'protect', ...ofOld, '--reason', 'case-1']

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

async function run(stage: VitessStage, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await stage.run(args)
  expect([exitCode, stdout], stderr).toEqual([0, expect.anything()])
  return flat(stdout)
}

/** A shard with four rows that the next rotation drops. */
async function prepare(): Promise<VitessStage> {
  const stage = await openVitessStage(openStage, vitess(), {
    files: familyFiles('message_db'),
    ddlStrategy: 'direct',
    configuration: { rotation: { archive: 'archives' } },
  })
  await makeSequence(stage)
  await run(stage, ['shards', 'create', ...ofOld])
  for (const sender of [1, 2, 3, 4])
    await stage.ask(`INSERT INTO ${own} (sender, length) VALUES (${sender}, 1)`, 'message_db')
  for (let time = 0; time < 3; time += 1) await run(stage, rotate)
  expect(await stateOfOld(stage)).toEqual(['archived', null])
  await stage.ask("UPDATE wwdb_shards_message_db SET held_until='2020-01-01' WHERE hold_table IS NOT NULL")
  return stage
}

async function stateOfOld({ ask }: VitessStage): Promise<readonly unknown[] | undefined> {
  const rows = await ask(`SELECT state,protected_reason FROM wwdb_shards_message_db WHERE shard_key='${old}'`)
  return rows[0]
}

const holdOf = async ({ ask }: VitessStage): Promise<string> =>
  String((await ask(`SELECT hold_table FROM wwdb_shards_message_db WHERE shard_key='${old}'`))[0]?.[0])

/** The shards that have the table of the old shard on hold. */
const havingHeld = async (stage: VitessStage): Promise<readonly boolean[]> =>
  (await tablesOn(stage, 'message_db')).map((tables) => tables.includes(held))

/** Sends statements to the keyspace in one session. */
async function send(...statements: readonly string[]): Promise<string> {
  const connection = await createConnection({ uri: `${vitess().url}/message_db`, rowsAsArray: true })
  try {
    let last: unknown = null
    for (const statement of statements) [last] = await connection.query(statement)
    return Array.isArray(last) && Array.isArray(last[0]) ? String(last[0][0]) : ''
  } finally {
    await connection.end()
  }
}

/** The states of the migrations of a table, or of one of them. */
const migrationsOf = async (what: string): Promise<readonly string[]> => {
  const connection = await createConnection(`${vitess().url}/message_db`)
  try {
    const [rows] = await connection.query(`SHOW VITESS_MIGRATIONS`)
    return (Array.isArray(rows) ? rows : [])
      .filter((row) => [Reflect.get(row, 'mysql_table'), Reflect.get(row, 'migration_uuid')].includes(what))
      .map((row) => String(Reflect.get(row, 'migration_status')))
  } finally {
    await connection.end()
  }
}

/** As a run leaves it that was killed after -80 has dropped its table and before 80- has. Returns the migration of the DROP. */
async function dropOnFirst(stage: VitessStage): Promise<string> {
  const hold = await holdOf(stage)
  const text = `DROP TABLE IF EXISTS \`${hold}\``
  const [[id], [event]] = [
    (await stage.ask("SELECT checksum FROM wwdb_shard_families_message_db WHERE family=''"))[0] ?? [],
    (await stage.ask(`SELECT MAX(id) FROM wwdb_shard_events_message_db WHERE table_name='${own}'`))[0] ?? [],
  ]
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32)
  await stage.ask(`UPDATE wwdb_shards_message_db SET state='dropping' WHERE shard_key='${old}'`)
  const uuid = await send(
    `SET @@migration_context='wwdb:${id}:shard:${event}:${hash}:0'`,
    "SET @@ddl_strategy='mysql --postpone-launch'",
    text,
  )
  await send(`ALTER VITESS_MIGRATION '${uuid}' LAUNCH VITESS_SHARDS '-80'`)
  await expect.poll(() => havingHeld(stage), { timeout: 60_000 }).toEqual([false, true])
  await expect.poll(() => migrationsOf(uuid)).toContain('complete')
  return uuid
}

describeVitess('a drop in a keyspace that did not come to its end', () => {
  it('is canceled where Vitess still has it, before the shard is protected, and comes too late afterwards', {
    timeout: 300_000,
  }, async () => {
    const stage = await prepare()
    const hold = await holdOf(stage)
    // Plain DDL waits behind it.
    await send(
      "SET @@ddl_strategy='vitess --postpone-completion'",
      `ALTER TABLE ${tableOf(month(0))} ADD COLUMN seen INT`,
    )
    const running = stage.start(rotate)
    await expect.poll(() => migrationsOf(hold), { timeout: 90_000, interval: 50 }).toHaveLength(2)
    running.child.kill('SIGKILL')
    await running.ended
    expect(await stateOfOld(stage)).toEqual(['dropping', null])
    await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)')

    await run(stage, protect)
    expect(await stateOfOld(stage)).toEqual(['archived', 'case-1'])
    expect(await migrationsOf(hold)).toEqual(['cancelled', 'cancelled'])
    await send('ALTER VITESS_MIGRATION CANCEL ALL')
    // As a run sends it that was paused meanwhile and has lost its lease.
    await send("SET @@ddl_strategy='direct'", `DROP TABLE IF EXISTS \`${hold}\``)
    expect(await havingHeld(stage)).toEqual([true, true])
    await run(stage, rotate)
    expect(await stateOfOld(stage)).toEqual(['archived', 'case-1'])
    await run(stage, ['shards', 'restore', ...ofOld])
    expect(await stage.ask(`SELECT COUNT(*) FROM ${own}`, 'message_db')).toEqual([[4]])
  })

  it('is not ended by another command than `rotate run`, and comes back on the shard that has carried it out', {
    timeout: 300_000,
  }, async () => {
    const stage = await prepare()
    const uuid = await dropOnFirst(stage)
    for (const args of [protect, ['shards', 'restore', ...ofOld]]) {
      const stopped = await stage.run(args)
      const said = flat(stopped.stdout + stopped.stderr)
      expect([stopped.exitCode, said]).toEqual([2, expect.stringContaining('was dropped on shard -80 alone')])
      expect(said).toContain(`REVERT VITESS_MIGRATION '${uuid}'`)
      expect(await havingHeld(stage)).toEqual([false, true])
    }
    expect(await stateOfOld(stage)).toEqual(['dropping', null])
    await run(stage, ['shards', 'protect', '--family', 'letters', '--key', month(0), '--reason', 'another one'])

    await send("SET @@ddl_strategy='vitess'", `REVERT VITESS_MIGRATION '${uuid}'`)
    await expect.poll(() => havingHeld(stage), { timeout: 60_000 }).toEqual([true, true])
    await run(stage, protect)
    await run(stage, rotate)
    expect(await stateOfOld(stage)).toEqual(['archived', 'case-1'])
    await run(stage, ['shards', 'restore', ...ofOld])
    expect(await stage.ask(`SELECT COUNT(*) FROM ${own}`, 'message_db')).toEqual([[4]])
  })

  it('is ended by `rotate run` after the shards of the next months are made, unless the shard is protected', {
    timeout: 300_000,
  }, async () => {
    const stage = await prepare()
    await dropOnFirst(stage)
    await stage.ask(
      `UPDATE wwdb_shards_message_db SET protected_reason='case-1',protected_by='a',protected_at=NOW() WHERE shard_key='${old}'`,
    )
    stage.write(
      'shard-templates/message_db/letters.sql',
      (familyFiles('message_db')['shard-templates/message_db/letters.sql'] ?? '').replace('premake 1', 'premake 2'),
    )
    const stopped = await stage.run(rotate)
    const said = flat(stopped.stdout + stopped.stderr)
    expect([stopped.exitCode, said]).toEqual([2, expect.stringContaining('was dropped on shard -80 alone')])
    expect(said).not.toContain('had not been dropped')
    expect((await tablesOn(stage, 'message_db')).map((tables) => tables.includes(tableOf(month(2))))).toEqual([
      true,
      true,
    ])
    expect(await havingHeld(stage)).toEqual([false, true])

    await stage.ask(
      `UPDATE wwdb_shards_message_db SET protected_reason=NULL,protected_by=NULL,protected_at=NULL WHERE shard_key='${old}'`,
    )
    expect(await run(stage, rotate)).toContain(own)
    expect(await stateOfOld(stage)).toEqual(['dropped', null])
    expect(await havingHeld(stage)).toEqual([false, false])
    await run(stage, rotate)
  })

  it('is named by `rotate run`, `shards check` and `status` where the family has no template any more', {
    timeout: 300_000,
  }, async () => {
    const stage = await prepare()
    await dropOnFirst(stage)
    const [path = '', letters = ''] = Object.entries(familyFiles('message_db'))[0] ?? []
    stage.remove(path)
    const status = await stage.run(['status', '--exit-code', '-t', 'message_db'])
    expect([status.exitCode, flat(status.stdout)], status.stderr).toEqual([
      1,
      expect.stringContaining('was dropped on shard -80 alone'),
    ])

    // A family of its own, as nothing is rotated in a database without any.
    stage.write(
      path.replace('letters', 'cards'),
      letters.replaceAll('letters_{', 'cards_{').replaceAll('length', 'height'),
    )
    const check = await stage.run(['shards', 'check'])
    expect([check.exitCode, flat(check.stdout)], check.stderr).toEqual([
      1,
      expect.stringContaining('was dropped on shard -80 alone'),
    ])
    const rotated = await stage.run(rotate)
    const said = flat(rotated.stdout + rotated.stderr)
    expect([rotated.exitCode, said]).toEqual([2, expect.stringContaining('was dropped on shard -80 alone')])
    expect(said).toContain('No template names the family `letters` any more')
    expect(await havingHeld(stage)).toEqual([false, true])
    const cards = await stage.onShards("SHOW TABLES LIKE 'cards\\_2%'", 'message_db')
    expect(cards.map((tables) => tables.length)).toEqual([2, 2])

    stage.write(path, letters)
    expect(await run(stage, rotate)).toContain(own)
    expect(await stateOfOld(stage)).toEqual(['dropped', null])
  })

  it('is named in a database in which no family is left, and is called dropped once every shard has carried it out', {
    timeout: 300_000,
  }, async () => {
    const stage = await prepare()
    await dropOnFirst(stage)
    const [path = ''] = Object.keys(familyFiles('message_db'))
    stage.remove(path)
    stage.write('shard-templates/user_db/cards.sql', wholeLetters.replace('letters_{', 'cards_{'))
    const check = await stage.run(['shards', 'check'])
    expect([check.exitCode, flat(check.stdout)], check.stderr).toEqual([
      1,
      expect.stringContaining('was dropped on shard -80 alone'),
    ])
    const rotated = await stage.run(rotate)
    const said = flat(rotated.stdout + rotated.stderr)
    expect([rotated.exitCode, said]).toEqual([2, expect.stringContaining('was dropped on shard -80 alone')])
    expect(said).toContain('No template names the family `letters` any more')
    expect(await stage.ask("SHOW TABLES LIKE 'cards\\_2%'")).toHaveLength(2)
    expect(await stateOfOld(stage)).toEqual(['dropping', null])

    await send("SET @@ddl_strategy='direct'", `DROP TABLE IF EXISTS \`${await holdOf(stage)}\``)
    await expect.poll(() => havingHeld(stage), { timeout: 60_000 }).toEqual([false, false])
    expect(await run(stage, rotate)).toContain(`\`${own}\` had been dropped when an earlier run ended`)
    expect(await stateOfOld(stage)).toEqual(['dropped', null])
    expect(await run(stage, ['shards', 'check'])).toContain('nothing is wrong')
  })
})
