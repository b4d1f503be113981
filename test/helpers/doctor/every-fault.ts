import { asSaid } from '../../../src/core/in-both.ts'
import { storeKinds } from '../../../src/core/store.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { checks } from '../../../src/doctor/checks.generated.ts'
import type {
  DatabaseFacts,
  Facts,
  FailedStage,
  SeenServer,
  ServerFacts,
  StoreFacts,
} from '../../../src/doctor/facts.ts'
import { projectWithoutConfig } from '../../../src/doctor/read-project.ts'
import { findLeftovers, type Leftover } from '../../../src/operate/online/leftovers.ts'
import {
  findDrift,
  toErrorFindings,
  toNotComparedFinding,
  toUndeclaredFinding,
} from '../../../src/stores/find-drift.ts'
import { check } from '../../../src/stores/outcome.ts'
import { configOf, databaseOf } from '../migrations/engine.ts'

const codes = checks.map(({ code }) => code)
const target = { database: 'app', schema: 'app', server: 'db:3306' }
const { server } = databaseOf('app')
const fault = { what: 'the file is wrong', why: 'It has a fault.', next: 'Correct it.' }
const now = Date.parse('2032-11-26T12:00:00Z')

const leftTable = (name: string, comment = '') => ({ name, bytes: 60e9, createdAt: now - 86_400_000, comment })

/** One of each state, and one whose triggers are not seen. */
function leftoversOf(schema: string): readonly Leftover[] {
  const listed = {
    schema,
    seesTriggers: true,
    originals: ['copying', 'orphaned', 'copied', 'swapped', 'sentry', 'log'],
    tables: [
      ...['_copying_new', '_copied_gho', '_swapped_old', '_log_chkpnt', '_spirit_sentinel'].map((name) =>
        leftTable(name),
      ),
      leftTable('_sentry_del', 'ghost-cut-over-sentry'),
    ],
    triggers: ['copying', 'orphaned'].map((table) => ({ name: `pt_osc_app_${table}_ins`, table })),
  }
  return [
    ...findLeftovers(listed),
    ...findLeftovers({ ...listed, seesTriggers: false, tables: [leftTable('_copied_new')] }),
  ]
}

/** A server that has everything wrong that one server can have at a time. */
const bad: SeenServer = {
  version: '8.0.12',
  encrypted: true,
  clockOffset: -9000,
  variables: new Map([
    ['read_only', 'ON'],
    ['sql_mode', ''],
    ['innodb_strict_mode', 'OFF'],
    ['explicit_defaults_for_timestamp', 'OFF'],
    ['max_allowed_packet', '1024'],
    ['wait_timeout', '60'],
    ['lower_case_table_names', '0'],
    ['default_storage_engine', 'MyISAM'],
    ['character_set_server', 'latin1'],
    ['transaction_isolation', 'SERIALIZABLE'],
    ['log_bin', 'ON'],
    ['binlog_format', 'STATEMENT'],
    ['binlog_row_image', 'MINIMAL'],
    ['gtid_mode', 'OFF'],
    ['innodb_online_alter_log_max_size', '1024'],
    ['innodb_flush_log_at_trx_commit', '2'],
    ['sync_binlog', '0'],
    ['innodb_file_per_table', 'OFF'],
    ['performance_schema', 'ON'],
    ['general_log', 'ON'],
    ['log_bin_trust_function_creators', 'OFF'],
    ['table_definition_cache', '1'],
    ['open_files_limit', '1'],
    ['max_connections', '10'],
    ['time_zone', '+05:00'],
    ['innodb_redo_log_encrypt', 'OFF'],
  ]),
  status: new Map([
    ['threads_connected', '10'],
    ['ssl_server_not_after', 'Dec  1 12:00:00 2026 GMT'],
  ]),
  zoneMinutes: 300,
  zonesLoaded: false,
  lock: fault,
  channels: [{ name: '', source: 'a:1', receives: true, applies: false, error: 'error 1062', lag: null }],
  members: [{ address: 'a:1', state: 'ERROR', role: 'PRIMARY', queue: 5000 }],
  unreachedPrimaries: [{ address: 'b:1', fault: { what: 'Nothing answers at b:1.' } }],
  transactions: [{ connectionId: 7, user: 'app', seconds: 100_000, statement: null }],
  prepared: ["'x','',1"],
  stages: false,
  account: {
    name: 'wwdb@%',
    local: false,
    needsTls: false,
    plugin: 'mysql_native_password',
    grants: ['GRANT CREATE USER ON *.* TO `wwdb`@`%`'],
  },
  accounts: [
    { name: 'x@%', local: false, needsTls: false, hasPassword: true },
    { name: 'y@%', local: false, needsTls: false, hasPassword: false },
  ],
  orphans: [{ database: 'app', schema: 'app', type: 'view', name: 'v', definer: 'gone@%' }],
  schemas: [
    {
      database: 'app',
      schema: 'app',
      exists: true,
      charset: 'latin1',
      plainTables: ['a', 'b', 'c', 'd'],
      counters: [{ table: 'a', column: 'id', used: 0.9 }],
      leftovers: leftoversOf('app'),
    },
    { database: 'app', schema: 'b', exists: false, charset: null, plainTables: [], counters: [], leftovers: [] },
  ],
  tables: 100,
  disk: { free: 1, total: 1000 },
  unread: [{ what: { en: 'Replication', zh: '复制状态' }, why: 'Access denied.' }],
}

/** What excludes something of the first. */
const other: SeenServer = {
  ...bad,
  version: '9.6.0',
  encrypted: false,
  variables: new Map([
    ['log_bin', 'OFF'],
    ['lower_case_table_names', '1'],
    ['performance_schema', 'OFF'],
    ['read_only', 'OFF'],
  ]),
  channels: [{ name: '', source: 'a:1', receives: true, applies: true, error: '', lag: 100 }],
}

function serverOf(label: string, more: Partial<ServerFacts>): ServerFacts {
  const open = { ...server, encryption: 'required' as const }
  return { label, remote: true, server: open, databases: ['app'], failure: null, seen: null, ...more }
}

const stages: readonly FailedStage[] = ['name', 'network', 'tls', 'no-tls', 'busy', 'login', 'engine']

const databases: readonly DatabaseFacts[] = [
  {
    database: 'app',
    server: 'db:3306',
    status: {
      target,
      serverVersion: '8.0.12',
      schemaExists: true,
      migrations: [
        {
          version: '1',
          name: 'a',
          kind: 'versioned',
          state: 'partial',
          file: 'migrations/app/1_a.sql',
          appliedAt: null,
          milliseconds: null,
          closed: 1,
          total: 2,
        },
      ],
      held: [{ name: 'a', until: '2026-11-25T20:17:00.000Z', isDue: true, isOnline: false }],
      findings: [fault],
    },
    lock: null,
    shards: {
      target,
      registry: true,
      lastRunAt: null,
      families: [
        {
          family: 'messages',
          division: 'period',
          tables: 1,
          missing: [{ table: 'messages_202701', key: '2027-01' }],
          holes: [],
          unexpected: [{ table: 'messages_archive', why: 'It names no month.' }],
          drift: { reference: 'nothing', like: 0, groups: [], behind: [], version: null, templateChanged: false },
          unregistered: [],
          lost: [],
          losses: [],
          overdue: [],
          unsettled: [],
          held: { tables: 0, bytes: null },
          protected: [],
          headroom: 0,
          lastSuccessAt: null,
          contradictions: [],
          unchecked: [],
        },
      ],
      strayHolds: ['_hold_messages_202001'],
      capacity: [],
      doubts: ['The clocks of the servers differ.'],
    },
    retired: [
      { database: 'app', name: 'users.nick', doubts: ['Replica `b` was not looked at.'], until: 0 },
      { database: 'app', name: 'old_users', doubts: [], until: 0 },
    ],
    faults: [fault],
  },
  {
    database: 'b',
    server: 'db:3306',
    status: null,
    lock: {
      target,
      held: true,
      connectionId: 7,
      user: 'app',
      host: '10.0.0.9',
      seconds: 1,
      state: null,
      statement: null,
      orphaned: false,
      workers: [],
    },
    shards: null,
    retired: [],
    faults: [],
  },
]

const both = { en: 'something is wrong', zh: '有问题' }
const resource = { kind: 'user', name: 'a' }

/** A store with a finding of every kind. */
function storesOf(store: StoreFacts['store']): readonly StoreFacts[] {
  const place = { store, server: 's:1' }
  const change = { number: 0, resource, summary: 'create user a', differences: [], loss: null }
  const plan = { ...place, version: '1.0', unchanged: [], notes: [] }
  const differences = [{ path: 'retention', actual: '1 day', declared: null }]
  const loss = { code: 'shorter-retention' as const, why: 'Rows go.', affected: [] }
  const drift = findDrift({
    ...plan,
    changes: [
      { ...change, action: 'create' },
      { ...change, action: 'update', differences, loss },
      { ...change, action: 'remove' },
    ],
    findings: [
      toUndeclaredFinding(place, { resource, detail: both, severity: 'warning', next: both }),
      toNotComparedFinding(place, resource, { why: both, next: both }),
      ...toErrorFindings(place, new ToolError('STORE_REFUSED', fault)),
    ],
  })
  const proofs = [
    check(both, [asSaid('ERROR'), asSaid('RECOVERING')], { good: both, next: both }),
    check(both, [both], { good: both, next: both, bad: 'warning' }),
  ]
  const facts = { store, server: 's:1', remote: true, secure: false }
  return [
    { ...facts, version: store === 'redis' ? '7.0.15' : '6.0.5', fault: null, drift, checks: proofs },
    { ...facts, version: null, fault, drift: [], checks: [] },
  ]
}

const config = configOf(['app'])

const project: Facts['project'] = {
  ...projectWithoutConfig([fault], codes),
  migrations: [fault],
  sums: [fault],
  withoutSum: ['migrations/app'],
  templates: [fault],
  seeds: [fault],
  declarations: [fault],
  secretFiles: [{ file: 'p', setting: 'passwordFile', mode: 0o644 }],
  families: 1,
  zones: ['Asia/Shanghai'],
  makesFunctions: true,
  archive: { directory: 'archive', refusal: { en: 'It is not a folder.', zh: '它不是目录。' } },
  backup: { refusal: { en: 'It printed nothing.', zh: '它没有打印任何内容。' } },
}

const everything: Facts = {
  now,
  node: '20.19.0',
  config: {
    ...config,
    environment: 'production',
    protected: false,
    doctor: { ...config.doctor, encryption: true, freeDisk: 0.5, ignore: [{ code: 'unheard-of', reason: 'x' }] },
    rotation: { ...config.rotation, schedule: null, alertDelay: 86_400_000 },
  },
  project,
  servers: [
    serverOf('db:3306', { seen: bad }),
    serverOf('db2:3306', { seen: other }),
    ...stages.map((stage) => serverOf(`${stage}:3306`, { failure: { stage, fault } })),
  ],
  databases,
  stores: storeKinds.flatMap(storesOf),
  storesWithoutUrl: ['redis'],
}

/** Facts in which every check of the registry finds something. */
export const everyFault: readonly Facts[] = [
  everything,
  {
    ...everything,
    config: { ...config, environment: 'production', protected: true, doctor: { ...config.doctor, backup: null } },
    project: { ...project, backup: { at: 0 } },
  },
]
