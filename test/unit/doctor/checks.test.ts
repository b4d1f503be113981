import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checks } from '../../../src/doctor/checks.generated.ts'
import { command as doctor } from '../../../src/doctor/commands/doctor.ts'
import type { Facts, FailedStage, SeenServer, ServerFacts, StoreFacts } from '../../../src/doctor/facts.ts'
import { judgeFacts } from '../../../src/doctor/judge.ts'
import { projectWithoutConfig } from '../../../src/doctor/read-project.ts'
import { configOf, databaseOf } from '../../helpers/migrations/engine.ts'
import { offlineContext } from '../../helpers/tool/offline-context.ts'

const codes = checks.map(({ code }) => code)
const [database] = [databaseOf('app')]
const now = Date.parse('2026-11-26T12:00:00Z')

const seen: SeenServer = {
  version: '9.7.4',
  encrypted: true,
  clockOffset: 0,
  variables: new Map([
    ['log_bin', 'ON'],
    ['open_files_limit', '10000'],
    ['max_connections', '100'],
  ]),
  status: new Map([['threads_connected', '1']]),
  zoneMinutes: 0,
  zonesLoaded: true,
  lock: null,
  channels: [],
  members: [],
  unreachedPrimaries: [],
  transactions: [],
  prepared: [],
  stages: true,
  account: { name: 'wwdb@%', local: false, needsTls: true, plugin: 'caching_sha2_password', grants: [] },
  accounts: null,
  orphans: [],
  schemas: [],
  tables: 100,
  disk: null,
  unread: [],
}

function factsWith(changes: Partial<SeenServer>, server: Partial<ServerFacts> = {}, more: Partial<Facts> = {}): Facts {
  const one: ServerFacts = {
    label: 'db:3306',
    remote: true,
    server: { ...database.server, encryption: 'required', tls: { ca: 'x', cert: null, key: null, verify: true } },
    databases: ['app'],
    failure: null,
    seen: { ...seen, ...changes },
    ...server,
  }
  const config = configOf(['app'])
  return {
    now,
    node: '24.1.0',
    config,
    project: projectWithoutConfig([], codes),
    servers: [one],
    databases: [],
    stores: [],
    storesWithoutUrl: [],
    ...more,
  }
}

const foundIn = (facts: Facts) => judgeFacts(checks, facts).findings.map(({ code }) => code)
const account = seen.account
const member = { address: 'a:1', state: 'ONLINE', role: 'PRIMARY', queue: 0 }
const trio = [member, { ...member, address: 'b:1' }, { ...member, address: 'c:1' }]
const channel = { name: '', source: 'a:1', receives: true, applies: true, error: '', lag: 0 }
const other = { name: 'x@%', local: false, needsTls: true, hasPassword: true }
const withVariable = (name: string, value: string) => ({ variables: new Map([...seen.variables, [name, value]]) })

/** What a test cannot make of a real server at an acceptable price: replicas, groups, clocks, certificates, accounts. */
const cases: readonly (readonly [code: string, facts: Facts])[] = [
  ['clock', factsWith({ clockOffset: 9000 })],
  ['replica-stopped', factsWith({ channels: [{ ...channel, applies: false, error: 'error 1062' }] })],
  ['replica-lag', factsWith({ channels: [{ ...channel, lag: 61 }], ...withVariable('gtid_mode', 'ON') })],
  [
    'replica-writable',
    factsWith({
      channels: [channel],
      variables: new Map([...seen.variables, ['gtid_mode', 'ON'], ['read_only', 'OFF']]),
    }),
  ],
  ['gtid-mode', factsWith({ channels: [channel], ...withVariable('gtid_mode', 'OFF') })],
  ['group-member', factsWith({ members: [...trio, { ...member, address: 'd:1', state: 'ERROR' }] })],
  ['group-primary', factsWith({ unreachedPrimaries: [{ address: 'b:1', fault: { what: 'Nothing answers.' } }] })],
  ['group-size', factsWith({ members: trio.slice(1) })],
  ['group-lag', factsWith({ members: [...trio, { ...member, address: 'd:1', queue: 5000 }] })],
  ['open-files', factsWith(withVariable('open_files_limit', '50'))],
  [
    'server-certificate',
    factsWith({ status: new Map([...seen.status, ['ssl_server_not_after', 'Dec  1 12:00:00 2026 GMT']]) }),
  ],
  [
    'schema-missing',
    factsWith({}, { seen: null, keyspaces: [], missingKeyspaces: [{ database: 'app', keyspace: 'pr_1_app' }] }),
  ],
  ['server-no-tls', factsWith({ encrypted: false })],
  ['server-unproven', factsWith({}, { server: { ...database.server, encryption: 'required' } })],
  ['account-tls', factsWith({ account: { ...account, needsTls: false } })],
  ['account-plugin', factsWith({ account: { ...account, plugin: 'mysql_native_password' } })],
  ['accounts-password', factsWith({ accounts: [{ ...other, hasPassword: false }] })],
  ['accounts-tls', factsWith({ accounts: [{ ...other, needsTls: false }] })],
  [
    'time-zone-tables',
    factsWith(
      { zonesLoaded: false },
      {},
      { project: { ...projectWithoutConfig([], codes), zones: ['Asia/Shanghai'] } },
    ),
  ],
  [
    'function-creators',
    factsWith(
      withVariable('log_bin_trust_function_creators', 'OFF'),
      {},
      { project: { ...projectWithoutConfig([], codes), makesFunctions: true } },
    ),
  ],
  ['node-end-of-life', factsWith({}, {}, { node: '20.19.0' })],
  [
    'declarations-invalid',
    factsWith({}, {}, { project: { ...projectWithoutConfig([], codes), declarations: [{ what: 'x' }] } }),
  ],
  ...(['tls', 'no-tls', 'busy', 'engine'] as const).map((stage: FailedStage) => {
    const code = {
      tls: 'server-tls-fails',
      'no-tls': 'server-tls-needed',
      busy: 'server-busy',
      engine: 'server-unsupported',
    }[stage as 'tls']
    return [code, factsWith({}, { failure: { stage, fault: { what: 'it failed' } }, seen: null })] as const
  }),
]

const store: StoreFacts = {
  store: 'redis',
  server: 'r:6379',
  remote: true,
  secure: true,
  version: '8.4.2',
  fault: null,
  drift: [],
  checks: [],
}
const drift = {
  code: 'STORE_DRIFT',
  store: 'redis',
  server: 'r:6379',
  resource: { kind: 'user', name: 'a' },
  what: 'User a differs.',
  why: null,
  differences: [],
  next: 'Look.',
  zh: { what: '用户 `a` 与声明不一致。', why: null, next: '请查看。' },
} as const
const proof = {
  name: 'all slots are served',
  seen: '3 are not',
  next: 'Look.',
  zh: { name: '所有槽都有节点负责', seen: '3 个没有', next: '请查看。' },
}

const storeCases: readonly (readonly [code: string, store: StoreFacts])[] = [
  ['redis-unusable', { ...store, fault: { what: 'Cannot connect.' } }],
  ['redis-differs', { ...store, drift: [{ ...drift, severity: 'error' }] }],
  ['redis-undeclared', { ...store, drift: [{ ...drift, severity: 'warning' }] }],
  ['redis-unsound', { ...store, checks: [{ ...proof, state: 'bad' }] }],
  ['redis-weak', { ...store, checks: [{ ...proof, state: 'warning' }] }],
  ['redis-plain', { ...store, secure: false }],
  ['redis-end-of-life', { ...store, version: '7.0.15' }],
]

describe('the checks of wwdb doctor', () => {
  test('have nothing against a server and a store that are well', () => {
    expect(foundIn(factsWith({}, {}, { stores: [store] }))).toEqual([])
  })

  test.each(cases)('find %s alone', (code, facts) => {
    expect(foundIn(facts)).toEqual([code])
  })

  test.each(storeCases)('find %s alone', (code, one) => {
    expect(foundIn(factsWith({}, {}, { stores: [one] }))).toEqual([code])
  })

  test('write a name at the start of a result as it is', () => {
    const one: StoreFacts = { ...store, checks: [{ ...proof, state: 'bad', seen: 'boss may access every key.' }] }
    const { findings } = judgeFacts(checks, factsWith({}, {}, { stores: [one] }))
    expect(findings.map(({ why }) => why)).toEqual(['Result: boss may access every key.'])
  })

  test('find servers that treat capitals differently', () => {
    const facts = factsWith(withVariable('lower_case_table_names', '0'))
    const second = factsWith(withVariable('lower_case_table_names', '1'), { label: 'db2:3306' })
    expect(foundIn({ ...facts, servers: [...facts.servers, ...second.servers] })).toEqual(['lower-case-names'])
  })

  test('are made to fail on a real server or file, but for those that the page names', () => {
    const folder = join(import.meta.dirname, '../../integration')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'))
    const tests = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('')
    const isShown = (code: string): boolean => {
      const ofEachStore = code.replace(/^(?:elasticsearch|influxdb|mongodb|redis)-/, '}-')
      return tests.includes(`'${code}'`) || (ofEachStore !== code && tests.includes(`${ofEachStore}\``))
    }
    const page = readFileSync(join(import.meta.dirname, '../../../docs/operations/doctor.md'), 'utf8')
    const [, sentence = ''] = /on values alone: (.+?),? which depend/s.exec(page) ?? []
    const named = [...sentence.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code)
    expect(codes.filter((code) => !isShown(code)).toSorted()).toEqual(named.toSorted())
  })

  test('have each a code of its own and a question', () => {
    expect(new Set(codes).size).toBe(codes.length)
    for (const { asks } of checks) expect(asks.en).toMatch(/\?(?: \(.*\))?$/)
  })
})

describe('in Chinese', () => {
  const han = /\p{Script=Han}/u
  const namesIn = (...texts: readonly (string | null)[]): readonly string[] =>
    texts.flatMap((text) => (text ?? '').match(/`[^`]+`/g) ?? []).toSorted()

  test.each(checks)('$code asks the same, with the same names', ({ asks }) => {
    expect(asks.en).not.toMatch(han)
    expect(asks.zh).toMatch(han)
    expect(namesIn(asks.zh)).toEqual(namesIn(asks.en))
  })

  test.each(cases)('%s says the same, with the same names', (code, facts) => {
    const said = (language: 'en' | 'zh') =>
      judgeFacts(checks, facts, language).findings.filter((finding) => finding.code === code)
    expect(said('en').length).toBeGreaterThan(0)
    for (const [index, { what, why, fix, where }] of said('zh').entries()) {
      const english = said('en')[index]
      expect(`${what}${why}${fix}`).toMatch(han)
      expect(fix).toMatch(/。$/)
      expect(where).toEqual(english?.where)
      expect(namesIn(what, why, fix)).toEqual(namesIn(english?.what ?? '', english?.why ?? '', english?.fix ?? ''))
    }
  })

  test('--language lists the checks', async () => {
    const { result } = await doctor.run({ list: true, language: 'zh' }, offlineContext('/'))
    expect(result.checks.find(({ code }) => code === 'clock')?.asks).toBe('本机与每台服务器的时钟是否一致？')
  })
})

test('a list of rights that is too long for a sentence ends between two of them', () => {
  const rights =
    'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, SHUTDOWN, PROCESS, FILE, REFERENCES, INDEX, ALTER, SHOW DATABASES, SUPER'
  const facts = factsWith({ account: { ...account, grants: [`GRANT ${rights} ON *.* TO \`wwdb\`@\`%\``] } })
  const [finding] = judgeFacts(checks, facts).findings.filter(({ code }) => code === 'account-rights')
  expect(finding?.why).toBe(`It has \`GRANT ${rights.slice(0, rights.indexOf(', SHOW'))}, ...\`.`)
})
