import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { failingWithSecrets, mark } from '../../helpers/migrations/secret-statements.ts'
import { startRedis } from '../../helpers/redis/redis.ts'
import { migration, type Stage, type StageOptions, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

/** Runs are processes: the libraries of OpenTelemetry read the environment of theirs. */
async function stage(options: StageOptions): Promise<Stage> {
  const opened = await openStage(options)
  return { ...opened, run: (args, more) => opened.start(args, more).ended }
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string }
}

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
  readonly status: { readonly code?: number; readonly message?: string }
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
  }[]
}

interface Collector {
  readonly url: string
  readonly requests: readonly { readonly request: IncomingMessage; readonly body: Buffer }[]
  readonly exports: () => readonly Export[]
  readonly spans: () => readonly Span[]
}

const closings: (() => void)[] = []
afterAll(() => {
  for (const close of closings) close()
})

/** A collector that keeps what is sent to it; one that is silent never answers. */
async function openCollector(silent = false): Promise<Collector> {
  const requests: { readonly request: IncomingMessage; readonly body: Buffer }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      requests.push({ request, body: Buffer.concat(chunks) })
      if (!silent) response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closings.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const exports = (): readonly Export[] => requests.map(({ body }) => JSON.parse(body.toString('utf8')) as Export)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    exports,
    spans: () =>
      exports().flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
  }
}

/** The attributes as a value. */
function read(attributes: readonly Attribute[]): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)] as const),
  )
}

/** `name` of each span under its parents, in the order in which they began. */
function outline(spans: readonly Span[]): readonly string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const pathOf = (span: Span): string => {
    const parent = byId.get(span.parentSpanId ?? '')
    return parent === undefined ? span.name : `${pathOf(parent)} > ${span.name}`
  }
  return spans
    .toSorted((one, other) => Number(BigInt(one.startTimeUnixNano) - BigInt(other.startTimeUnixNano)))
    .map(pathOf)
}

const json = (url: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' })

const page = readFileSync(new URL('../../../docs/operations/tracing.md', import.meta.url), 'utf8')

test('a run is a span under that of TRACEPARENT, with its target, migrations and statements below it', async () => {
  const shown = Object.fromEntries([...page.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]))
  const up = 'CREATE TABLE a (id INT PRIMARY KEY);\nINSERT INTO a VALUES (1), (2);'
  const project = await stage({ files: { 'app/0001_a.sql': migration(up, 'DROP TABLE a;') } })
  const collector = await openCollector()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const run = await project.run(['migrate', '--no-probe'], {
    environment: { ...shown, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  expect(run).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('spans') })
  expect(collector.requests[0]?.request).toMatchObject({ url: '/v1/traces', headers: { 'x-key': 'k-1' } })
  const [first] = collector.exports()
  expect(read(first?.resourceSpans[0]?.resource.attributes ?? [])).toMatchObject({
    'service.name': 'deploys',
    'deployment.environment.name': 'test',
  })
  const spans = collector.spans()
  expect(outline(spans)).toEqual([
    'wwdb migrate',
    'wwdb migrate > app',
    'wwdb migrate > app > 0001_a up',
    'wwdb migrate > app > 0001_a up > CREATE TABLE a',
    'wwdb migrate > app > 0001_a up > INSERT a',
  ])
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
  const named = (name: string): Span | undefined => spans.find((span) => span.name === name)
  expect(named('wwdb migrate')?.parentSpanId).toBe('b7ad6b7169203331')
  const [recorded] = (await project.query('SELECT run_id FROM wwdb_runs'))[0] ?? []
  expect(read(named('wwdb migrate')?.attributes ?? [])).toMatchObject({
    'wwdb.run.id': recorded,
    'wwdb.flags': '--no-probe',
    'wwdb.exit_code': 0,
  })
  const drawn = /```\n(wwdb migrate\n[\s\S]*?)```/
    .exec(page)?.[1]
    ?.split('\n')
    .map((line) => line.replace(/^[ └├]+/u, ''))
  expect(outline(spans).map((path) => path.split(' > ').at(-1))).toEqual(drawn?.filter((line) => line !== ''))
  const keys = spans.flatMap(({ attributes }) => attributes.map(({ key }) => key))
  expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([])
  const { hostname, port } = new URL(project.url)
  expect(read(named('INSERT a')?.attributes ?? [])).toEqual({
    'db.system.name': 'mysql',
    'db.namespace': project.schema('app'),
    'server.address': hostname,
    'server.port': Number(port),
    'wwdb.database': 'app',
    'db.query.summary': 'INSERT a',
    'db.operation.name': 'INSERT',
    'code.file.path': 'migrations/app/0001_a.sql',
    'code.line.number': 3,
    'wwdb.rows': 2,
  })
})

test("a statement that fails has the number of MySQL's error, and so have all above it", async () => {
  const project = await stage({ files: { 'app/0001_a.sql': migration('CREATE TABLE a (id NOPE);') } })
  const collector = await openCollector()
  expect(await project.run(['migrate', '--no-probe'], { environment: json(collector.url) })).toMatchObject({
    exitCode: 2,
  })
  const spans = collector.spans()
  expect(outline(spans).at(-1)).toBe('wwdb migrate > app > 0001_a up > CREATE TABLE a')
  for (const span of spans) {
    expect(span.status).toMatchObject({ code: 2, message: expect.any(String) })
    expect(read(span.attributes)).toMatchObject({
      'error.type': '1064',
      'db.response.status_code': '1064',
      'wwdb.error.code': 'STATEMENT_FAILED',
    })
  }
})

test('each shard of a rotation is a span', async () => {
  const template =
    '-- wwdb:period month\n-- wwdb:name notes_{YYYYMM}\n-- wwdb:late 0 days\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n'
  const project = await stage({ files: { 'shard-templates/app/notes.sql': template } })
  const collector = await openCollector()
  expect(await project.run(['rotate', 'run'], { environment: json(collector.url) })).toMatchObject({ exitCode: 0 })
  const made = await project.tables()
  const shards = made.filter((table) => table.startsWith('notes_'))
  expect(shards.length).toBeGreaterThan(1)
  expect(
    outline(collector.spans())
      .filter((path) => path.includes('create'))
      .toSorted(),
  ).toEqual(shards.map((table) => `wwdb rotate run > app > create ${table}`))
})

test('each shard that a migration is carried to is a span of that migration, and one that fails has the error', async () => {
  const template = (column: string): string =>
    `-- wwdb:keys app.owners(id)\n-- wwdb:name notes_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY${column}) ENGINE=InnoDB;\n`
  const project = await openStage({
    files: {
      'app/0001_owners.sql': migration(
        'CREATE TABLE owners (id BIGINT PRIMARY KEY);\nINSERT INTO owners VALUES (1), (2), (3);',
      ),
      'shard-templates/app/notes.sql': template(''),
    },
  })
  for (const words of [['migrate'], ['rotate', 'run']]) expect(await project.run(words)).toMatchObject({ exitCode: 0 })
  project.write('shard-templates/app/notes.sql', template(', body INT'))
  const header = '-- wwdb:shards notes'
  project.write('app/0002_body.sql', migration('ALTER TABLE {{table}} ADD COLUMN body INT;', undefined, header))
  const collector = await openCollector()
  const run = () => project.start(['migrate'], { environment: json(collector.url) }).ended
  // By hand one of them has the column already: its statement fails.
  await project.query('ALTER TABLE notes_3 ADD COLUMN body INT')
  expect(await run()).toMatchObject({ exitCode: 2 })
  const parent = 'wwdb migrate > app > 0002_body up'
  const shardsOf = (spans: readonly Span[]): readonly string[] =>
    outline(spans)
      .filter((path) => / on notes_\d$/.test(path))
      .toSorted()
  const first = collector.spans()
  expect(shardsOf(first)).toEqual([1, 2, 3].map((key) => `${parent} > 0002 on notes_${key}`))
  const failed = first.find(({ name }) => name === '0002 on notes_3')
  expect(failed?.status).toMatchObject({ code: 2 })
  expect(read(failed?.attributes ?? [])).toMatchObject({
    'db.collection.name': 'notes_3',
    'wwdb.family': 'notes',
    'error.type': '1060',
  })
  expect(first.find(({ name }) => name === '0002 on notes_1')?.status.code ?? 0).not.toBe(2)
  // The next run has only what was left.
  await project.query('ALTER TABLE notes_3 DROP COLUMN body')
  expect(await run()).toMatchObject({ exitCode: 0 })
  expect(shardsOf(collector.spans().slice(first.length))).toEqual([`${parent} > 0002 on notes_3`])
})

test('each change of a store is a span of the setup that made it', async () => {
  const redis = await startRedis()
  closings.push(() => void redis.stop())
  const project = await stage({
    files: { 'migrations/redis/all.yaml': 'settings:\n  timeout: 300\n  tcp-keepalive: 120\n' },
    configuration: { stores: { redis: { url: redis.url } } },
  })
  const collector = await openCollector()
  const words = ['setup', 'apply', '--only', 'redis', '--yes']
  expect(await project.run(words, { environment: json(collector.url) })).toMatchObject({ exitCode: 0 })
  const changes = collector.spans().filter(({ name }) => name.startsWith('redis '))
  expect(outline(collector.spans())).toEqual(
    expect.arrayContaining(changes.map(({ name }) => `wwdb setup apply > ${name}`)),
  )
  for (const setting of ['timeout', 'tcp-keepalive'])
    expect(
      changes.filter(({ name }) => name.includes(setting)),
      setting,
    ).toHaveLength(1)
  for (const { attributes } of changes)
    expect(read(attributes)).toMatchObject({
      'db.system.name': 'redis',
      'server.address': '127.0.0.1',
      'server.port': redis.port,
    })
})

test('a collector that never answers, or is not there, is one warning, and the run ends soon', async () => {
  const files = { 'app/0001_a.sql': tableMigration('a') }
  const { url } = await openCollector(true)
  for (const endpoint of [url, 'http://127.0.0.1:9']) {
    const project = await stage({ files })
    const started = performance.now()
    const run = await project.run(['migrate', '--no-probe'], { environment: json(endpoint) })
    expect(performance.now() - started).toBeLessThan(20_000)
    expect(run.exitCode).toBe(0)
    expect(run.stderr.match(/could not be sent to the collector/g)).toHaveLength(1)
  }
})

test('protobuf is what a collector gets where nothing else is said, and another protocol is a warning', async () => {
  const project = await stage({ files: { 'app/0001_a.sql': tableMigration('a') } })
  const collector = await openCollector()
  const sent = await project.run(['status'], { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
  expect(sent.exitCode).toBe(0)
  expect(collector.requests[0]?.request.headers['content-type']).toBe('application/x-protobuf')
  expect(collector.requests[0]?.body.includes('wwdb status')).toBe(true)
  const environment = { ...json(collector.url), OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
  const refused = await project.run(['status'], { environment })
  expect(refused).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('not traced: OTEL_EXPORTER_OTLP_PROTOCOL'),
  })
  expect(collector.requests).toHaveLength(1)
})

test('a run that no variable asks to trace loads nothing of OpenTelemetry', async () => {
  const project = await stage({ files: { 'app/0001_a.sql': tableMigration('a') } })
  const { url } = await openCollector()
  const loads = async (name: string, environment: Readonly<Record<string, string>>): Promise<boolean> => {
    const folder = join(project.folder, name)
    mkdirSync(folder)
    await project.run(['status'], { environment: { ...environment, NODE_V8_COVERAGE: folder } })
    const sources = readdirSync(folder).flatMap((file) => sourcesOf(readFileSync(join(folder, file), 'utf8')))
    expect(sources.some((source) => source.includes('/mysql2/'))).toBe(true)
    return sources.some((source) => source.includes('@opentelemetry'))
  }
  expect(await loads('none', {})).toBe(false)
  expect(await loads('disabled', { ...json(url), OTEL_SDK_DISABLED: 'true' })).toBe(false)
  expect(await loads('traced', json(url))).toBe(true)
})

/** What the scripts of a coverage report were made from. */
function sourcesOf(report: string): readonly string[] {
  const { result }: { readonly result: readonly { readonly url: string }[] } = JSON.parse(report)
  return result.flatMap(({ url }) => {
    const file = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : ''
    if (!existsSync(file)) return []
    const map: { readonly sources: readonly string[] } = JSON.parse(readFileSync(file, 'utf8'))
    return map.sources
  })
}

test('no span holds a secret of a statement that runs or fails', async () => {
  const account = `u${Date.now()}`
  const fine = `CREATE USER '${account}' IDENTIFIED BY '${mark}fine';\nALTER USER '${account}' IDENTIFIED BY '${mark}other';\nSET @app_password = '${mark}third';\nINSERT INTO t SELECT LENGTH(@app_password);\nDROP USER '${account}';`
  for (const [name, sql] of [['statements that run', fine] as const, ...failingWithSecrets]) {
    const files = { 'app/0001_t.sql': tableMigration('t'), 'app/0002_x.sql': migration(sql, 'DO 0;') }
    const project = await stage({ files })
    const collector = await openCollector()
    const run = await project.run(['migrate', '--yes', '--no-probe'], { environment: json(collector.url) })
    expect(run.exitCode === 0, `${name}: ${run.stderr}`).toBe(name === 'statements that run')
    const sent = collector.requests.map(({ body }) => body.toString('utf8')).join('\n')
    expect(sent, name).toContain('"wwdb.exit_code"')
    expect(sent.includes(mark) ? `${name}: ${sent}` : '').toBe('')
  }
}, 240_000)
