import { beforeEach, expect, test } from 'vitest'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
let stage: Stage

/** As a run leaves it that is killed before it closes the row of the baseline. */
beforeEach(async () => {
  const text = 'CREATE TABLE kept (id INT PRIMARY KEY);'
  stage = await openStage({ files: { 'app/0001_kept.sql': migration(text) } })
  await stage.query(text)
  expect(await stage.run(['baseline', '0001'])).toMatchObject({ exitCode: 0 })
  await stage.query('DROP TABLE wwdb_schema, wwdb_runs')
  await stage.query("DELETE FROM wwdb_journal WHERE kind='setting' AND version='record'")
  await stage.query("UPDATE wwdb_journal SET state='open', closed_at=NULL WHERE kind='baseline'")
})

const states = async () => stage.query("SELECT kind,state FROM wwdb_journal WHERE kind<>'setting'")

test.each(['baseline 0001', 'migrate', 'baseline 0001 --accept-drift'])(
  'a baseline that was killed with its row open is closed by `%s`, and its migration does not run',
  async (words) => {
    const again = await stage.run(words.split(' '))
    expect(again, again.stdout + again.stderr).toMatchObject({ exitCode: 0 })
    expect(await states()).toEqual([['baseline', 'closed']])
    for (const look of [['status', '--exit-code'], ['drift'], ['migrate']]) {
      const ended = await stage.run(look)
      expect(ended, `${look}: ${ended.stdout}${ended.stderr}`).toMatchObject({ exitCode: 0 })
    }
    expect(await states()).toEqual([['baseline', 'closed']])
  },
)
