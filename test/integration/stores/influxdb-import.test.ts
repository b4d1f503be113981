import { afterAll, expect, it } from 'vitest'
import { describeInfluxdb, withInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'
import { influxAdmin } from '../../helpers/influxdb/influxdb-session.ts'
import { type ImportProject, openImportProject, takeOwnDeclarations } from '../../helpers/stores/import-project.ts'

const first = withInfluxdb()
const second = withInfluxdb()
const projects: ImportProject[] = []

afterAll(() => {
  for (const project of projects) project.close()
})

describeInfluxdb('an import of an InfluxDB', () => {
  function openProject(url: string): ImportProject {
    const { user, password, token } = influxAdmin
    const { host } = new URL(url)
    const project = openImportProject('influxdb', { url: `http://${user}:${password}@${host}`, token })
    projects.push(project)
    return project
  }

  async function ask(method: string, path: string, body?: object): Promise<{ readonly [key: string]: unknown }> {
    const response = await fetch(`${first().url}/api/v2${path}`, {
      method,
      headers: { authorization: `Token ${influxAdmin.token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text)
  }

  it('declares what the repository does: each plans nothing on what the other has made', async () => {
    const repository = openProject(first().url)
    takeOwnDeclarations(repository, 'influxdb')
    expect(await repository.setup('apply')).toMatchObject({ exitCode: 0 })
    const imported = openProject(first().url)
    const { exitCode, answer } = await imported.importAll()
    expect({ exitCode, left: answer.notDeclarable }).toEqual({ exitCode: 0, left: [] })
    expect(imported.files()).toEqual(['access.yaml', 'buckets.yaml', 'downsampling.yaml', 'organization.yaml'])
    expect(await imported.changes()).toEqual([])
    const copy = openProject(second().url)
    for (const file of imported.files())
      copy.write(`migrations/influxdb/${file}`, imported.read(`migrations/influxdb/${file}`))
    expect(await copy.setup('apply')).toMatchObject({ exitCode: 0 })
    const back = openProject(second().url)
    takeOwnDeclarations(back, 'influxdb')
    expect(await back.changes()).toEqual([])
  })

  it('declares what somebody made by hand beside it, and names what a file cannot declare', async () => {
    const { orgs } = (await ask('GET', '/orgs?org=wework')) as { readonly orgs: readonly [{ readonly id: string }] }
    const orgID = orgs[0].id
    const make = (name: string, more = {}) => ask('POST', '/buckets', { orgID, name, retentionRules: [], ...more })
    const odd = await make('Odd.名 bucket', { description: `\${HOME} is no variable` })
    await make('constructor', { retentionRules: [{ type: 'expire', everySeconds: 5400 }] })
    await make('back\\slash')
    const read = 'from(bucket: "constructor") |> range(start: -1h)'
    const makeTask = (option: string, more = {}) =>
      ask('POST', '/tasks', {
        orgID,
        flux: `import "date"\nx = "\${date}"\noption task = {${option}}\n${read}`,
        ...more,
      })
    await makeTask('name: "own} work",\n  every: 60m, offset: 0s', { status: 'inactive' })
    await makeTask('cron: "0 3 * * *", name: "by cron", offset: 90s', { description: 'at night' })
    await makeTask('name: "monthly", every: 1mo')
    await makeTask('name: "tries again", every: 1h, retry: 3')
    const right = (action: string, type: string, id?: unknown) => ({
      action,
      resource: { type, orgID, ...(id === undefined ? {} : { id }) },
    })
    const permissions = [right('read', 'buckets', odd['id']), right('write', 'buckets', odd['id'])]
    const issued = await ask('POST', '/authorizations', { orgID, description: 'Odd/名', permissions })
    await ask('POST', '/authorizations', { orgID, description: 'too much', permissions: [right('read', 'tasks')] })
    await ask('POST', '/dbrps', {
      orgID,
      bucketID: odd['id'],
      database: 'Old.db',
      retention_policy: 'auto gen',
      default: true,
    })
    const project = openProject(first().url)
    const { exitCode, answer } = await project.importAll()
    expect(exitCode).toBe(1)
    expect(answer.notDeclarable.map(({ resource: { kind, name } }) => `${kind} ${name}`).toSorted()).toEqual([
      'bucket back\\slash',
      'task monthly',
      'task tries again',
      'token too much',
    ])
    expect(answer.declared.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Odd.名 bucket', 'constructor', 'Odd/名', 'Old.db/auto gen', 'own} work', 'by cron']),
    )
    const all = project
      .files()
      .map((file) => project.read(`migrations/influxdb/${file}`))
      .join('\n')
    expect(all).not.toContain(String(issued['token']))
    expect(await project.changes()).toEqual([])
    expect((await project.importAll()).answer).toMatchObject({ declared: [], files: [] })
    const some = openProject(first().url)
    await some.importAll('--only', 'constr*')
    expect(some.files()).toEqual(['buckets.yaml', 'organization.yaml'])
    expect(await some.changes()).toEqual([])
  })
})
