import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../../src/config/secret.ts'
import { noOptions, type PlanOptions } from '../../../src/stores/contract.ts'
import { findDrift } from '../../../src/stores/find-drift.ts'
import type { StoreChange } from '../../../src/stores/store-plan.ts'
import { elasticPassword, startSecureElasticsearch } from '../../helpers/elasticsearch/elasticsearch-server.ts'
import { type Answer, type ElasticsearchStage, makeStage } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { declarationOf } from '../../helpers/elasticsearch/elasticsearch-text.ts'
import { isAvailable, testElasticsearch } from '../../helpers/servers/servers.ts'
import { openImportProject } from '../../helpers/stores/import-project.ts'

const full = `
roles: { reader: { indices: [{ names: [logs], privileges: [read] }] } }
role_mappings:
  staff:
    description: who reads logs
    roles: [reader, viewer]
    rules: { all: [{ field: { realm.name: ldap } }, { field: { groups: ["cn=staff"] } }] }
  nobody: { roles: [viewer], rules: { field: { username: [one, two] } }, enabled: false }
`

const authorization = `Basic ${Buffer.from(`elastic:${elasticPassword}`).toString('base64')}`

describe.runIf(isAvailable('elasticsearch'))('role mappings of an Elasticsearch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-mappings-'))
  let stop = async (): Promise<void> => {}
  let stage: ElasticsearchStage
  beforeAll(async () => {
    const server = await startSecureElasticsearch(join(folder, 'node'))
    stop = server.stop
    stage = makeStage(server.url, 'pr_')
  }, 180_000)
  afterAll(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  async function ask(method: string, path: string, body?: object): Promise<Answer> {
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    const headers = { authorization, 'content-type': 'application/json' }
    const response = await fetch(`${stage.url}/_security/${path}`, { method, headers, ...init })
    expect(response.ok).toBe(true)
    return response.json()
  }
  const open = (text = full, options: PlanOptions = noOptions) =>
    stage.session(declarationOf(text), {
      options,
      connection: { user: 'elastic', password: new Secret(elasticPassword) },
    })
  async function apply(text = full, options: PlanOptions = noOptions): Promise<readonly StoreChange[]> {
    const session = open(text, options)
    const { changes } = await session.plan()
    for (const change of changes) await session.apply(change)
    expect((await session.plan()).changes).toEqual([])
    await session.close()
    return changes
  }

  it('are made after the roles that they give, and read back', async () => {
    expect((await apply()).map(({ summary }) => summary)).toEqual([
      'create role pr_reader',
      'create role mapping pr_staff',
      'create role mapping pr_nobody',
    ])
    const found = await ask('GET', 'role_mapping')
    expect(found).toMatchObject({
      pr_staff: { roles: ['pr_reader', 'viewer'], enabled: true, metadata: { managed_by: 'wwdb', prefix: 'pr_' } },
      pr_nobody: { enabled: false },
    })
    const session = open()
    expect((await session.compare()).findings).toEqual([])
    await session.close()
  })

  it.each<[string, string, object, readonly string[]]>([
    ['other roles', 'pr_staff', { roles: ['superuser'] }, ['roles', 'description']],
    ['other rules', 'pr_nobody', { rules: { field: { username: 'three' } }, enabled: false }, ['rules']],
    ['an enabled one', 'pr_nobody', { enabled: true }, ['enabled']],
  ])('are brought back from %s', async (_what, name, change, paths) => {
    const { [name]: before } = await ask('GET', `role_mapping/${name}`)
    const { metadata, ...body } = before
    const kept = name === 'pr_nobody' ? { metadata } : { metadata: { team: 'ops' } }
    await ask('PUT', `role_mapping/${name}`, { ...body, ...kept, ...change })
    const session = open()
    const found = findDrift(await session.compare())
    await session.close()
    expect(found.map(({ code, resource }) => `${code} ${resource.kind} ${resource.name}`)).toEqual([
      `STORE_DRIFT role mapping ${name}`,
    ])
    expect(found[0]?.differences.map(({ path }) => path)).toEqual(paths)
    await apply()
    if (name === 'pr_staff') {
      expect(await ask('GET', `role_mapping/${name}`)).toMatchObject({ [name]: { metadata: { team: 'ops' } } })
    }
  })

  it('that no file declares are named, and removed by prune only where wwdb made them', async () => {
    await ask('PUT', 'role_mapping/pr_hand', { roles: ['viewer'], rules: { field: { username: 'x' } }, enabled: true })
    const session = open()
    expect((await session.compare()).findings).toMatchObject([
      { code: 'STORE_UNDECLARED', resource: { kind: 'role mapping', name: 'pr_hand' } },
    ])
    await session.close()
    const less = full.replace(/ {2}staff:\n(?: {4}.*\n)+/, '').replace(/^roles: .*$/m, '')
    const said = (changes: readonly StoreChange[]) => changes.map(({ summary }) => summary)
    const prune = { ...noOptions, prune: true }
    const first = open(less, prune)
    const { changes } = await first.plan()
    expect(said(changes)).toEqual(['remove role mapping pr_staff, which no file declares any more'])
    for (const change of changes) await first.apply(change)
    // What it gave is needed by nobody then.
    expect(said((await first.plan()).changes)).toEqual(['remove role pr_reader, which no file declares any more'])
    await first.close()
    await apply()
  })

  it('are imported, and leave a plan nothing to change', async () => {
    const { host } = new URL(stage.url)
    const project = openImportProject('elasticsearch', { url: `http://elastic:${elasticPassword}@${host}` })
    const { answer } = await project.importAll('--only', 'pr_*')
    expect(answer.declared.map(({ kind, name }) => `${kind} ${name}`).toSorted()).toEqual([
      'role mapping pr_hand',
      'role mapping pr_nobody',
      'role mapping pr_staff',
      'role pr_reader',
    ])
    expect(answer.notDeclarable).toEqual([])
    expect(await project.changes()).toEqual([])
    project.close()
  })

  it('are not compared where security is off, and go with the prefix', async () => {
    const plain = makeStage((await testElasticsearch()).url).session(declarationOf(full))
    const { findings } = await plain.plan()
    expect(findings.map(({ code, resource }) => `${code} ${resource.kind}`)).toContain(
      'STORE_NOT_COMPARED role mapping',
    )
    await plain.close()
    const session = open()
    expect((await session.clear()).toSorted()).toEqual([
      'role mapping pr_hand',
      'role mapping pr_nobody',
      'role mapping pr_staff',
      'role pr_reader',
    ])
    await session.close()
  })
})
