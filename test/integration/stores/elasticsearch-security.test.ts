import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../../src/config/secret.ts'
import type { StoreSession } from '../../../src/stores/contract.ts'
import { readDeclarations } from '../../../src/stores/declare/read-declarations.ts'
import type { Declaration } from '../../../src/stores/elasticsearch/declaration.ts'
import { readDeclaration } from '../../../src/stores/elasticsearch/schema.ts'
import { isAsDeclared } from '../../../src/stores/find-drift.ts'
import { emptyDeclaration, sampleDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'
import { startGuard } from '../../helpers/elasticsearch/elasticsearch-guard.ts'
import { elasticPassword, startSecureElasticsearch } from '../../helpers/elasticsearch/elasticsearch-server.ts'
import { applyAll, type ElasticsearchStage, makeStage } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable, testElasticsearch } from '../../helpers/servers/servers.ts'
import { openImportProject } from '../../helpers/stores/import-project.ts'

const shipperPassword = 'of-the-shipper-1'

const access: Declaration = {
  ...emptyDeclaration,
  roles: [
    {
      name: 'log_writer',
      description: '写日志',
      cluster: ['monitor'],
      indices: [
        { names: ['system-logs', 'more-*'], privileges: ['create_doc', 'view_index_metadata'] },
        { names: ['system-logs'], privileges: ['auto_configure'] },
      ],
    },
  ],
  users: [
    { name: 'shipper', description: null, password: shipperPassword, roles: ['log_writer'], enabled: true },
    { name: 'reader', description: null, password: '', roles: ['viewer'], enabled: true },
  ],
}

const [role] = access.roles
const [shipper] = access.users
if (role === undefined || shipper === undefined) throw new Error('the declaration is empty')

describe.runIf(isAvailable('elasticsearch'))('roles and users of an Elasticsearch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-security-'))
  let stop = async (): Promise<void> => {}
  let stage: ElasticsearchStage
  let headers: Readonly<Record<string, string>> = {}
  const open: StoreSession[] = []
  beforeAll(async () => {
    const server = await startSecureElasticsearch(join(folder, 'node'))
    stop = server.stop
    stage = makeStage(server.url, 'pr_')
    headers = authorize('elastic', elasticPassword)
  }, 180_000)
  afterEach(async () => {
    for (const session of open.splice(0)) await session.close()
  })
  afterAll(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })

  function authorize(name: string, password: string) {
    return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` }
  }

  function session(declaration: Declaration, user = 'elastic', password = elasticPassword): StoreSession {
    const opened = stage.session(declaration, { connection: { user, password: new Secret(password) } })
    open.push(opened)
    return opened
  }

  async function ask(method: string, path: string, body?: unknown, as = headers): Promise<Response> {
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    return fetch(`${stage.url}${path}`, { method, headers: { ...as, 'content-type': 'application/json' }, ...init })
  }

  async function audited(work: () => Promise<unknown>): Promise<readonly string[]> {
    const changes: string[] = []
    const guard = await startGuard({
      url: stage.url,
      passesUsers: true,
      onChange: (change) => changes.push(change) < 0,
    })
    const connection = { endpoints: [{ host: '127.0.0.1', port: guard.port }] }
    const through = stage.session(access, {
      connection: { ...connection, user: 'elastic', password: new Secret(elasticPassword) },
    })
    try {
      await work()
      await applyAll(through)
    } finally {
      await through.close()
      await guard.close()
    }
    return changes
  }

  it('are made in their order, and are as declared then', async () => {
    const { plan, after } = await applyAll(session(access))
    expect(plan.changes.map(({ summary }) => summary)).toEqual(['create role pr_log_writer', 'create user pr_shipper'])
    expect(plan.notes).toContain('Not changed, because no password is configured for them: `pr_reader`.')
    expect(after.changes).toEqual([])
    expect(after.findings).toMatchObject([
      { code: 'STORE_NOT_COMPARED', resource: { kind: 'user', name: 'pr_reader' } },
    ])
    const signedIn = await ask('GET', '/_security/_authenticate', undefined, authorize('pr_shipper', shipperPassword))
    expect(await signedIn.json()).toMatchObject({ username: 'pr_shipper', roles: ['pr_log_writer'] })
  })

  it('are planned as the page shows', async () => {
    const page = readFileSync(new URL('../../../docs/guides/elasticsearch.md', import.meta.url), 'utf8')
    const blockOf = (label: string): string =>
      new RegExp(`^\`\`\`\\w+ ${label}\\n(.*?)^\`\`\``, 'ms').exec(page)?.[1] ?? ''
    writeFileSync(join(folder, 'access.yaml'), blockOf('access'))
    const variables = { SHIPPER_PASSWORD: shipperPassword }
    const { documents } = readDeclarations({ directory: folder, root: folder, variables })
    const reading = readDeclaration(documents, { prefix: '' })
    if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
    const one = stage.session(reading.declaration, {
      prefix: '',
      connection: { user: 'elastic', password: new Secret(elasticPassword) },
    })
    open.push(one)
    const { changes, notes } = await one.plan()
    expect(`${changes.map(({ summary }) => summary).join('\n')}\n`).toBe(blockOf('users'))
    expect(notes).toContain(blockOf('passwordless').trimEnd())
  })

  it('keep what the user of the run has', async () => {
    const password = 'of-the-operator-1'
    const operator = { name: 'pr_operator', password, roles: ['superuser', 'pr_own'] }
    await ask('PUT', '/_security/role/pr_own', { cluster: ['monitor', 'manage_ilm'], indices: [] })
    await ask('PUT', '/_security/user/pr_operator', { password, roles: operator.roles })
    const user = { name: 'operator', description: null, password, roles: ['superuser', 'own'], enabled: true }
    const own = { name: 'own', description: null, cluster: ['monitor', 'manage_ilm'], indices: [] }
    const refusals = [
      [{ users: [{ ...user, roles: ['viewer'] }] }, 'user `pr_operator` would take roles: pr_own, superuser from'],
      [{ users: [{ ...user, enabled: false }] }, 'user `pr_operator` would take its access from'],
      [{ users: [{ ...user, password: 'another-one-1' }] }, 'user `pr_operator` would take its password from'],
      [
        { users: [user], roles: [{ ...own, cluster: ['monitor'] }] },
        'role `pr_own` would take cluster: manage_ilm from',
      ],
    ] as const
    for (const [declared, what] of refusals) {
      const one = session({ ...emptyDeclaration, roles: [own], ...declared }, 'pr_operator', password)
      await expect(one.plan()).rejects.toMatchObject({
        code: 'STORE_OWN_USER',
        faults: [{ what: expect.stringContaining(what) }],
      })
    }
    const { after } = await applyAll(
      session({ ...emptyDeclaration, roles: [own], users: [user] }, 'pr_operator', password),
    )
    expect(after.changes).toEqual([])
    await ask('DELETE', '/_security/user/pr_operator')
    await ask('DELETE', '/_security/role/pr_own')
  })

  it('let a user do what its role names, under the prefix, and nothing else', async () => {
    await applyAll(session(access))
    const as = authorize('pr_shipper', shipperPassword)
    const write = async (index: string): Promise<number> =>
      (await ask('POST', `/${index}/_doc`, { message: 'one' }, as)).status
    expect(await write('pr_system-logs')).toBe(201)
    expect(await write('system-logs')).toBe(403)
    expect((await ask('GET', '/pr_system-logs/_search', undefined, as)).status).toBe(403)
    await ask('DELETE', '/pr_system-logs')
  })

  it('are proven by a sign-in of each user', async () => {
    const one = session(access)
    await applyAll(one)
    const checks = await one.verify('look')
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'declared users sign in', state: 'good', seen: '1 of 1', next: null }),
    )
    await ask('POST', '/_security/user/pr_shipper/_password', { password: 'changed-by-hand' })
    expect(await one.verify('look')).toContainEqual(
      expect.objectContaining({ name: 'declared users sign in', state: 'bad', seen: 'not pr_shipper' }),
    )
    await applyAll(one)
  })

  it('keep a password that already works, and get it back where it was changed', async () => {
    expect(await audited(() => applyAll(session(access)))).toEqual([])
    const changes = await audited(() =>
      ask('POST', '/_security/user/pr_shipper/_password', { password: 'changed-by-hand' }),
    )
    expect(changes).toEqual(['PUT /_security/user/pr_shipper'])
  })

  it.each<[string, () => Promise<unknown>, string, readonly object[]]>([
    [
      'a role that may do more',
      () =>
        ask('PUT', '/_security/role/pr_log_writer', {
          cluster: ['all'],
          run_as: ['elastic'],
          indices: [{ names: ['*'], privileges: ['all'], allow_restricted_indices: true }],
        }),
      'change the privileges of role pr_log_writer',
      [
        { path: 'cluster', actual: 'all', declared: 'monitor' },
        {
          path: 'privileges on pr_system-logs',
          actual: null,
          declared: 'auto_configure, create_doc, view_index_metadata',
        },
        { path: 'privileges on pr_more-*', actual: null, declared: 'create_doc, view_index_metadata' },
        { path: 'privileges on * with {"allow_restricted_indices":"true"}', actual: 'all', declared: null },
        { path: 'run_as', actual: '["elastic"]', declared: null },
        { path: 'description', actual: null, declared: '写日志' },
      ],
    ],
    [
      'a user with another role',
      () => ask('PUT', '/_security/user/pr_shipper', { roles: ['superuser'], email: 'ops@example.com' }),
      'set the roles of user pr_shipper',
      [{ path: 'roles', actual: 'superuser', declared: 'pr_log_writer' }],
    ],
    [
      'a user who was shut out',
      () => ask('PUT', '/_security/user/pr_shipper/_disable'),
      'set the enabled of user pr_shipper',
      [{ path: 'enabled', actual: 'false', declared: 'true' }],
    ],
    ['a role that was removed', () => ask('DELETE', '/_security/role/pr_log_writer'), 'create role pr_log_writer', []],
  ])('are brought back from %s', async (_, drift, summary, differences) => {
    const one = session(access)
    await applyAll(one)
    expect((await drift()) as Response).toMatchObject({ ok: true })
    const { plan, after } = await applyAll(one)
    expect(plan.changes.map((change) => change.summary)).toEqual([summary])
    expect(plan.changes[0]?.differences).toEqual(differences)
    expect(after.changes).toEqual([])
    expect(
      (await ask('GET', '/_security/_authenticate', undefined, authorize('pr_shipper', shipperPassword))).status,
    ).toBe(200)
  })

  it('keep what was noted by others: the mail address of a user', async () => {
    await applyAll(session(access))
    await ask('PUT', '/_security/user/pr_shipper', {
      roles: ['viewer'],
      email: 'ops@example.com',
      metadata: { team: 'ops' },
    })
    await applyAll(session(access))
    expect(await (await ask('GET', '/_security/user/pr_shipper')).json()).toMatchObject({
      pr_shipper: { email: 'ops@example.com', metadata: { team: 'ops', managed_by: 'wwdb', prefix: 'pr_' } },
    })
  })

  it('that no file declares are named, and one who may do anything is an error', async () => {
    await ask('PUT', '/_security/role/pr_old', { cluster: [] })
    await ask('PUT', '/_security/user/pr_mighty', { password: 'long-enough', roles: ['superuser'] })
    await ask('PUT', '/_security/user/elsewhere', { password: 'long-enough', roles: ['viewer'] })
    const { findings } = await session(access).plan()
    const undeclared = findings.filter(({ code }) => code === 'STORE_UNDECLARED')
    expect(undeclared.map(({ severity, resource }) => `${severity} ${resource.kind} ${resource.name}`)).toEqual([
      'warning role pr_old',
      'error user pr_mighty',
    ])
    for (const path of ['role/pr_old', 'user/pr_mighty', 'user/elsewhere']) await ask('DELETE', `/_security/${path}`)
  })

  it('go with everything else under the prefix', async () => {
    const one = session(access)
    await applyAll(one)
    expect(await one.clear()).toEqual(['user pr_shipper', 'role pr_log_writer'])
    expect(await one.clear()).toEqual([])
  })

  it('name the privilege that the user of the run lacks, to read and to write', async () => {
    await ask('PUT', '/_security/role/keeper', {
      cluster: ['monitor', 'manage_ilm', 'manage_index_templates'],
      indices: [{ names: ['*'], privileges: ['manage'] }],
    })
    await ask('PUT', '/_security/user/keeper', { password: 'long-enough', roles: ['keeper'] })
    await expect(session(emptyDeclaration, 'keeper', 'long-enough').plan()).resolves.toMatchObject({ changes: [] })
    await expect(session(access, 'keeper', 'long-enough').plan()).rejects.toMatchObject({
      code: 'STORE_ACCESS_DENIED',
      faults: [{ next: expect.stringContaining('`read_security`') }],
    })
    await ask('PUT', '/_security/role/keeper', {
      cluster: ['monitor', 'manage_ilm', 'manage_index_templates', 'read_security'],
      indices: [{ names: ['*'], privileges: ['manage'] }],
    })
    const one = session(access, 'keeper', 'long-enough')
    const [first] = (await one.plan()).changes
    if (first === undefined) throw new Error('nothing is planned')
    await expect(one.apply(first)).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      faults: [{ next: expect.stringContaining('`manage_security`') }],
    })
    for (const path of ['user/keeper', 'role/keeper']) await ask('DELETE', `/_security/${path}`)
  })

  it('are refused by the server in its own words, without a password in them', async () => {
    const broken = { ...access, roles: [{ ...role, cluster: ['monitr'] }] }
    const one = session(broken)
    const [first] = (await one.plan()).changes
    if (first === undefined) throw new Error('nothing is planned')
    const error = await one.apply(first).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({
      code: 'STORE_REFUSED',
      faults: [{ why: expect.stringContaining('unknown cluster privilege [monitr]') }],
    })
    const short = session({ ...access, roles: [], users: [{ ...shipper, roles: ['viewer'], password: '短密码' }] })
    const [user] = (await short.plan()).changes
    if (user === undefined) throw new Error('no user is planned')
    const refusal = await short.apply(user).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    const printed = inspect([error, refusal], { depth: 20, showHidden: true })
    for (const secret of [elasticPassword, shipperPassword, '短密码']) {
      expect(printed).not.toContain(secret)
      expect(printed).not.toContain(Buffer.from(`pr_shipper:${secret}`).toString('base64'))
    }
  })

  it('let everything else be set up by a user with the documented rights alone', async () => {
    await ask('PUT', '/_security/role/setup', {
      cluster: ['monitor', 'manage_ilm', 'manage_index_templates'],
      indices: [{ names: ['pr_*'], privileges: ['manage', 'write', 'read'] }],
    })
    await ask('PUT', '/_security/user/setup', { password: 'long-enough', roles: ['setup'] })
    const one = session(sampleDeclaration, 'setup', 'long-enough')
    const { plan, after } = await applyAll(one)
    expect(plan.changes).toHaveLength(9)
    expect(after.changes).toEqual([])
    expect((await one.verify()).filter(({ state }) => state === 'bad')).toEqual([])
    await one.clear()
    for (const path of ['user/setup', 'role/setup']) await ask('DELETE', `/_security/${path}`)
  })

  it('are imported without passwords, and those that no file can declare are named', async () => {
    await ask('PUT', '/_security/role/i_plain', {
      cluster: ['monitor'],
      indices: [{ names: ['a-*'], privileges: ['read'] }],
    })
    await ask('PUT', '/_security/role/i_running', {
      run_as: ['elastic'],
      indices: [{ names: ['Odd.*'], privileges: ['read'] }],
    })
    for (const [name, role] of [
      ['i_Reader', 'i_plain'],
      ['i_runner', 'i_running'],
    ] as const) {
      await ask('PUT', `/_security/user/${name}`, { password: 'never-to-be-seen', roles: [role], email: 'a@b.example' })
    }
    const { host } = new URL(stage.url)
    const project = openImportProject('elasticsearch', { url: `http://elastic:${elasticPassword}@${host}` })
    const { exitCode, answer } = await project.importAll('--only', 'i_*')
    expect(exitCode).toBe(1)
    expect(answer.declared.map(({ name }) => name)).toEqual(['i_plain', 'i_Reader'])
    expect(answer.notDeclarable.map(({ resource: { name } }) => name).toSorted()).toEqual(['i_runner', 'i_running'])
    expect(answer.variables.map(({ variable }) => variable)).toEqual(['ELASTICSEARCH_I_READER_PASSWORD'])
    expect(project.read('migrations/elasticsearch/access.yaml')).not.toContain('never-to-be-seen')
    expect(await project.changes()).toEqual([])
    project.close()
    for (const name of ['user/i_Reader', 'user/i_runner', 'role/i_plain', 'role/i_running']) {
      await ask('DELETE', `/_security/${name}`)
    }
  })
})

describe.runIf(isAvailable('elasticsearch'))('roles and users on a server whose security is off', () => {
  it('are left alone, with a sentence that names the setting', async () => {
    const stage = makeStage((await testElasticsearch()).url)
    const session = stage.session(access)
    const plan = await session.plan()
    await session.close()
    expect(plan.changes).toEqual([])
    expect(plan.notes).toEqual([
      expect.stringMatching(/^Roles and users were not changed: .*`xpack\.security\.enabled: true`/),
    ])
    expect(plan.findings.map(({ code, resource }) => `${code} ${resource.kind}`)).toEqual([
      'STORE_NOT_COMPARED role',
      'STORE_NOT_COMPARED user',
      'STORE_NOT_COMPARED user',
    ])
    expect(isAsDeclared(plan.findings)).toBe(false)
  })
})
