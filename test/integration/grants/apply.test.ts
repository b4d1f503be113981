import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { GrantsResult } from '../../../src/grants/commands/grants-view.ts'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { asRoot, checkGrants } from '../../helpers/grants/grant-trial.ts'
import { testServer, testServer80 } from '../../helpers/servers/servers.ts'
import { type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const own = `made_${process.pid}`
const foreign = `found_${process.pid}`
const old = `old_${process.pid}`
const secret = "it's a \\ long secret"

afterAll(async () => {
  await asRoot(testServer().url, `DROP USER IF EXISTS ${own}, ${foreign}`)
})

async function openProject(url?: string): Promise<Stage> {
  const stage = await openStage({
    files: { 'app/0001_a.sql': tableMigration('a') },
    ...(url === undefined ? {} : { url }),
  })
  stage.write('secret', `${secret}\n`)
  chmodSync(join(stage.folder, 'secret'), 0o600)
  return stage
}

const applied = (answer: unknown) =>
  (answer as GrantsResult).accounts.map(({ state, statements }) => ({ state, statements }))

describe('wwdb grants --apply', () => {
  test('makes an account that logs in with the password and has exactly the required privileges; again it changes nothing', async () => {
    const stage = await openProject()
    const args = ['grants', '--for', 'check', '--user', own, '--apply', '--password-file', 'secret', '--without-tls']
    const asked = await stage.run(args)
    expect(asked.exitCode).toBe(2)
    expect(asked.stderr).toContain('--yes')
    expect((await checkGrants(stage, own, 'check'))[0]?.exists).toBe(false)
    const planned = await stage.json([...args, '--dry-run'])
    expect(applied(planned.answer)[0]).toMatchObject({ state: 'created' })
    expect((await checkGrants(stage, own, 'check'))[0]?.exists).toBe(false)
    const made = await stage.json([...args, '--yes'])
    expect(made.exitCode).toBe(0)
    expect(made.run.stdout + made.run.stderr).not.toContain('long secret')
    expect(await checkGrants(stage, own, 'check')).toMatchObject([{ exists: true, missing: [], excess: [] }])
    const url = `mysql://${own}:${encodeURIComponent(secret)}@127.0.0.1:${new URL(testServer().url).port}`
    const status = await stage.run(['status', '--url', url], {
      environment: { WWDB_ALLOW_PUBLIC_KEY_RETRIEVAL: 'true' },
    })
    expect(status.exitCode, status.stderr).toBe(0)
    const again = await stage.json(args)
    expect(applied(again.answer)).toEqual([{ state: 'unchanged', statements: [] }])
    // The same account for another purpose: what it lacks is given, what is too much is taken.
    const schema = stage.schema('app').replaceAll('_', '\\_')
    await asRoot(testServer().url, `GRANT DROP ON \`${schema}\`.* TO ${own}`)
    const more = await stage.json([...args.map((word) => (word === 'check' ? 'write' : word)), '--yes'])
    expect(applied(more.answer)).toEqual([
      {
        state: 'changed',
        statements: [
          `GRANT INSERT, UPDATE, DELETE ON \`${schema}\`.* TO '${own}'@'%'`,
          `REVOKE DROP ON \`${schema}\`.* FROM '${own}'@'%'`,
        ],
      },
    ])
    expect(await checkGrants(stage, own, 'write')).toMatchObject([{ missing: [], excess: [] }])
  })

  test('requires TLS unless it is left out, and takes the password from stdin', async () => {
    const stage = await openProject()
    await asRoot(testServer().url, `DROP USER IF EXISTS ${own}`)
    const run = await stage.run(['grants', '--for', 'read', '--user', own, '--apply', '--yes'], {
      input: `${secret}\n`,
    })
    expect(run.exitCode, run.stderr).toBe(0)
    const rows = await stage.query(`SHOW CREATE USER ${own}`)
    expect(String(rows[0]?.[0])).toMatch(/REQUIRE SSL.*"wwdb": "grants"/)
    expect(run.stdout + run.stderr).not.toContain('long secret')
  })

  test('requires TLS of no account of this machine, with which the doctor agrees', async () => {
    const stage = await openProject()
    const local = `${own}_here`
    const args = ['grants', '--for', 'check', '--user', `${local}@localhost`, '--apply', '--yes']
    try {
      const run = await stage.run(args, { input: `${secret}\n` })
      expect(run.exitCode, run.stderr).toBe(0)
      const rows = await stage.query(`SHOW CREATE USER ${local}@localhost`)
      expect(String(rows[0]?.[0])).toMatch(/REQUIRE NONE.*"wwdb": "grants"/)
      const { answer } = await examine(stage)
      expect(findingsOf(answer, 'accounts-tls').some(({ what }) => what.includes(local))).toBe(false)
      const { answer: printed } = await stage.json(args.slice(0, 5))
      expect(applied(printed)[0]?.statements[0]).toMatch(/^CREATE USER .*RANDOM PASSWORD ATTRIBUTE/)
    } finally {
      await asRoot(testServer().url, `DROP USER IF EXISTS ${local}@localhost`)
    }
  })

  test('never touches an account that it did not make', async () => {
    const stage = await openProject()
    await asRoot(testServer().url, `CREATE USER ${foreign} IDENTIFIED BY 'x'`)
    const run = await stage.json(['grants', '--for', 'check', '--user', foreign, '--apply', '--yes'])
    expect(run.answer).toMatchObject({ type: 'error', code: 'ACCOUNT_FOREIGN', exitCode: 2 })
    const [checked] = await checkGrants(stage, foreign, 'check')
    const schema = stage.schema('app').replaceAll('_', '\\_')
    expect(checked).toMatchObject({ exists: true, missing: [`GRANT SELECT ON \`${schema}\`.* TO '${foreign}'@'%'`] })
  })

  test('refuses a password file that others may read', async () => {
    const stage = await openProject()
    chmodSync(join(stage.folder, 'secret'), 0o644)
    const args = [
      'grants',
      '--for',
      'read',
      '--user',
      `never_${process.pid}`,
      '--apply',
      '--yes',
      '--password-file',
      'secret',
    ]
    const run = await stage.run(args)
    expect(run.exitCode).toBe(64)
    expect(run.stderr).toContain('chmod 0600 secret')
  })

  test('makes accounts on a server without attributes, and leaves them alone after that', async () => {
    const { url } = await testServer80()
    const stage = await openProject(url)
    const args = ['grants', '--user', old, '--apply', '--yes', '--password-file', 'secret']
    try {
      const made = await stage.json([...args, '--for', 'check'])
      expect(made.exitCode, made.run.stderr).toBe(0)
      expect((await stage.json([...args, '--for', 'check'])).exitCode).toBe(0)
      expect((await stage.json([...args, '--for', 'write'])).answer).toMatchObject({ code: 'ACCOUNT_FOREIGN' })
    } finally {
      await asRoot(url, `DROP USER IF EXISTS ${old}`)
    }
  })
})

describe('wwdb grants', () => {
  test('prints SQL that a server takes as it is', async () => {
    const stage = await openProject()
    const name = `printed_${process.pid}`
    const { stdout } = await stage.run(['grants', '--for', 'migrate', '--for', 'provision', '--user', name])
    const statements = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('--'))
    expect(statements.length).toBeGreaterThan(4)
    await asRoot(testServer().url, ...statements.map((line) => line.replace(/;$/, '')))
    expect(await checkGrants(stage, name, 'migrate')).toMatchObject([{ exists: true, missing: [] }])
    const check = await stage.run(['grants', 'check', name, '--for', 'migrate'])
    expect(check.exitCode).toBe(1)
    expect(check.stdout).toContain('Excess:')
    await asRoot(testServer().url, `DROP USER ${name}`)
  })

  test('refuses a name that is no account', async () => {
    const stage = await openProject()
    expect((await stage.run(['grants', '--user', "a'b"])).exitCode).toBe(64)
  })
})
