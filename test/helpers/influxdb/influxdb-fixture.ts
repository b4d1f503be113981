import { waitUntil } from '../../../src/sandbox/process.ts'
import type { TestInfluxdb } from './influxdb-server.ts'
import { influxAdmin } from './influxdb-session.ts'

/** A document of the server's API. */
type Row = Readonly<Record<string, unknown>>

/** What a person does to a server by hand, over HTTP and past the code under test. */
export type InfluxFixture = ReturnType<typeof createInfluxFixture>

export interface Rule {
  readonly every: number
  readonly shard: number
}

export function createInfluxFixture(server: Pick<TestInfluxdb, 'url'>, organization = 'wework') {
  const request = async (method: string, path: string, body?: unknown, token: string = influxAdmin.token) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return fetch(`${server.url}${path}`, {
      method,
      headers: {
        Authorization: `Token ${token}`,
        ...(typeof body === 'object' ? { 'Content-Type': 'application/json' } : {}),
      },
      ...(body === undefined ? {} : { body: text }),
    })
  }
  const ask = async (method: string, path: string, body?: unknown): Promise<Row> => {
    const answer = await request(method, path, body)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? {} : JSON.parse(text)
  }
  const list = async (path: string, key: string): Promise<readonly Row[]> =>
    ((await ask('GET', path))[key] ?? []) as Row[]
  const organizationId = async (): Promise<string> =>
    String((await list(`/api/v2/orgs?org=${organization}`, 'orgs'))[0]?.['id'])
  const bucket = async (name: string): Promise<Row> =>
    one(await list(`/api/v2/buckets?name=${name}&org=${organization}`, 'buckets'))
  const task = async (name: string): Promise<Row & { readonly id: string }> => {
    const found = one(await list(`/api/v2/tasks?name=${name}&org=${organization}`, 'tasks'))
    return { ...found, id: String(found['id']) }
  }
  const tokens = async (description: string): Promise<readonly Row[]> =>
    (await list(`/api/v2/authorizations?org=${organization}`, 'authorizations')).filter(
      (row) => row['description'] === description,
    )
  const mapping = async (database: string, policy: string): Promise<Row> =>
    one(await list(`/api/v2/dbrps?orgID=${await organizationId()}&db=${database}&rp=${policy}`, 'content'))
  const query = async (text: string, token?: string): Promise<string> => {
    const body = { query: text, type: 'flux', dialect: { annotations: [] } }
    const answer = await request('POST', `/api/v2/query?org=${organization}`, body, token)
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    return answer.text()
  }
  return {
    query,
    task,
    tokens,
    /** What the organization holds, sorted; what the server makes by itself is left out. */
    names: async () => {
      const sorted = (rows: readonly Row[], name: (row: Row) => unknown) =>
        rows.map((row) => String(name(row))).toSorted()
      const orgID = await organizationId()
      const made = await list(`/api/v2/authorizations?orgID=${orgID}`, 'authorizations')
      return {
        buckets: sorted(
          (await list(`/api/v2/buckets?orgID=${orgID}`, 'buckets')).filter((row) => row['type'] !== 'system'),
          (row) => row['name'],
        ),
        tasks: sorted(await list(`/api/v2/tasks?orgID=${orgID}`, 'tasks'), (row) => row['name']),
        tokens: sorted(
          made.filter((row) => !String(row['description']).endsWith("'s Token")),
          (row) => row['description'],
        ),
        mappings: sorted(
          (await list(`/api/v2/dbrps?orgID=${orgID}`, 'content')).filter((row) => row['virtual'] !== true),
          (row) => `${row['database']}/${row['retention_policy']}`,
        ),
      }
    },
    alertNames: async (path: 'checks' | 'notificationEndpoints' | 'notificationRules') =>
      (await list(`/api/v2/${path}?orgID=${await organizationId()}&limit=100`, path)).map((row) => String(row['name'])),
    rule: async (name: string): Promise<Rule> => {
      const [rule] = (await bucket(name))['retentionRules'] as Row[]
      return { every: Number(rule?.['everySeconds'] ?? 0), shard: Number(rule?.['shardGroupDurationSeconds']) }
    },
    /** The status of the answer. */
    write: async (name: string, lines: string, token?: string): Promise<number> =>
      (await request('POST', `/api/v2/write?org=${organization}&bucket=${name}`, lines, token)).status,
    /** All points of a measurement. */
    rows: async (name: string, measurement: string): Promise<readonly Row[]> => {
      const filter = `filter(fn: (r) => r._measurement == "${measurement}")`
      return parseTables(await query(`from(bucket: "${name}") |> range(start: 0, stop: 1y) |> ${filter}`))
    },
    /** Runs a task as if it were `due`; how that ended. */
    runTask: async (name: string, due: number): Promise<string> => {
      const { id } = await task(name)
      const scheduledFor = new Date(due).toISOString().replace('.000', '')
      const run = await ask('POST', `/api/v2/tasks/${id}/runs`, { scheduledFor })
      let status = ''
      await waitUntil(async () => {
        const answer = await request('GET', `/api/v2/tasks/${id}/runs/${run['id']}`)
        status = answer.ok ? String(((await answer.json()) as Row)['status']) : ''
        return ['success', 'failed', 'canceled'].includes(status)
      }, 30_000)
      return status
    },
    makeBucket: async (name: string) =>
      ask('POST', '/api/v2/buckets', { orgID: await organizationId(), name, retentionRules: [] }),
    makeTask: async (name: string): Promise<string> => {
      const flux = `option task = {name: "${name}", every: 1h}\nfrom(bucket: "metrics_hot") |> range(start: -1m)`
      return String((await ask('POST', '/api/v2/tasks', { orgID: await organizationId(), flux }))['id'])
    },
    /** @param kind `buckets`, `tasks`, `authorizations`. */
    remove: (kind: string, id: string) => ask('DELETE', `/api/v2/${kind}/${id}`),
    removeBucket: async (name: string) => ask('DELETE', `/api/v2/buckets/${(await bucket(name))['id']}`),
    patchBucket: async (name: string, { every, shard }: Rule) =>
      ask('PATCH', `/api/v2/buckets/${(await bucket(name))['id']}`, {
        retentionRules: [{ type: 'expire', everySeconds: every, shardGroupDurationSeconds: shard }],
      }),
    describeBucket: async (name: string, description: string) =>
      ask('PATCH', `/api/v2/buckets/${(await bucket(name))['id']}`, { description }),
    removeTask: async (name: string) => ask('DELETE', `/api/v2/tasks/${(await task(name)).id}`),
    patchTask: (id: string, change: Row) => ask('PATCH', `/api/v2/tasks/${id}`, change),
    copyTask: async (name: string) => {
      const { flux } = await task(name)
      return ask('POST', '/api/v2/tasks', { orgID: await organizationId(), flux })
    },
    patchToken: async (description: string, status: string) =>
      ask('PATCH', `/api/v2/authorizations/${one(await tokens(description))['id']}`, { status }),
    revokeToken: async (description: string) =>
      ask('DELETE', `/api/v2/authorizations/${one(await tokens(description))['id']}`),
    /** A token with these rights on everything of the organization; where it comes to users, on its own. */
    makeToken: async (permissions: readonly { readonly action: string; readonly type: string }[]): Promise<string> => {
      const orgID = await organizationId()
      const ids: Readonly<Record<string, unknown>> = { users: (await ask('GET', '/api/v2/me'))['id'], orgs: orgID }
      const resourceOf = (type: string): Row => (type in ids ? { type, id: ids[type] } : { type, orgID })
      const body = {
        orgID,
        description: 'by hand',
        permissions: permissions.map(({ action, type }) => ({ action, resource: resourceOf(type) })),
      }
      return String((await ask('POST', '/api/v2/authorizations', body))['token'])
    },
    remap: async (database: string, policy: string, to: string) => {
      const orgID = await organizationId()
      await ask('DELETE', `/api/v2/dbrps/${(await mapping(database, policy))['id']}?orgID=${orgID}`)
      const bucketID = (await bucket(to))['id']
      return ask('POST', '/api/v2/dbrps', { orgID, bucketID, database, retention_policy: policy })
    },
    removeMapping: async (database: string, policy: string) =>
      ask('DELETE', `/api/v2/dbrps/${(await mapping(database, policy))['id']}?orgID=${await organizationId()}`),
    describeOrganization: async (description: string) =>
      ask('PATCH', `/api/v2/orgs/${await organizationId()}`, { description }),
    /** Requests that the server has counted and that write something; reading and analyzing by POST is left out. */
    countWrites: async (): Promise<number> => {
      const answer = await fetch(`${server.url}/metrics`)
      return (await answer.text())
        .split('\n')
        .filter((line) => /^http_api_requests_total\{.*method="(POST|PATCH|PUT|DELETE)"/.test(line))
        .filter((line) => !/path="\/api\/v2\/query/.test(line))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    },
  }
}

function one(rows: readonly Row[]): Row {
  const [row] = rows
  if (row === undefined) throw new Error('there is no such thing on the server')
  return row
}

/** The server's CSV: tables with a head of their own, parted by empty lines. No value here has a comma in it. */
function parseTables(csv: string): readonly Row[] {
  return csv
    .trim()
    .split(/\r?\n\r?\n/)
    .flatMap((table) => {
      const [head = '', ...lines] = table.split(/\r?\n/)
      const names = head.split(',')
      return lines.map((line) => Object.fromEntries(line.split(',').map((value, index) => [names[index] ?? '', value])))
    })
    .filter((row) => row['_field'] !== undefined && row['_field'] !== '_field')
}
