// What other commands and other databases see of a database with many targets: all of it, or a refusal.
import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { names, tenants, withTenants } from '../../helpers/migrations/tenants.ts'
import { tableMigration } from '../../helpers/tool/stage.ts'

const openTenants = withTenants()

describe('rebase', () => {
  it('keeps a file that one target of another environment has, and renames what none has', async () => {
    const list = names(3)
    const stage = await openTenants(list, {
      targets: { list: ['t1'] },
      more: { environments: { production: { databases: { tenant_db: { targets: { list } } } } } },
    })
    const files = () => readdirSync(join(stage.folder, 'migrations/tenant_db')).filter((name) => name.endsWith('.sql'))
    const late = tableMigration('late')
    stage.write('tenant_db/0002_late.sql', late)
    const one = `tenant_db/${stage.schema('t3')}`
    expect(await stage.run(['migrate', '--target', one, '--env', 'production'])).toMatchObject({ exitCode: 0 })
    stage.remove('tenant_db/0002_late.sql')
    stage.write('tenant_db/0002_main.sql', tableMigration('main'))
    expect(await stage.run(['migrate', ...tenants])).toMatchObject({ exitCode: 0 })
    stage.write('tenant_db/0002_late.sql', late)
    const picked = await stage.json(['rebase', '--target', one, '--env', 'production'])
    expect(picked.answer).toMatchObject({ code: 'TARGETS_MANY' })
    expect(await stage.run(['rebase'])).toMatchObject({ exitCode: 0 })
    expect(files()).toEqual(['0001_notes.sql', '0002_late.sql', '0002_main.sql'])
    stage.remove('tenant_db/0002_late.sql')
    stage.write('tenant_db/0002_free.sql', tableMigration('free'))
    expect(await stage.run(['rebase'])).toMatchObject({ exitCode: 0 })
    expect(files()).toEqual(['0001_notes.sql', '0002_main.sql', '0003_free.sql'])
  })

  it('is refused where a target cannot be read', async () => {
    const stage = await openTenants(['t1'], {
      targets: {
        list: ['t1', { schema: 'far', server: 'far' }],
        servers: { far: { url: 'mysql://root@127.0.0.1:1' } },
      },
    })
    const run = await stage.run(['rebase'])
    expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('could not be read') })
  })
})

describe('another database', () => {
  const files = {
    'control_db/0001_plans.sql': tableMigration('plans'),
    'control_db/0002_prices.sql': tableMigration('prices'),
    'tenant_db/0001_notes.sql': tableMigration('notes', '-- wwdb:requires control_db/0001'),
  }

  it('is not rolled back under targets that require it', async () => {
    const stage = await openTenants(names(2), { targets: { list: names(2) }, files })
    expect(await stage.run(['migrate', '--target', 'control_db'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['migrate', ...tenants])).toMatchObject({ exitCode: 0 })
    const back = ['rollback', '--target', 'control_db', '--yes', '--steps']
    expect(await stage.run([...back, '1'])).toMatchObject({ exitCode: 0 })
    const refused = await stage.run([...back, '1'])
    expect(refused.exitCode).not.toBe(0)
    expect(`${refused.stdout}${refused.stderr}`).toContain('`control_db/0001` depends on `tenant_db/0001`')
    expect(await stage.tables('control_db')).toEqual(['plans'])
    const beside = [...back, '1', '--target', `tenant_db/${stage.schema('t1')}`]
    expect((await stage.json(beside)).answer).toMatchObject({ code: 'UNKNOWN_TARGET', exitCode: 64 })
  })

  it('does not wait for migrations that many targets have or lack', async () => {
    const stage = await openTenants(['t1'], {
      targets: { list: ['t1'] },
      files: { ...files, 'control_db/0003_back.sql': tableMigration('back', '-- wwdb:requires tenant_db/0001') },
    })
    const { answer } = await stage.json(['migrate', '--target', 'control_db'])
    expect(answer).toMatchObject({ code: 'TARGETS_MANY' })
    expect(await stage.tables('control_db')).toEqual([])
  })
})

describe('the schema of the entry itself', () => {
  it('is nobody’s: no other environment and no record uses it', async () => {
    const stage = await openTenants(['t1'], {
      targets: { list: ['t1'] },
      more: {
        databases: { tenant_db: { targets: { list: ['t1'] } }, control_db: {} },
        environments: { here: {} },
      },
    })
    const many = await stage.run(['status', '--all-environments'])
    expect(many.exitCode).not.toBe(0)
    expect(`${many.stdout}${many.stderr}`).toContain('`tenant_db` has many targets')
    expect(await stage.run(['status', '--all-environments', '--target', 'control_db'])).toMatchObject({ exitCode: 0 })
    const account = `targets_${process.pid}`
    stage.write('secret', 'a long secret\n')
    chmodSync(join(stage.folder, 'secret'), 0o600)
    const how = ['--for', 'check', '--user', account, '--password-file', 'secret', '--without-tls']
    const granted = await stage.run(['grants', ...how, '--apply', '--yes', '--target', 'control_db'])
    await stage.query(`DROP USER IF EXISTS ${account}`)
    expect(granted, granted.stderr).toMatchObject({ exitCode: 0 })
    expect(await stage.query('SHOW TABLES', 'tenant_db')).toEqual([])
    expect(await stage.query("SHOW TABLES LIKE 'wwdb_runs'", 'control_db')).toHaveLength(1)
  })
})
