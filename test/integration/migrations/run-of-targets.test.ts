// How a run over many targets begins and ends: its canary, the time at which it stops, and flags that are about one run.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { names, tenants, withTenants } from '../../helpers/migrations/tenants.ts'
import { migration } from '../../helpers/tool/stage.ts'

const openTenants = withTenants()
const unforeseen = ['--no-probe', '--trial', 'off']

describe('a run over many targets', () => {
  it('has a canary with rows, although a new target has everything', async () => {
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

  it('writes into the log what happens to each target, and prints none of it', async () => {
    const list = names(3)
    const stage = await openTenants(list, { targets: { list } })
    const run = await stage.run(['migrate', ...tenants, '--json', '--log-file', 'wwdb.log'])
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('statement-finished') })
    const [file = ''] = readdirSync(stage.folder).filter((name) => name.endsWith('.log'))
    const lines = readFileSync(join(stage.folder, file), 'utf8').trimEnd().split('\n')
    const events = lines.map(
      (line) => JSON.parse(line) as { readonly type: string; readonly target?: { schema: string } },
    )
    const schemasOf = (type: string) => events.flatMap((one) => (one.type === type ? [one.target?.schema] : []))
    const schemas = list.map((name) => stage.schema(name))
    for (const type of ['lock-acquired', 'statement-started', 'statement-finished', 'step-finished'])
      expect(schemasOf(type).toSorted()).toEqual(schemas)
    expect(events.filter(({ type }) => type === 'plan-ready')).toHaveLength(3)
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

  it('refuses a schema that is listed under two addresses of its server', async () => {
    const stage = await openTenants(['t1', 't2'], { targets: { list: ['t1'] } })
    const servers = { again: { url: stage.url.replace('127.0.0.1', 'localhost') } }
    const list = ['t1', 't2', { schema: 't1', server: 'again' }]
    const databases = { control_db: {}, tenant_db: { targets: { list, servers } } }
    stage.write('wwdb.config.json', JSON.stringify({ url: stage.url, prefix: stage.prefix, databases }))
    const { answer, run } = await stage.json(['migrate', ...tenants])
    expect(answer).toMatchObject({ code: 'TARGETS_INVALID', exitCode: 78 })
    expect(run.stdout).toContain('is the same schema as')
    expect(await stage.tables('t1')).toEqual([])
  })

  it('plans up to a version without a claim about what is behind it, and knows a version that no file has', async () => {
    const stage = await openTenants(['t1'], { targets: { list: ['t1'] } })
    await stage.run(['migrate', ...tenants])
    stage.write('tenant_db/0002_more.sql', migration('CREATE TABLE more (id INT);'))
    const { answer } = await stage.json(['plan', ...tenants, '--to', '0001', '--exit-code'])
    expect(answer).toMatchObject({ exitCode: 0, groups: [{ state: 'behind', migrations: [] }] })
    const shown = await stage.run(['plan', ...tenants, '--to', '0001'])
    expect(shown.stdout).toContain('only what `--to` or `--steps` leaves out')
    const mistyped = await stage.json(['plan', ...tenants, '--to', '0009'])
    expect(mistyped.answer).toMatchObject({ code: 'PLAN_IMPOSSIBLE' })
  })

  it('prints neither the arguments of a command for targets nor what its variables hold', async () => {
    const command = [
      process.execPath,
      '-e',
      'console.error(process.env.TENANTS_TOKEN); process.exit(3)',
      'token-in-words',
    ]
    const stage = await openTenants([], { targets: { command, environment: ['TENANTS_TOKEN'] } })
    const run = await stage.run(['migrate', ...tenants], { environment: { TENANTS_TOKEN: 'quite-secret-token' } })
    expect(run.exitCode).toBe(78)
    expect(run.stderr).toContain('exit code 3')
    expect(run.stdout + run.stderr).not.toMatch(/quite-secret-token|token-in-words/)
  })

  it('names the target in what is to be done next', async () => {
    const stage = await openTenants(['t1'], { targets: { list: ['t1'] } })
    await stage.run(['migrate', ...tenants])
    const label = `tenant_db/${stage.schema('t1')}`
    const refused = await stage.run(['baseline', '0001', '--target', label])
    expect(refused.exitCode).not.toBe(0)
    expect(refused.stderr).toContain(`--applied --target ${label}`)
  })
})
