import { beforeEach, expect, it } from 'vitest'
import { chooseSeed, isSoak, longest, randomFrom } from '../helpers/tool/seed.ts'
import { migration, withStages } from '../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
const command = ['migrate', '--yes', '--allow', 'DROP_TABLE', '--allow', 'DROP_COLUMN']
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

/** The run until it has nothing left to do, each time after the lease of the killed one has ended. What only a person can tell, `settle` tells. Returns how many it took. */
async function finish(stage: VitessStage, settle: (at: string) => Promise<'--ran' | '--not-run'>): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)').catch(() => undefined)
    const { exitCode, stdout, stderr } = await stage.run(command)
    if (exitCode === 0) return attempt
    const [, at] = /`wwdb repair --ran (\S+)`/.exec(stderr) ?? []
    expect(attempt, stdout + stderr).toBeLessThan(6)
    if (at === undefined) continue
    const settled = await stage.run(['repair', await settle(at), at, '--yes', '-t', String(at.split('/')[0])])
    expect(settled.exitCode, settled.stderr).toBe(0)
  }
}

const users = migration(
  'CREATE TABLE users (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL);\nINSERT INTO users (name) VALUES (1), (2);\nALTER TABLE users ADD COLUMN mail VARCHAR(100) NULL;\nINSERT INTO users (name) VALUES (3);',
)

/** Definitions of one table, and what it is after all of them. */
function chooseDefinitions(random: () => number) {
  const statements = ['CREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY)']
  const columns = ['id']
  const keys: string[] = []
  const one = (names: readonly string[]): string => names[Math.floor(random() * names.length)] ?? 'id'
  for (let n = 0; n < 5; n += 1) {
    const choice = random()
    const bare = columns.filter((name) => name !== 'id' && !keys.includes(name))
    if (choice < 0.2) {
      statements.push('DROP TABLE messages', `CREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY, m${n} INT NULL)`)
      columns.splice(1, columns.length, `m${n}`)
      keys.length = 0
    } else if (choice < 0.4 && bare.length > 0) {
      const name = one(bare)
      statements.push(`ALTER TABLE messages DROP COLUMN ${name}`)
      columns.splice(columns.indexOf(name), 1)
    } else if (choice < 0.6 && bare.length > 0) {
      const name = one(bare)
      statements.push(`ALTER TABLE messages ADD INDEX ${name} (${name})`)
      keys.push(name)
    } else {
      statements.push(`ALTER TABLE messages ADD COLUMN n${n} INT NULL`)
      columns.push(`n${n}`)
    }
  }
  const files = {
    'user_db/20260101000000_users.sql': users,
    'message_db/20260101000000_messages.sql': migration(`${statements.join(';\n')};`),
  }
  return { files, columns, keys: keys.toSorted() }
}

describeVitess('definitions of a run that is killed at any moment', () => {
  it('run once, whether wwdb is killed, or vtgate and every tablet', {
    timeout: longest,
  }, async () => {
    const random = randomFrom(chooseSeed('kills of Vitess'))
    const attempts = new Map<number, number>()
    for (let kill = 0; kill < (isSoak ? 30 : 2); kill += 1) {
      await clearKeyspaces(vitess())
      const { files, columns, keys } = chooseDefinitions(random)
      const stage = await openVitessStage(openStage, vitess(), {
        files,
        ddlStrategy: random() < 0.7 ? 'vitess' : 'direct',
      })
      const run = stage.start(command)
      await pause(random() * 9_000)
      // In turns, so that a run of everything sees both.
      const loss = kill % 2 === 0 ? 'wwdb' : 'vtgate and tablets'
      if (loss === 'wwdb') run.child.kill('SIGKILL')
      else await vitess().restart()
      await run.ended
      const runs = await finish(stage, async () => '--not-run')
      attempts.set(runs, (attempts.get(runs) ?? 0) + 1)
      const what = `kill ${kill} of ${loss}`
      expect(await stage.ask('SELECT name,mail FROM users ORDER BY id'), what).toEqual([
        ['1', null],
        ['2', null],
        ['3', null],
      ])
      const found = await stage.onShards('SHOW COLUMNS FROM messages', 'message_db')
      expect(
        found.map((rows) => rows.map(([name]) => name)),
        what,
      ).toEqual([columns, columns])
      const indexes = await stage.onShards("SHOW KEYS FROM messages WHERE Key_name<>'PRIMARY'", 'message_db')
      expect(
        indexes.map((rows) => rows.map((row) => row[2]).toSorted()),
        what,
      ).toEqual([keys, keys])
    }
    console.log('further runs, and how often so many were needed:', [...attempts].toSorted())
  })
})

/** Each row once, on shards other than that of the journal. */
const written = Array.from({ length: 25 }, (_, n) => n)
const data = {
  'user_db/20260101000000_notes.sql': migration(
    `CREATE TABLE notes (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL);\n${written.map((n) => `INSERT INTO notes (n) VALUES (${n});`).join('\n')}`,
  ),
  'message_db/20260101000000_letters.sql': migration(
    `CREATE TABLE letters (id BIGINT NOT NULL, n INT NOT NULL);\nALTER VSCHEMA ON letters ADD VINDEX by_id (id) USING xxhash;\n${written.map((n) => `INSERT INTO letters (id, n) VALUES (${n}, ${n}), (${n + 100}, ${n});`).join('\n')}`,
  ),
}

describeVitess('data of a run that is killed at any moment', () => {
  it('is written once, under the lease', { timeout: longest }, async () => {
    const random = randomFrom(chooseSeed('kills under the lease'))
    let kills = 0
    while (kills < (isSoak ? 30 : 3)) {
      await clearKeyspaces(vitess())
      const stage = await openVitessStage(openStage, vitess(), { files: data, ddlStrategy: 'direct' })
      // Several kills in one migration, each of a run that has begun to write.
      for (let more = 0; more < 3; more += 1, kills += 1) {
        const run = stage.start(command)
        let hasEnded = false
        void run.ended.then(() => {
          hasEnded = true
        })
        // A run that has nothing left to do, or must ask, takes no lease for long.
        const isHeld = () => stage.ask('SELECT token FROM wwdb_lease WHERE expires>UTC_TIMESTAMP(6)').catch(() => [])
        await expect.poll(async () => hasEnded || (await isHeld()).length > 0, { timeout: 30_000 }).toBe(true)
        await pause(random() * 2_500)
        run.child.kill('SIGKILL')
        await run.ended
        await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)').catch(() => undefined)
      }
      await finish(stage, async (at) => {
        // The statement at position 3 of the file is the first INSERT.
        const n = Number(/:(\d+)$/.exec(at)?.[1]) - 3
        const [[count] = [0]] = await stage.ask(`SELECT COUNT(*) FROM letters WHERE n=${n}`, 'message_db')
        return Number(count) === 0 ? '--not-run' : '--ran'
      })
      expect(await stage.ask('SELECT n,COUNT(*) FROM notes GROUP BY n ORDER BY n')).toEqual(written.map((n) => [n, 1]))
      expect(await stage.ask('SELECT n,COUNT(*) FROM letters GROUP BY n ORDER BY n', 'message_db')).toEqual(
        written.map((n) => [n, 2]),
      )
    }
  })
})
