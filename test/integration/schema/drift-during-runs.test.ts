import { expect, test } from 'vitest'
import { migration, withStages } from '../../helpers/stage.ts'
import { openWireProxy } from '../../helpers/wire-proxy.ts'

const openStage = withStages()

test('drift by replay leaves a database out that a run changes between its look at the journal and its look at the tables', async () => {
  const stage = await openStage({
    files: { 'app/0001_a.sql': migration('CREATE TABLE a (id INT PRIMARY KEY);', 'DROP TABLE a;') },
  })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  stage.write('app/0002_b.sql', migration('CREATE TABLE b (id INT PRIMARY KEY);', 'DROP TABLE b;'))
  let ran = false
  const live = `information_schema.SCHEMATA WHERE SCHEMA_NAME='${stage.schema('app')}'`
  const proxy = await openWireProxy(Number(new URL(stage.url).port), async ({ text }, moment) => {
    if (moment === 'before' && !ran && text.includes(live)) {
      ran = true
      expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    }
    return 'pass'
  })
  const run = await stage.run(['drift', '--replay', '--url', `mysql://root@127.0.0.1:${proxy.port}`])
  await proxy.close()
  expect(ran).toBe(true)
  expect(run.exitCode, run.stdout + run.stderr).toBe(0)
  expect(run.stderr).toContain('`app` is left out: a run changed it meanwhile.')
  expect(await stage.run(['drift', '--replay'])).toMatchObject({ exitCode: 0, stderr: '' })
})
