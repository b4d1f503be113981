// How a run over many targets begins and ends: its canary, the time at which it stops, and flags that are about one run.
import { expect, it } from 'vitest'
import { names, tenants, withTenants } from '../../helpers/migrations/tenants.ts'
import { migration } from '../../helpers/tool/stage.ts'

const openTenants = withTenants()
const unforeseen = ['--no-probe', '--trial', 'off']

it('a new target that has everything does not stand for those with rows: they have a canary of their own', async () => {
  const list = names(3)
  const stage = await openTenants([...list, 'fresh'], { targets: { list: [...list, 'fresh'], canary: 1 } })
  for (const name of list) await stage.run(['migrate', '--target', `tenant_db/${stage.schema(name)}`])
  for (const name of list) await stage.query('INSERT INTO notes VALUES (1),(2)', name)
  stage.write(
    'tenant_db/0002_key.sql',
    migration('ALTER TABLE notes ADD COLUMN k INT NOT NULL;\nALTER TABLE notes ADD UNIQUE KEY u (k);'),
  )
  await stage.run(['migrate', '--target', `tenant_db/${stage.schema('fresh')}`])
  const { answer } = await stage.json(['migrate', ...tenants, ...unforeseen, '--error-budget', '9'])
  expect(answer).toMatchObject({ end: 'canary-failed', counts: { failed: 1, nothingToDo: 1 }, notStarted: 2 })
})

it('begins no target behind the time of --stop-at, and refuses to kill as many sessions for each target', async () => {
  const list = names(2)
  const stage = await openTenants(list, { targets: { list }, more: { guard: { kill: { users: ['app'] } } } })
  const { answer, run } = await stage.json(['migrate', ...tenants, '--stop-at', '2020-01-01T00:00:00Z'])
  expect(answer).toMatchObject({ exitCode: 2, end: 'stopped', notStarted: 2, counts: { done: 0, failed: 0 } })
  expect(run.exitCode).toBe(2)
  const killing = await stage.json(['migrate', ...tenants, '--kill-blockers', '--yes'])
  expect(killing.answer).toMatchObject({ code: 'USAGE', exitCode: 64 })
  expect(killing.run.stdout).toContain('`--kill-blockers` is about one schema')
  for (const name of list) expect(await stage.tables(name)).toEqual([])
})
