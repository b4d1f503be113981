import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withStages } from '../helpers/tool/stage.ts'
import { listDiskPoints, runOnDisk } from './support/dying-disk.ts'

const openStage = withStages()

test('baseline --from-live that is killed half way in a file is finished by the next run', async () => {
  const stage = await openStage({ databases: ['user_db', 'app'] })
  for (const database of ['user_db', 'app']) await stage.query('CREATE TABLE kept (id INT PRIMARY KEY)', database)
  const args = ['baseline', '0001', '--from-live']
  const clear = async (): Promise<void> => {
    rmSync(join(stage.folder, 'migrations'), { recursive: true, force: true })
    for (const database of ['user_db', 'app'])
      await stage.query('DROP TABLE IF EXISTS wwdb_journal, wwdb_schema, wwdb_runs', database)
  }
  const whole = await runOnDisk(stage, args, null)
  expect(whole.run, whole.run.stderr).toMatchObject({ exitCode: 0 })
  const points = listDiskPoints(whole.writes).filter(({ moment }) => moment === 'half')
  expect(points).toHaveLength(2)
  for (const point of points) {
    await clear()
    const { run: killed } = await runOnDisk(stage, args, point)
    expect(killed, point.what).toMatchObject({ signal: 'SIGKILL' })
    const again = await stage.run(args)
    expect(again, point.what + again.stderr).toMatchObject({ exitCode: 0 })
    for (const words of [['status', '--exit-code'], ['validate'], ['drift', '--replay']])
      expect(await stage.run(words), words.join(' ')).toMatchObject({ exitCode: 0 })
  }
})
