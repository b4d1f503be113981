import { beforeAll, describe, expect, test } from 'vitest'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const template =
  '-- wwdb:period month\n-- wwdb:name notes_{YYYYMM}\n-- wwdb:late 0 days\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n'

/** What is found where runs stopped, files were edited and shards were touched by hand: the code, and what its sentence names. */
const cases: readonly (readonly [code: string, names: RegExp])[] = [
  ['run-stopped', /^Migration `0002_b` stopped after 1 of 2 statements\.$/],
  ['journal-differs', /0001_a/],
  ['shards-headroom', /^The shards of `notes` last for [\d,]+ hours more\.$/],
  ['shards-differ', /concerns? `notes`\.$/],
  ['rotation-doubt', /_hold_20260101_0123abcd_notes_202001/],
]

describe('wwdb doctor on databases whose runs stopped and whose shards were touched', () => {
  let stage: Stage
  let before: Awaited<ReturnType<typeof examine>>
  let found: Awaited<ReturnType<typeof examine>>

  beforeAll(async () => {
    stage = await openStage({
      files: {
        'app/0001_a.sql': tableMigration('a'),
        'shard-templates/app/notes.sql': template,
      },
      configuration: { rotation: { schedule: '17 * * * *', alertDelay: '2d' } },
    })
    await stage.run(['migrate'])
    await stage.run(['rotate', 'run'])
    // A key twice: no look at the schema can foresee that.
    await stage.query('INSERT INTO a VALUES (1), (2)')
    before = await examine(stage)
    stage.write(
      'app/0002_b.sql',
      migration('CREATE TABLE b (id INT PRIMARY KEY);\nINSERT INTO b SELECT 1 FROM a AS x;'),
    )
    const stopped = await stage.run(['migrate'])
    expect(stopped.exitCode, stopped.stderr).toBe(2)
    stage.write('app/0001_a.sql', tableMigration('a', '-- edited'))
    const [shard] = (await stage.tables()).filter((table) => table.startsWith('notes_'))
    await stage.query(`ALTER TABLE ${shard} ADD COLUMN extra INT`)
    await stage.query('CREATE TABLE _hold_20260101_0123abcd_notes_202001 (id INT PRIMARY KEY)')
    found = await examine(stage, [], { environment: { WWDB_ROTATION_ALERT_DELAY: '400d' } })
  }, 120_000)

  test.each(cases)('%s is found, by name', (code, names) => {
    const all = findingsOf(found.answer, code)
    expect(all.map(({ what }) => what)).toContainEqual(expect.stringMatching(names))
    expect(all[0]).toMatchObject({ where: { database: 'app' }, fix: expect.stringMatching(/\S \S/) })
    expect(found.exitCode).toBe(1)
  })

  test.each(cases)('%s is not found before', (code) => {
    expect(findingsOf(before.answer, code)).toEqual([])
  })
})
