import { beforeEach, expect, it } from 'vitest'
import { chooseSeed, isSoak, longest, randomFrom } from '../helpers/tool/seed.ts'
import { withStages } from '../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage } from '../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

const numbers = Array.from({ length: 400 }, (_, n) => n)
const rows = (title: string, count: number): string =>
  `table: people\nkey: id\nrows:\n${numbers
    .slice(0, count)
    .map((n) => `  - { id: ${n}, title: ${title} }\n`)
    .join('')}`
const only = ['-t', 'message_db']

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('seeds of a sharded keyspace whose run is killed at any moment', () => {
  it('are as in their files after the next run, each row once', { timeout: longest }, async () => {
    const random = randomFrom(chooseSeed('kills of sharded seeds'))
    const stage = await openVitessStage(openStage, vitess(), { files: {}, ddlStrategy: 'direct' })
    await stage.ask('CREATE TABLE people (id BIGINT PRIMARY KEY, title VARCHAR(20) NOT NULL)', 'message_db')
    await stage.ask('ALTER VSCHEMA ON people ADD VINDEX by_id (id) USING xxhash', 'message_db')
    const known = () => stage.ask('SELECT id FROM people', 'message_db').catch(() => null)
    await expect.poll(known, { timeout: 20_000 }).toEqual([])
    for (let kill = 0; kill < (isSoak ? 40 : 6); kill += 1) {
      const [title, count] = [`title${kill}`, kill % 2 === 0 ? 400 : 300]
      stage.write('seeds/message_db/people.yaml', rows(title, count))
      const command = ['seed', '--prune', '--yes', ...only]
      const run = stage.start(command)
      let hasEnded = false
      void run.ended.then(() => {
        hasEnded = true
      })
      const isHeld = () => stage.ask("SELECT token FROM wwdb_lease WHERE owner<>''").catch(() => [])
      await expect
        .poll(async () => hasEnded || (await isHeld()).length > 0, { timeout: 30_000, interval: 5 })
        .toBe(true)
      await pause(random() * 600)
      run.child.kill('SIGKILL')
      await run.ended
      await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)').catch(() => undefined)
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
      expect(await stage.ask("SELECT state FROM wwdb_journal_message_db WHERE state<>'closed'")).toEqual([])
      expect((await stage.run(['seed', 'plan', '--exit-code', ...only])).exitCode, `kill ${kill}`).toBe(0)
    }
  })
})
