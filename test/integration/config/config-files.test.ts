import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Config } from '../../../src/config/config.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { ConfigRequest } from '../../../src/config/request.ts'
import { ToolError } from '../../../src/core/tool-error.ts'

const whole = '{"databases": {"app": {"url": "mysql://root@127.0.0.1:3306/app"}}}'

let root = ''

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'wwdb-config-')))
  await mkdir(join(root, 'work/deep/below'), { recursive: true })
  await mkdir(join(root, '.git'))
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}

async function load(folder: string, request: Partial<ConfigRequest> = {}): Promise<Config> {
  return loadConfig({
    cwd: join(root, folder),
    file: null,
    environmentName: null,
    flags: {},
    environment: {},
    ...request,
  })
}

/** The error a configuration gives; fails where it gives none. */
async function refusal(folder: string, request: Partial<ConfigRequest> = {}): Promise<ToolError> {
  const error = await load(folder, request).then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ToolError)) throw new Error(`no ToolError but ${error}`)
  return error
}

describe('finding the file', () => {
  it('looks upward from the working directory', async () => {
    await write('work/wwdb.config.json', whole)
    const config = await load('work/deep/below')
    expect(config.file).toBe(join(root, 'work/wwdb.config.json'))
    expect(config.root).toBe(join(root, 'work'))
    expect(config.databases[0]?.migrations).toBe(join(root, 'work/migrations/app'))
  })

  it('takes the nearest one', async () => {
    await write('wwdb.config.json', whole)
    await write('work/deep/wwdb.config.mjs', `export default ${whole}`)
    expect((await load('work/deep/below')).file).toBe(join(root, 'work/deep/wwdb.config.mjs'))
  })

  it('looks into a folder with a .git, but not above it', async () => {
    await write('wwdb.config.json', whole)
    expect((await load('work')).file).toBe(join(root, 'wwdb.config.json'))
    await mkdir(join(root, 'work/.git'))
    const { exitCode, code, faults } = await refusal('work/deep')
    expect({ exitCode, code, faults }).toEqual({
      exitCode: 78,
      code: 'CONFIG_INVALID',
      faults: [
        {
          what: 'There is no configuration.',
          why: `Neither \`wwdb.config.json\` nor \`wwdb.config.mjs\` is in \`${join(root, 'work/deep')}\` or a folder above it, and no URL is given.`,
          next: 'Create one with `wwdb init`, give one with `--config`, or give `--url`.',
        },
      ],
    })
  })

  it.each([
    ['--url', { flags: { url: 'mysql://root@h/app' } }],
    ['WWDB_URL', { environment: { WWDB_URL: 'mysql://root@h/app' } }],
  ])('needs none with %s', async (_name, request) => {
    const config = await load('work', request)
    expect(config).toMatchObject({ file: null, root: join(root, 'work'), databases: [{ name: 'app' }] })
  })

  it.each([
    ['--config', { file: 'deep/other.json' }],
    ['WWDB_CONFIG', { environment: { WWDB_CONFIG: 'deep/other.json' } }],
  ])('takes the one that %s names, from the working directory', async (_name, request) => {
    await write('work/wwdb.config.json', '{}')
    await write('work/deep/other.json', whole)
    expect((await load('work', request)).file).toBe(join(root, 'work/deep/other.json'))
  })

  it('refuses to choose between two forms in one folder', async () => {
    await write('work/wwdb.config.json', whole)
    await write('work/wwdb.config.mjs', `export default ${whole}`)
    expect((await refusal('work')).message).toBe(
      `\`${join(root, 'work')}\` has both \`wwdb.config.json\` and \`wwdb.config.mjs\`.`,
    )
  })
})

describe('a module', () => {
  it('may be a function of the environment', async () => {
    await write(
      'wwdb.config.mjs',
      `export default async (environment) => ({
        url: \`mysql://root@\${environment ?? 'local'}\`,
        databases: { app: {} },
        environments: { ci: {} },
      })`,
    )
    expect((await load('.')).databases[0]?.server.label).toBe('local:3306')
    expect((await load('.', { environmentName: 'ci' })).databases[0]?.server.label).toBe('ci:3306')
  })

  it.each([
    ['throws', 'throw new Error("no way")', 'The configuration wwdb.config.mjs cannot be loaded.', 'no way'],
    [
      'has no default export',
      'export const databases = {}',
      'The configuration must be an object, not nothing.',
      undefined,
    ],
    ['gives something else', 'export default 5', 'The configuration must be an object, not 5.', undefined],
    [
      'holds a function',
      'export default { databases: { app: { url: () => "" } } }',
      'databases.app.url must be a string, not a function.',
      undefined,
    ],
  ])('that %s is refused', async (_name, content, what, why) => {
    await write('wwdb.config.mjs', content)
    const { faults, exitCode } = await refusal('.')
    expect(exitCode).toBe(78)
    expect(faults[0]).toMatchObject({ what, where: { file: 'wwdb.config.mjs' } })
    expect(faults[0]?.why).toBe(why)
  })
})

describe('a file that cannot be used gives one sentence', () => {
  it.each<readonly [string, string | Uint8Array, string]>([
    ['empty', '', 'wwdb.config.json is not valid JSON at 1:1: it ends where a value is expected.'],
    [
      'with a trailing comma',
      '{\n  "url": "x",\n}',
      'wwdb.config.json is not valid JSON at 2:13: there is a comma before "}".',
    ],
    [
      'in UTF-16',
      Buffer.from('\ufeff{"databases": {}}', 'utf16le'),
      'The configuration wwdb.config.json is not UTF-8.',
    ],
    ['in Latin-1', Buffer.from('{"prefix": "\u00fc"}', 'latin1'), 'The configuration wwdb.config.json is not UTF-8.'],
    ['with a NUL byte', '{\0}', 'wwdb.config.json is not valid JSON at 1:2: a key in double quotes is expected here.'],
    ['of 2 MiB', ' '.repeat(2 ** 21), 'The configuration wwdb.config.json is larger than 1 MiB.'],
    [
      'nested without end',
      '['.repeat(100_000),
      'wwdb.config.json is not valid JSON at 1:66: it is nested deeper than 64 levels.',
    ],
  ])('%s', async (_name, content, what) => {
    await write('wwdb.config.json', content)
    const { faults, exitCode } = await refusal('.')
    expect(faults.map((fault) => fault.what)).toEqual([what])
    expect(exitCode).toBe(78)
  })

  it('a folder, a loop of links, one that is not there, and one of another kind', async () => {
    await mkdir(join(root, 'folder.json'))
    await symlink('loop.json', join(root, 'loop.json'))
    const messages = []
    for (const file of ['folder.json', 'loop.json', 'absent.json', 'absent.mjs', 'wwdb.yaml']) {
      messages.push((await refusal('.', { file })).message)
    }
    expect((await refusal('.', { file: 'absent.json' })).faults[0]?.next).toContain('`wwdb init`')
    expect(messages).toEqual([
      'The configuration folder.json is not a file.',
      'The configuration loop.json is a symbolic link that leads to itself.',
      'The configuration absent.json does not exist.',
      'The configuration absent.mjs does not exist.',
      'wwdb.yaml is not a configuration file.',
    ])
  })

  it('shows the line that breaks, unless it may hold a secret', async () => {
    await write('wwdb.config.json', '{\n  "prefix": "a"\n  "concurrency": 1\n}')
    expect((await refusal('.')).faults[0]).toMatchObject({
      where: { line: 3, column: 3 },
      excerpt: { text: '  "', line: 3, column: 3 },
    })
    await write('wwdb.config.json', '{\n  "url": "mysql://root:geheim99@h" "concurrency": 1\n}')
    const [fault] = (await refusal('.')).faults
    expect(fault?.where).toMatchObject({ line: 2, column: 36 })
    expect(JSON.stringify(fault)).not.toContain('geheim99')
  })
})

describe('what is read on the way', () => {
  it('a byte order mark and Windows line ends', async () => {
    await write('wwdb.config.json', `\ufeff${whole.replaceAll(' ', '\r\n')}`)
    expect((await load('.')).databases).toHaveLength(1)
  })

  it('certificates and password files, relative to the configuration', async () => {
    const server = { url: 'mysql://root@h', passwordFile: 'secrets/password', tls: { ca: 'tls/ca.pem' } }
    await write('work/wwdb.config.json', JSON.stringify({ databases: { app: server } }))
    await write('work/secrets/password', 'geheim99\n')
    await write('work/tls/ca.pem', 'PEM')
    const [database] = (await load('work/deep')).databases
    expect(database?.server.tls?.ca).toBe('PEM')
    expect(database?.server.password?.reveal()).toBe('geheim99')
  })

  it('no secret of the file or the environment into an error', async () => {
    await write('wwdb.config.json', '{"databases": {"app": {}}, "references": "geheim99"}')
    const error = await refusal('.', { environment: { WWDB_URL: 'mysql://root:geheim99@h:x', MYSQL_PWD: 'geheim99' } })
    expect(error.faults.map((fault) => fault.what)).toEqual([
      'references must be "auto", "physical" or "logical", not "***".',
      'WWDB_URL has a port that is not a number from 1 to 65535.',
    ])
    expect(JSON.stringify(error.faults) + error.message + error.stack).not.toContain('geheim99')
  })
})
