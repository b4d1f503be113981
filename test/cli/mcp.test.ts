import { execPath } from 'node:process'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Stage, tableMigration, withStages } from '../helpers/tool/stage.ts'
import { cleanEnvironment, launcher, runTool } from '../helpers/tool/tool.ts'

const openStage = withStages()
const clients: Client[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})

/** A client as an agent has it: it starts `wwdb mcp` in the folder of the project. */
async function connect(folder: string, ...flags: readonly string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  clients.push(client)
  const args = [launcher, 'mcp', ...flags]
  await client.connect(
    new StdioClientTransport({ command: execPath, args, cwd: folder, env: cleanEnvironment(), stderr: 'pipe' }),
  )
  // A client that knows the schemas compares every answer with that of its tool.
  await client.listTools()
  return client
}

async function call(client: Client, name: string, input: Record<string, unknown> = {}) {
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: input })
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  return { text, document: structuredContent, isError: isError === true }
}

describe('an agent with the server of wwdb', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await openStage({
      databases: ['app', 'other'],
      files: {
        'app/0001_people.sql': tableMigration('people'),
        'app/0002_pets.sql': tableMigration('pets'),
        'other/0001_things.sql': tableMigration('things'),
        'shard-templates/app/notes.sql':
          '-- wwdb:keys app.people(id)\n-- wwdb:name notes_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n',
      },
    })
    expect(await stage.run(['migrate', '--target', 'app', '--steps', '1'])).toMatchObject({ exitCode: 0 })
  })

  test('is offered tools that only read, each with a schema of its arguments', async () => {
    const { tools } = await (await connect(stage.folder)).listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      'status',
      'plan',
      'lint',
      'drift',
      'shards_check',
      'schema',
      'history',
      'doctor',
      'setup_verify',
      'check_references',
      'grants',
      'grants_check',
      'search_docs',
      'read_docs',
    ])
    for (const { name, annotations, inputSchema, outputSchema } of tools) {
      expect(annotations, name).toMatchObject({ readOnlyHint: true, destructiveHint: false })
      expect(inputSchema, name).toMatchObject({ type: 'object', additionalProperties: false })
      expect(outputSchema, name).toMatchObject({ type: 'object' })
    }
  })

  test.each([
    ['status', {}, ['status'], { kind: 'status' }],
    ['plan', { databases: ['app'] }, ['plan', '--no-probe', '--target', 'app'], { kind: 'plan' }],
    ['lint', { language: 'zh' }, ['lint', '--language', 'zh'], { kind: 'lint' }],
    ['drift', { databases: ['app'] }, ['drift', '--no-probe', '--target', 'app'], { kind: 'schema-diff' }],
    ['shards_check', {}, ['shards', 'check'], { kind: 'shard-check' }],
    ['history', { limit: 1 }, ['history', '--limit', '1'], { kind: 'history' }],
    ['doctor', { language: 'zh' }, ['doctor', '--language', 'zh'], { kind: 'doctor' }],
    ['check_references', { all: true }, ['check', 'references', '--all'], { kind: 'orphans' }],
    ['grants', { for: ['migrate'] }, ['grants', '--for', 'migrate'], { kind: 'grants' }],
    ['grants_check', { account: 'root@localhost' }, ['grants', 'check', 'root@localhost'], { kind: 'grants-check' }],
  ])('gets from %s what the command prints', async (name, input, words, expected) => {
    const answer = await call(await connect(stage.folder), name, input)
    const printed = await stage.run([...words, '--json'])
    expect(answer).toMatchObject({ isError: false, document: expected })
    expect(withoutTimes(answer.text)).toBe(withoutTimes(printed.stdout.trim()))
  })

  test('gets the definitions as text, and the environment that it asks for', async () => {
    const client = await connect(stage.folder, '--target', 'app')
    expect(await call(client, 'schema', { as: 'mermaid' })).toMatchObject({
      isError: false,
      text: expect.stringContaining('erDiagram'),
    })
    expect(await call(client, 'status', { environment: 'nowhere' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('nowhere'),
    })
  })

  test('sees the schemas of the prefix that the server was started with', async () => {
    const client = await connect(stage.folder, '--prefix', 'nothing_has_this_')
    expect((await call(client, 'status')).text).toContain('nothing_has_this_app')
  })

  test('finds the page that explains a word, and reads it', async () => {
    const client = await connect(stage.folder)
    const found = await call(client, 'search_docs', { query: 'how does a fan-out continue after a kill' })
    expect(found.text).toContain('guides/fan-out.md')
    expect(found.document).toMatchObject({
      sections: expect.arrayContaining([expect.objectContaining({ page: 'guides/fan-out.md' })]),
    })
    const page = await call(client, 'read_docs', { page: 'guides/fan-out.md' })
    expect(page).toMatchObject({ isError: false, text: expect.stringMatching(/^# /) })
    const unknown = await call(client, 'read_docs', { page: '../package.json' })
    expect(unknown).toMatchObject({ isError: true, text: expect.stringContaining('There is no page') })
    expect((await call(client, 'read_docs')).text.split('\n')).toContain('guides/rotation.md')
  })

  test.each([
    ['how do I roll back the last migration', 'guides/'],
    ['rename a column of a shard family', 'guides/'],
    ['how long are shards held before they are dropped', 'guides/'],
  ])('finds for "%s" a page for users before a decision', async (query, page) => {
    const { text } = await call(await connect(stage.folder), 'search_docs', { query })
    expect(text.split('\n')[0]).toContain(page)
    expect(text.match(/^# internals/gm) ?? []).toEqual([])
  })

  test.each([
    ['an argument that the tool has not', 'status', { yes: true }],
    ['a value of the wrong type', 'history', { limit: 'all' }],
    ['a tool that writes', 'migrate', {}],
  ])('is refused %s', async (_, name, input) => {
    const client = await connect(stage.folder)
    const refused = await call(client, name, input).catch((error: unknown) => ({ isError: true, text: String(error) }))
    expect(refused).toMatchObject({ isError: true })
    expect(await call(client, 'status')).toMatchObject({ isError: false })
  })

  test('cannot give a value that is read as a flag', async () => {
    const client = await connect(stage.folder)
    const lint = await call(client, 'lint', { paths: ['--write-baseline'] })
    expect(lint).toMatchObject({ isError: true, text: expect.stringContaining('--write-baseline') })
    const plan = await call(client, 'plan', { to: '--out=plan.json' })
    expect(plan).toMatchObject({ isError: true })
  })

  test('learns that a server does not answer, and the server of the protocol lives on', async () => {
    const client = await connect(stage.folder, '--url', 'mysql://root:secret@127.0.0.1:1')
    const answer = await call(client, 'status')
    expect(answer).toMatchObject({ isError: true, document: expect.anything() })
    expect(answer.text).toContain('UNREACHABLE')
    expect(answer.text).not.toContain('secret')
    expect(await call(client, 'lint')).toMatchObject({ isError: false })
  })

  test('ends the server by closing its end, with exit code 0', async () => {
    const run = await runTool(['mcp'], { cwd: stage.folder, input: '' })
    expect(run).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
  })
})

/** Times, the id of the run and the room on the disk differ from run to run. */
function withoutTimes(json: string): string {
  return json
    .replaceAll(/"value":\d{9,}/g, '"value":0')
    .replaceAll(/"(?:milliseconds|at|checkedAt|now|seconds|time|run)":("[^"]*"|[\d.]+)/g, '"time":0')
}
