import { beforeEach, expect, it } from 'vitest'
import { chooseSeed, isSoak, longest, randomFrom } from '../helpers/tool/seed.ts'
import { withStages } from '../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess(['user_db/0', 'message_db/-80', 'message_db/80-', 'monitor_db/0'])
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

const numbers = Array.from({ length: 400 }, (_, n) => n)
const rows = (title: string, count: number): string =>
  `table: people\nkey: id\nrows:\n${numbers
    .slice(0, count)
    .map((n) => `  - { id: ${n}, title: ${title} }\n`)
    .join('')}`
/** Its UPDATE changes rows that are there as well as those that its INSERT makes. */
const program = (title: string): string =>
  `INSERT INTO notes (id, title) VALUES ${numbers
    .slice(0, 40)
    .map((n) => `(${n}, '${title}')`)
    .join(', ')} ON DUPLICATE KEY UPDATE title = VALUES(title);\nUPDATE notes SET level = ${title.slice(5)};\n`
const only = ['-t', 'message_db']

/** Kills a run at some moment after it has the lease. */
async function killDuring(stage: VitessStage, command: readonly string[], random: () => number): Promise<void> {
  const run = stage.start(command)
  let hasEnded = false
  void run.ended.then(() => {
    hasEnded = true
  })
  const isHeld = () => stage.ask("SELECT token FROM wwdb_lease WHERE owner<>''").catch(() => [])
  await expect.poll(async () => hasEnded || (await isHeld()).length > 0, { timeout: 30_000, interval: 5 }).toBe(true)
  await pause(random() * 600)
  run.child.kill('SIGKILL')
  await run.ended
  await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)').catch(() => undefined)
}

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('seeds of a sharded keyspace whose run is killed at any moment', () => {
  it('are as in their files after the next run, each row once', { timeout: longest }, async () => {
    const random = randomFrom(chooseSeed('kills of sharded seeds'))
    const stage = await openVitessStage(openStage, vitess(), { files: {}, ddlStrategy: 'direct' })
    await stage.ask('CREATE TABLE people (id BIGINT PRIMARY KEY, title VARCHAR(20) NOT NULL)', 'message_db')
    await stage.ask('ALTER VSCHEMA ON people ADD VINDEX by_id (id) USING xxhash', 'message_db')
    await stage.ask('CREATE TABLE notes (id BIGINT PRIMARY KEY, title VARCHAR(20), level BIGINT)', 'message_db')
    await stage.ask('ALTER VSCHEMA ON notes ADD VINDEX note_id (id) USING xxhash', 'message_db')
    const known = () => stage.ask('SELECT p.id FROM people p JOIN notes n ON n.id=p.id', 'message_db').catch(() => null)
    await expect.poll(known, { timeout: 20_000 }).toEqual([])
    for (let kill = 0; kill < (isSoak ? 40 : 6); kill += 1) {
      const [title, count] = [`title${kill}`, kill % 2 === 0 ? 400 : 300]
      stage.write('seeds/message_db/people.yaml', rows(title, count))
      stage.write('seeds/message_db/010_notes.sql', program(title))
      const command = ['seed', '--prune', '--yes', ...only]
      await killDuring(stage, command, random)
      // A tablet rolls back what a client that is gone has left.
      const next = await stage.run(command)
      expect(next.exitCode, `kill ${kill}: ${next.stdout}${next.stderr}`).toBe(0)
      // What the kill left between two commits was found, and not inserted: it stays.
      const found = await stage.ask(
        'SELECT COUNT(*),COUNT(DISTINCT id),MIN(title),MAX(title) FROM people WHERE id<300',
        'message_db',
      )
      expect(
        found.map((row) => row.map(String)),
        `kill ${kill}`,
      ).toEqual([['300', '300', title, title]])
      const notes = await stage.ask(
        'SELECT COUNT(*),MIN(title),MAX(title),MIN(level),MAX(level) FROM notes',
        'message_db',
      )
      expect(
        notes.map((row) => row.map(String)),
        `kill ${kill}`,
      ).toEqual([['40', title, title, `${kill}`, `${kill}`]])
      // What was cut off between two shards stays as a failed row.
      expect(
        await stage.ask("SELECT state FROM wwdb_journal_message_db WHERE state NOT IN ('closed','failed')"),
      ).toEqual([])
      expect((await stage.run(['seed', 'plan', '--exit-code', ...only])).exitCode, `kill ${kill}`).toBe(0)
    }
  })
})

describeVitess('a program of a keyspace beside that of the journal whose run is killed at any moment', () => {
  it('has counted once for each of its texts after the next run', { timeout: longest }, async () => {
    const random = randomFrom(chooseSeed('kills of seed programs'))
    const own = { vitess: { journal: 'user_db', ddlStrategy: 'direct' } }
    const databases = { user_db: own, message_db: own, monitor_db: own }
    const stage = await openVitessStage(openStage, vitess(), { files: {}, configuration: { databases } })
    await stage.ask('CREATE TABLE counted (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)', 'monitor_db')
    const insert = () => stage.ask('INSERT INTO counted VALUES (1, 0)', 'monitor_db').then(() => true, String)
    await expect.poll(insert, { timeout: 20_000 }).toBe(true)
    const command = ['seed', '-t', 'monitor_db']
    for (let kill = 0; kill < (isSoak ? 40 : 6); kill += 1) {
      const text = `UPDATE counted SET n = n + 1 WHERE id > ${-kill};\n`
      stage.write('seeds/monitor_db/010_count.sql', text)
      await killDuring(stage, command, random)
      const next = await stage.run(command)
      expect(next.exitCode, `kill ${kill}: ${next.stdout}${next.stderr}`).toBe(0)
      const [count] = await stage.ask('SELECT n FROM counted', 'monitor_db')
      expect(count?.map(Number), `kill ${kill}`).toEqual([kill + 1])
    }
  })
})
