import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../../src/config/secret.ts'
import { noOptions } from '../../../src/stores/contract.ts'
import type { ElasticsearchConnection } from '../../../src/stores/elasticsearch/driver.ts'
import { elasticPassword, startSecureElasticsearch } from '../../helpers/elasticsearch/elasticsearch-server.ts'
import { type Answer, type ElasticsearchStage, makeStage } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { declarationOf } from '../../helpers/elasticsearch/elasticsearch-text.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

const kept = `
roles: { stays: { indices: [{ names: [logs], privileges: [read] }] } }
`
const full = `
roles:
  stays: { indices: [{ names: [logs], privileges: [read] }] }
  writer: { indices: [{ names: [logs], privileges: [write] }] }
  reader: { indices: [{ names: [logs], privileges: [read] }] }
  taken: { indices: [{ names: [logs], privileges: [read] }] }
users:
  shipper: { password: of-the-shipper-1, roles: [writer] }
  admin: { password: of-the-admin-1, roles: [superuser] }
role_mappings:
  staff: { roles: [reader], rules: { field: { groups: staff } } }
`

const elastic = { user: 'elastic', password: new Secret(elasticPassword) }

describe.runIf(isAvailable('elasticsearch'))('roles and users that no file declares any more', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-access-'))
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
  async function ask(method: string, path: string, body?: object, as = `elastic:${elasticPassword}`): Promise<Answer> {
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    const authorization = `Basic ${Buffer.from(as).toString('base64')}`
    const response = await fetch(`${stage.url}/_security/${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...init,
    })
    return response.ok ? response.json() : response.status
  }
  async function apply(
    text: string,
    connection: Partial<ElasticsearchConnection> = elastic,
    prune = false,
  ): Promise<{ readonly said: readonly string[]; readonly notes: readonly string[] }> {
    const session = stage.session(declarationOf(text), { options: { ...noOptions, prune }, connection })
    const { changes, notes } = await session.plan()
    for (const change of changes) {
      if (prune) expect(change.loss?.code).toBe('removed-access')
      await session.apply(change)
    }
    await session.close()
    return { said: changes.map(({ summary }) => summary.replace(', which no file declares any more', '')), notes }
  }

  it('are left alone by an API key, whose roles the server does not tell', async () => {
    await apply(full)
    // A person gave one of the roles to a user of their own.
    await ask('PUT', 'user/pr_hand', { password: 'of-the-hand-1', roles: ['pr_taken'] })
    const { encoded } = await ask('POST', 'api_key', { name: 'pr' })
    const { said, notes } = await apply(kept, { token: new Secret(encoded) }, true)
    expect(said).toEqual([])
    expect(notes).toContainEqual(expect.stringContaining('does not say which roles'))
    expect(await ask('GET', 'user/pr_shipper')).toMatchObject({ pr_shipper: { roles: ['pr_writer'] } })
  })

  it('are removed from the server, each before what it uses, besides the user of the run and what somebody else has', async () => {
    const admin = { user: 'pr_admin', password: new Secret('of-the-admin-1') }
    expect((await apply(kept, admin, true)).said).toEqual([
      'remove user pr_shipper',
      'remove role mapping pr_staff',
      'remove role pr_writer',
    ])
    expect(await ask('GET', '_authenticate', undefined, 'pr_shipper:of-the-shipper-1')).toBe(401)
    for (const gone of ['user/pr_shipper', 'role/pr_writer', 'role_mapping/pr_staff'])
      expect(await ask('GET', gone)).toBe(404)
    // What the mapping gave is removed by the next run.
    expect((await apply(kept, admin, true)).said).toEqual(['remove role pr_reader'])
    expect((await apply(kept, admin, true)).said).toEqual([])
    expect(
      Object.keys(await ask('GET', 'role'))
        .filter((name) => name.startsWith('pr_'))
        .toSorted(),
    ).toEqual(['pr_stays', 'pr_taken'])
    expect((await apply(kept, elastic, true)).said).toEqual(['remove user pr_admin'])
    expect(await ask('GET', '_authenticate', undefined, 'pr_admin:of-the-admin-1')).toBe(401)
  })
})
