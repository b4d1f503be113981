import { afterAll, expect, it } from 'vitest'
import { createInfluxFixture } from '../../helpers/influxdb/influxdb-fixture.ts'
import { describeInfluxdb, withInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'
import { influxAdmin } from '../../helpers/influxdb/influxdb-session.ts'
import { type ImportProject, openImportProject } from '../../helpers/stores/import-project.ts'

const server = withInfluxdb()
const projects: ImportProject[] = []

afterAll(() => {
  for (const project of projects) project.close()
})

const buckets = `
organization: { name: shop }
buckets:
  hot: { retention: 30d, shardGroup: 1d }
`
const alerts = `
checks:
  high:
    type: threshold
    description: too much
    query: |
      from(bucket: "hot") |> range(start: -1m)
        |> filter(fn: (r) => r._measurement == "cpu" and r._field == "load")
        |> aggregateWindow(every: 1m, fn: mean, createEmpty: false)
    every: 60s
    offset: 10s
    tags: { team: ops, area: "中文" }
    thresholds:
      - { type: greater, level: CRIT, value: 90 }
      - { type: range, level: WARN, min: 70, max: 90, within: true, allValues: true }
  silent:
    type: deadman
    query: 'from(bucket: "hot") |> range(start: -15m)'
    timeSince: 90s
    staleTime: 10m
    level: CRIT
    active: false
notificationEndpoints:
  hook: { type: http, url: "http://127.0.0.1:9/hook?k=OWNSECRET1", authMethod: bearer, token: "\${HOOK_TOKEN}" }
  basic: { type: http, url: "http://127.0.0.1:9/b", authMethod: basic, username: u, password: "\${HOOK_TOKEN}b" }
  chat: { type: slack, url: "http://127.0.0.1:9/\${CHAT_PATH:-OWNSECRET5}" }
  pager: { type: pagerduty, routingKey: "\${HOOK_TOKEN}p", clientURL: "http://127.0.0.1:9" }
  telegram: { type: telegram, token: "\${HOOK_TOKEN}t", channel: "-100" }
notificationRules:
  to_hook: { endpoint: hook, statusRules: [{ currentLevel: CRIT, previousLevel: OK }], every: 10m }
  to_chat: { endpoint: chat, statusRules: [{ currentLevel: ANY }], messageTemplate: "$\${ r._level }", channel: "#ops" }
  to_pager: { endpoint: pager, statusRules: [{ currentLevel: CRIT }], messageTemplate: m }
  to_telegram:
    endpoint: telegram
    statusRules: [{ currentLevel: CRIT }]
    tagRules: [{ key: team, value: ops, operator: equal }]
    messageTemplate: m
    parseMode: HTML
`
const labels = `
labels:
  Ops: { color: "#ff8800", buckets: [hot], checks: [high], notificationEndpoints: [hook], notificationRules: [to_hook] }
`
const secret = 'OWNSECRET2'

interface Row {
  readonly id: string
  readonly name: string
  readonly [key: string]: unknown
}

describeInfluxdb('checks, notification endpoints, rules and labels of InfluxDB', () => {
  function openProject(variables: Readonly<Record<string, string>>): ImportProject {
    const { user, password, token } = influxAdmin
    const { host } = new URL(server().url)
    const access = { url: `http://${user}:${password}@${host}`, token }
    const project = openImportProject('influxdb', access, variables)
    projects.push(project)
    return project
  }

  function declareAll(variables: Readonly<Record<string, string>>): ImportProject {
    const project = openProject(variables)
    project.write('migrations/influxdb/buckets.yaml', buckets)
    project.write('migrations/influxdb/alerts.yaml', alerts)
    return project
  }

  async function ask(method: string, path: string, body?: object): Promise<{ readonly [key: string]: unknown }> {
    const response = await fetch(`${server().url}/api/v2${path}`, {
      method,
      headers: { authorization: `Token ${influxAdmin.token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? {} : JSON.parse(text)
  }

  const list = async (path: string): Promise<readonly Row[]> => {
    const { orgs } = await ask('GET', '/orgs?org=shop')
    const [{ id }] = orgs as readonly [Row]
    return (await ask('GET', `/${path}?orgID=${id}&limit=100`))[path] as readonly Row[]
  }
  const find = async (path: string, wanted: string): Promise<Row> => {
    const found = (await list(path)).find(({ name }) => name === wanted)
    if (found === undefined) throw new Error(`there is no ${wanted}`)
    return found
  }

  it('are made, found to differ by every part, and made right again, without a secret in any output', async () => {
    const project = declareAll({ HOOK_TOKEN: secret })
    const outputs: string[] = []
    const setup = async (...words: readonly string[]) => {
      const run = await project.setup(...words)
      outputs.push(run.stdout, run.stderr)
      return run
    }
    expect((await setup('plan')).stdout).toContain('create notification rule to_hook to hook (http)')
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await setup('plan', '--exit-code')).toMatchObject({ exitCode: 0 })
    const { exitCode, stdout } = await setup('verify')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('check high runs') })
    const high = await find('checks', 'high')
    await ask('PUT', `/checks/${high.id}`, { ...high, thresholds: [], tags: [], every: '2m', status: 'inactive' })
    const hook = await find('notificationEndpoints', 'hook')
    await ask('PUT', `/notificationEndpoints/${hook.id}`, { ...hook, url: 'http://127.0.0.1:9/OWNSECRET3', token: 'x' })
    const rule = await find('notificationRules', 'to_chat')
    const endpointID = (await find('notificationEndpoints', 'pager')).id
    await ask('PUT', `/notificationRules/${rule.id}`, { ...rule, endpointID, type: 'pagerduty', messageTemplate: 'n' })
    await ask('DELETE', `/notificationRules/${(await find('notificationRules', 'to_hook')).id}`)
    const said = (await setup('plan')).stdout
    for (const line of [
      'status: inactive -> active',
      'every: 2m -> 1m',
      'url: another -> as declared',
      'token: another -> as declared',
      'endpoint: pager -> chat',
      'type: pagerduty -> slack',
      '+ create notification rule to_hook',
    ])
      expect(said).toContain(line)
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await setup('plan', '--exit-code')).toMatchObject({ exitCode: 0 })
    const { id, ...copy } = await find('notificationRules', 'to_pager')
    await ask('POST', '/notificationRules', copy)
    expect((await setup('apply', '--yes')).stderr).toMatch(/--allow '?surplus-task:/)
    expect(await setup('apply', '--yes', '--allow', 'surplus-task')).toMatchObject({ exitCode: 0 })
    expect((await list('notificationRules')).filter(({ name }) => name === 'to_pager')).toMatchObject([{ id }])
    expect(outputs.join('\n')).not.toContain('OWNSECRET')
  })

  it('send to the address of the declaration: the rules of a changed endpoint are written with it', async () => {
    const project = declareAll({ HOOK_TOKEN: secret })
    await project.setup('apply')
    const script = async () => {
      const { taskID } = await find('notificationRules', 'to_hook')
      return String((await ask('GET', `/tasks/${String(taskID)}`))['flux'])
    }
    const moved = '127.0.0.1:9/moved'
    expect(await script()).not.toContain(moved)
    project.write('migrations/influxdb/alerts.yaml', alerts.replace('127.0.0.1:9/hook', moved))
    expect((await project.setup('plan')).stdout).toContain('~ update notification rule to_hook to hook (http)')
    expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await script()).toContain(moved)
    expect(await project.changes()).toEqual([])
    // As a run that was killed between the two.
    const hook = await find('notificationEndpoints', 'hook')
    await ask('PUT', `/notificationEndpoints/${hook.id}`, { ...hook, method: 'PUT', token: secret })
    await ask('PUT', `/notificationEndpoints/${hook.id}`, { ...hook, token: secret })
    expect((await project.setup('plan')).stdout).toContain('written: before endpoint hook -> after it')
    expect((await project.setup('verify', '--read-only')).exitCode).not.toBe(0)
    expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await project.changes()).toEqual([])
  })

  it('see another secret by its digest alone, and leave an endpoint whose variable is empty', async () => {
    const other = declareAll({ HOOK_TOKEN: 'another one', CHAT_PATH: 'elsewhere' })
    const { stdout } = await other.setup('plan')
    for (const name of ['hook', 'basic', 'chat', 'pager', 'telegram'])
      expect(stdout).toContain(`update notification endpoint ${name}`)
    expect(stdout).toContain('routingKey: another -> as declared')
    const none = declareAll({})
    none.write('migrations/influxdb/alerts.yaml', alerts.replaceAll('{HOOK_TOKEN}', '{HOOK_TOKEN:-}'))
    const findings = (await none.setup('verify', '--read-only')).stdout
    expect(findings).toContain('Notification endpoint `hook` was not compared.')
    expect(findings).toContain('No secret is configured for it here.')
  })

  it('are imported with variables for secrets, so that the plan after it changes nothing', async () => {
    await declareAll({ HOOK_TOKEN: secret }).setup('apply')
    const { orgs } = await ask('GET', '/orgs?org=shop')
    const [{ id: orgID }] = orgs as readonly [Row]
    const headers = { Authorization: 'OWNSECRET4' }
    const made = { orgID, type: 'http', url: 'http://127.0.0.1:9', method: 'GET', authMethod: 'none', status: 'active' }
    await ask('POST', '/notificationEndpoints', { ...made, name: 'with headers', headers })
    await ask('POST', '/notificationEndpoints', { ...made, name: 'Odd 名', description: `\${HOME} is no variable` })
    const imported = openProject({})
    const { answer } = await imported.importAll()
    expect(answer.notDeclarable.map(({ resource }) => resource.name)).toEqual(['with headers'])
    expect(answer.variables.map(({ variable }) => variable).toSorted()).toEqual([
      'INFLUXDB_BASIC_PASSWORD',
      'INFLUXDB_BASIC_USERNAME',
      'INFLUXDB_CHAT_URL',
      'INFLUXDB_HOOK_TOKEN',
      'INFLUXDB_HOOK_URL',
      'INFLUXDB_PAGER_ROUTING_KEY',
      'INFLUXDB_TELEGRAM_TOKEN',
    ])
    const text = imported.files().map((file) => imported.read(`migrations/influxdb/${file}`))
    expect(text.join('\n')).not.toContain('OWNSECRET')
    expect(await imported.changes()).toEqual([])
    expect((await imported.importAll()).answer).toMatchObject({ declared: [], files: [] })
  })

  it('are on what a label names and on nothing else, and come off as a loss', async () => {
    const project = declareAll({ HOOK_TOKEN: secret })
    project.write('migrations/influxdb/labels.yaml', labels)
    expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await project.changes()).toEqual([])
    const namesOn = async (path: string, name: string) =>
      ((await find(path, name))['labels'] as readonly Row[]).map((one) => one.name)
    for (const [path, name] of [
      ['buckets', 'hot'],
      ['checks', 'high'],
      ['notificationEndpoints', 'hook'],
      ['notificationRules', 'to_hook'],
    ] as const)
      expect(await namesOn(path, name)).toEqual(['Ops'])
    const [ops] = (await list('labels')).filter(({ name }) => name === 'Ops')
    const silent = await find('checks', 'silent')
    await ask('POST', `/checks/${silent.id}/labels`, { labelID: ops?.id })
    await ask('DELETE', `/buckets/${(await find('buckets', 'hot')).id}/labels/${ops?.id}`)
    await ask('PATCH', `/labels/${ops?.id}`, { properties: { color: '#000000' } })
    const said = (await project.setup('plan')).stdout
    expect(said).toContain('color: #000000 -> #ff8800')
    expect(said).toContain('checks.silent: labeled')
    expect((await project.setup('apply', '--yes')).stderr).toMatch(/--allow '?removed-resource:/)
    expect(await project.setup('apply', '--yes', '--allow', 'removed-resource')).toMatchObject({ exitCode: 0 })
    expect(await namesOn('checks', 'silent')).toEqual([])
    expect(await namesOn('buckets', 'hot')).toEqual(['Ops'])
    const imported = openProject({})
    expect((await imported.importAll()).answer.declared.map(({ kind }) => kind)).toContain('label')
    expect(imported.read('migrations/influxdb/labels.yaml')).toContain('Ops:')
    expect(await imported.changes()).toEqual([])
  })

  it('are not left out of an import without a word where the token may not see them', async () => {
    const kinds = ['orgs', 'buckets', 'tasks', 'authorizations', 'users', 'dbrp', 'checks', 'labels']
    const fixture = createInfluxFixture(server(), 'shop')
    const token = await fixture.makeToken(kinds.map((type) => ({ action: 'read', type })))
    const project = openImportProject('influxdb', { url: server().url, token })
    projects.push(project)
    const { exitCode, stderr } = await project.setup('import', 'influxdb')
    expect(exitCode).toBe(69)
    expect(stderr).toContain('It lacks read:notificationEndpoints, read:notificationRules')
  })

  it('are refused at plan where the server cannot parse the query', async () => {
    const project = openProject({})
    project.write('migrations/influxdb/buckets.yaml', buckets)
    const check = 'bad: { type: deadman, query: "from(bucket: ", timeSince: 90s, staleTime: 10m, level: CRIT }'
    project.write('migrations/influxdb/bad.yaml', `checks:\n  ${check}\n`)
    const { exitCode, stdout, stderr } = await project.setup('plan')
    expect(exitCode).not.toBe(0)
    expect(stdout + stderr).toContain('InfluxDB does not accept the script of check `bad`.')
  })
})
