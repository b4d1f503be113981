import type { RunRecord } from '../../../src/audit/run.ts'
import type { Result, TargetOutcome } from '../../../src/command/result.ts'
import type { Holder } from '../../../src/core/holder.ts'
import type { Target } from '../../../src/core/target.ts'
import type { Hazard } from '../../../src/lint/rule.ts'
import type { DatabaseSummary } from '../../../src/migrations/commands/environments-view.ts'
import type { RecordedPass } from '../../../src/migrations/commands/history-view.ts'
import type { MigrationStatus } from '../../../src/migrations/journal/status.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import type { Plan, Step } from '../../../src/migrations/plan.ts'
import type { TestEnvironment } from '../../../src/provision/provision.ts'
import type { FamilyOutcome } from '../../../src/shards/answers.ts'
import type { Statement } from '../../../src/sql/statement.ts'
import { reviewResults } from './review-samples.ts'
import { shardResults } from './shard-samples.ts'

function referenceEnd(database: string | null, table: string) {
  return { database, schema: database ?? 'old', server: '127.0.0.1:3306', table }
}

export function target(database: string, changes: Partial<Target> = {}): Target {
  return { database, schema: database, server: '127.0.0.1:3306', ...changes }
}

const texts: ReadonlyMap<string, string> = new Map([
  ['CREATE TABLE', 'CREATE TABLE users (id BIGINT PRIMARY KEY)'],
  [
    'ALTER TABLE',
    'ALTER TABLE users\n  DROP COLUMN nick,\n  ADD COLUMN mail VARCHAR(255),\n  ADD INDEX (mail),\n  COMMENT "a"',
  ],
])

export function statement(index: number, verb: string, table: string, changes: Partial<Statement> = {}): Statement {
  return {
    class: 'definition',
    verb,
    objects: [{ type: 'table', schema: null, name: table }],
    references: [],
    userVariables: [],
    sessionVariables: [],
    prepared: null,
    refusal: null,
    idempotent: false,
    text: texts.get(verb) ?? `${verb} ${table}`,
    file: 'migrations/user_db/20260101000100_create_users.sql',
    line: 3 + index * 10,
    column: 1,
    index,
    hash: String(index).repeat(64).slice(0, 64),
    ...changes,
  }
}

function migration(database: string, version: string, name: string, changes: Partial<Migration> = {}): Migration {
  return {
    database,
    version,
    name,
    kind: 'versioned',
    file: `migrations/${database}/${version}_${name}.sql`,
    checksum: 'c'.repeat(64),
    requires: [],
    conditions: [],
    accepted: [],
    up: {
      type: 'statements',
      statements: [statement(0, 'CREATE TABLE', 'users'), statement(1, 'ALTER TABLE', 'users')],
    },
    down: { type: 'statements', statements: [statement(0, 'DROP TABLE', 'users')] },
    ...changes,
  }
}

export function step(changes: Partial<Step> = {}): Step {
  return {
    type: 'apply',
    migration: migration('user_db', '20260101000100', 'create_users'),
    from: 0,
    total: 2,
    hazards: [],
    algorithms: new Map([[1, 'INPLACE']]),
    sizes: new Map([[1, { table: 'users', rows: 1200, bytes: 98304 }]]),
    after: [],
    ...changes,
  }
}

export const dropColumn: Hazard = {
  code: 'DROP_COLUMN',
  kind: 'destructive',
  why: 'The column and everything in it are gone for good.',
  instead: 'Stop using the column first and drop it in a later release, or accept with --allow drop-column.',
  file: 'migrations/user_db/20260101000100_create_users.sql',
  line: 13,
  statement: 'ALTER TABLE users DROP COLUMN nick',
  accepted: null,
}

export const plan: Plan = {
  direction: 'up',
  targets: [
    {
      target: target('user_db'),
      inputsDigest: 'a'.repeat(64),
      steps: [
        step({ hazards: [dropColumn] }),
        step({
          migration: migration('user_db', '20260102000000', 'fill_roles', {
            kind: 'data',
            file: 'migrations/user_db/20260102000000_fill_roles.ts',
            up: {
              type: 'module',
              path: 'migrations/user_db/20260102000000_fill_roles.ts',
              run: () => Promise.resolve(),
            },
          }),
          total: 1,
          after: ['instance_db/20260101000100'],
          algorithms: new Map(),
        }),
        step({ migration: migration('user_db', '20260103000000', 'resume_me'), from: 1 }),
      ],
      notes: ['`20260101500000_late` sorts before an applied migration and is allowed.'],
    },
    { target: target('contact_db', { schema: 'pr_7_contact_db' }), inputsDigest: 'b'.repeat(64), steps: [], notes: [] },
  ],
}

export const holder: Holder = {
  connectionId: 42,
  user: 'app',
  host: '10.0.0.3',
  seconds: 40,
  state: 'altering table',
  statement: 'ALTER TABLE users ADD COLUMN nick VARCHAR(64)',
  orphaned: false,
}

export function outcome(
  database: string,
  state: TargetOutcome['state'],
  changes: Partial<TargetOutcome> = {},
): TargetOutcome {
  return {
    target: target(database),
    state,
    done: state === 'done' ? ['20260101000100_create_users'] : [],
    notDone: state === 'done' || state === 'nothing-to-do' ? [] : ['20260102000000_add_email'],
    statements: state === 'done' ? 2 : 0,
    milliseconds: 23,
    fault: null,
    code: null,
    ...changes,
  }
}

export const failure: TargetOutcome = outcome('message_db', 'failed', {
  done: ['20260101000100_create_tasks'],
  notDone: ['20260102000000_add_email', '20260103000000_add_index'],
  statements: 3,
  milliseconds: 1480,
  code: 'STATEMENT_FAILED',
  fault: {
    what: "Statement 2 of 3 failed: Unknown column 'nme' in 'message_tasks'.",
    where: {
      file: 'migrations/message_db/20260102000000_add_email.sql',
      line: 5,
      column: 36,
      database: 'message_db',
      server: '127.0.0.1:3306',
    },
    excerpt: { text: 'ALTER TABLE message_tasks ADD INDEX (nme);', line: 5, column: 38 },
    why: 'MySQL error 1072 (42000).',
    next: 'Correct the statement and run `wwdb migrate` again: it continues there.',
  },
})

export const mixedRun: Result = {
  kind: 'run',
  command: 'migrate',
  outcomes: [
    outcome('user_db', 'done'),
    outcome('contact_db', 'nothing-to-do'),
    failure,
    outcome('monitor_db', 'not-started', {
      fault: { what: 'It was not started.', why: 'It needs message_db/20260102000000, which failed.' },
    }),
  ],
  milliseconds: 12_345,
  dryRun: false,
}

function migrationStatus(
  version: string,
  name: string,
  state: MigrationStatus['state'],
  changes: Partial<MigrationStatus> = {},
): MigrationStatus {
  const applied = state === 'applied' || state === 'changed' || state === 'missing'
  return {
    version,
    name,
    kind: 'versioned',
    state,
    file: state === 'missing' ? null : `migrations/user_db/${version}_${name}.sql`,
    appliedAt: applied ? '2026-01-05 10:20:30.123456' : null,
    milliseconds: applied ? 1234 : null,
    closed: null,
    total: null,
    ...changes,
  }
}

export const status: Result = {
  kind: 'status',
  targets: [
    {
      target: target('user_db'),
      serverVersion: '9.7.0',
      schemaExists: true,
      migrations: [
        migrationStatus('20260101000100', 'create_users', 'applied'),
        migrationStatus('20260102000000', 'add_email', 'changed'),
        migrationStatus('20260103000000', 'fill_roles', 'partial', { closed: 1, total: 3 }),
        migrationStatus('20260104000000', '消息表', 'pending'),
        migrationStatus('R__views', 'views', 'outdated', { kind: 'repeatable' }),
        migrationStatus('20260105000000', 'old_servers', 'not-applicable'),
      ],
      findings: [
        {
          what: '`migrations/user_db/20260102000000_add_email.sql` was changed after it ran on `user_db`',
          where: { database: 'user_db' },
          why: 'its checksum differs from the journal',
          next: 'Restore the file.',
        },
      ],
    },
    { target: target('contact_db'), serverVersion: null, schemaExists: false, migrations: [], findings: [] },
  ],
  unreached: [],
  pending: 3,
  running: 0,
}

function pass(changes: Partial<RecordedPass> = {}): RecordedPass {
  return {
    runs: ['20260101T101500-3f9a2c1b'],
    pass: 1,
    version: '20260101000100',
    name: 'create_users',
    kind: 'versioned',
    direction: 'up',
    checksum: 'c'.repeat(64),
    total: 2,
    closed: 2,
    open: 0,
    openedAt: '2026-01-05 10:20:30.123456',
    closedAt: '2026-01-05 10:20:31.357000',
    milliseconds: 1234,
    appliedBy: 'deploy@ci-7',
    toolVersion: '0.1.0',
    ...changes,
  }
}

function recordedRun(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id: '20260101T101500-3f9a2c1b',
    command: 'migrate',
    flags: '--to 20260103000000',
    person: 'ann',
    account: 'deploy@%',
    actor: null,
    host: 'build-7',
    process: 4711,
    toolVersion: '0.1.0',
    commit: null,
    job: null,
    planDigest: '5f3c9b1e4d7a8c2b6e0f1a9d3c5b7e8f0a1b2c3d4e5f60718293a4b5c6d7e8f9',
    startedAt: '2026-01-01 10:15:00.000000',
    endedAt: '2026-01-01 10:15:01.500000',
    outcome: 'done',
    exitCode: 0,
    error: null,
    changes: [],
    ...changes,
  }
}

const history: Result = {
  kind: 'history',
  unreached: [],
  targets: [
    {
      target: target('user_db'),
      runs: [
        recordedRun(),
        recordedRun({
          id: '20260102T101500-0badcafe',
          command: 'shards protect',
          flags: '--family messages --key 2026-03 --reason case-117',
          outcome: 'failed',
          exitCode: 2,
          error: 'LOCK_LOST: The lock was released during the run.',
          actor: 'ann',
          commit: '4f2c1d0e9b8a7f6e5d4c3b2a19080706050403ff',
          job: 'https://ci.example/jobs/12',
          changes: ['redis: create the index sessions'],
        }),
        recordedRun({ id: '20260103T101500-0badf00d', outcome: 'running', endedAt: null, exitCode: null }),
        recordedRun({ id: '20260104T101500-0badbeef', outcome: 'stopped', endedAt: null, exitCode: null }),
      ],
      shardEvents: [],
      shardChanges: [],
      passes: [
        pass(),
        pass({ pass: 2, version: '20260102000000', name: 'add_email', closed: 1, open: 1 }),
        pass({ pass: 3, direction: 'down', milliseconds: 40 }),
        pass({
          pass: 4,
          kind: 'mark',
          version: '20260103000000',
          name: 'by_hand',
          total: 0,
          closed: 0,
          milliseconds: 0,
        }),
      ],
    },
    {
      target: target('contact_db'),
      passes: [],
      runs: [],
      shardEvents: [
        {
          run: '20260101T101500-3f9a2c1b',
          at: '2026-01-01 10:15:00.500000',
          family: 'contacts',
          key: '42',
          table: 'contacts_42',
          from: 'archived',
          to: 'dropping',
          templateVersion: 1,
          protected: null,
        },
        {
          run: null,
          at: '2026-01-01 09:15:00.500000',
          family: 'contacts',
          key: '42',
          table: 'contacts_42',
          from: null,
          to: 'live',
          templateVersion: 1,
          protected: 'case-117',
        },
      ],
      shardChanges: [
        {
          runs: [],
          at: '2026-01-01 09:30:00.500000',
          version: '20260102000000',
          table: 'contacts_42',
          direction: 'up',
          complete: false,
        },
      ],
    },
  ],
}

export const validation: Result = {
  kind: 'validation',
  stopping: null,
  faults: [
    {
      what: 'The quote that opens here is never closed.',
      where: { file: 'migrations/user_db/20260104000000_x.sql', line: 7, column: 12 },
      excerpt: { text: "INSERT a\tVALUES ('消", line: 7, column: 18 },
      next: "Close it with '.",
    },
  ],
  hazards: [dropColumn, { ...dropColumn, code: 'drop-table', accepted: 'The table was never used.' }],
  files: 12,
  statements: 40,
}

export function familyOutcome(family: string, changes: Partial<FamilyOutcome>): FamilyOutcome {
  const nothing = {
    created: [],
    adopted: [],
    restored: [],
    sealed: [],
    held: [],
    archived: [],
    dropped: [],
    lost: [],
    notes: [],
  }
  const end = { state: 'done', aheadUntil: null, milliseconds: 3, fault: null, code: null } as const
  return { family, target: target('message_db'), ...nothing, ...end, ...changes }
}

const testEnvironment: TestEnvironment = {
  name: 'pr_1',
  prefix: 'wwdb_pr_1_',
  owner: 'ci@runner-1',
  state: 'ready',
  scope: 'kept',
  inUse: false,
  createdAt: '2026-11-25T10:00:00.000Z',
  expiresAt: '2026-11-25T12:00:00.000Z',
  template: '0123456789ab',
  stores: ['redis'],
  snapshots: ['with-orders'],
  databases: [target('user_db')],
}

/** A result of every kind. */
const environments: Result = {
  kind: 'environments',
  environments: [
    {
      name: 'staging',
      databases: [
        summary('user_db', { applied: 7, last: '20260104000000' }),
        summary('contact_db', { pending: 2, running: 1, drift: 1 }),
        summary('message_db', { serverVersion: null, schemaExists: false, pending: 4 }),
      ],
      unreached: [],
      fault: null,
    },
    {
      name: 'production',
      databases: [
        summary('user_db', { pending: 1, findings: [{ what: 'A file was changed.', next: 'Restore it.' }] }),
        summary('contact_db', {}),
      ],
      unreached: [
        {
          target: target('message_db', { server: 'db-2:3306' }),
          code: 'UNREACHABLE',
          fault: { what: 'db-2:3306 does not answer.', why: 'connect ECONNREFUSED', next: 'Start it.' },
        },
      ],
      fault: null,
    },
    {
      name: 'far-away',
      databases: [],
      unreached: [],
      fault: { what: 'The variable FAR_URL is not set.', next: 'Set it.' },
    },
  ],
}

function summary(database: string, changes: Partial<DatabaseSummary>): DatabaseSummary {
  const counts = { applied: 0, last: null, pending: 0, running: 0, findings: [] }
  return { target: target(database), serverVersion: '9.7.0', schemaExists: true, ...counts, ...changes }
}

const targetsRun: Result = {
  kind: 'targets-run',
  command: 'migrate',
  database: 'tenant_db',
  listed: 10_000,
  counts: { done: 9000, nothingToDo: 900, failed: 1, stopped: 1, notReached: 1, blocked: 0 },
  migrations: 9000,
  statements: 18_000,
  leftOut: 0,
  outcomes: [
    {
      target: { database: 'tenant_db', schema: '租户_1', server: '127.0.0.1:3306' },
      state: 'failed',
      done: ['0001_a'],
      notDone: ['0002_b'],
      statements: 1,
      milliseconds: 5,
      fault: { what: 'MySQL refused ALTER TABLE a.', why: 'Duplicate entry.', next: 'Fix it.' },
      code: 'STATEMENT_FAILED',
    },
  ],
  notStarted: 97,
  end: 'budget-spent',
  waves: 91,
  left: [{ database: 'tenant_db', schema: 'gone', server: '127.0.0.1:3306' }],
  milliseconds: 60_000,
}

const targetsStatus: Result = {
  kind: 'targets-status',
  command: 'status',
  database: 'tenant_db',
  listed: 4,
  groups: [
    { state: 'up-to-date', count: 2, migrations: [], fault: null, targets: [target('tenant_db')] },
    {
      state: 'behind',
      count: 1,
      migrations: ['0002_b'],
      fault: null,
      targets: [target('tenant_db')],
      planned: { plan },
    },
    {
      state: 'not-reached',
      count: 1,
      migrations: [],
      fault: { what: 'The server does not answer.', next: 'Start it.' },
      targets: [target('tenant_db')],
    },
  ],
  left: [],
}

export const everyResult: readonly Result[] = [
  targetsRun,
  targetsStatus,
  {
    kind: 'undo',
    version: '20260301000000',
    tables: [
      {
        target: target('user_db'),
        table: 'users',
        statement: 1,
        direction: 'up',
        verb: 'UPDATE',
        undoTable: 'wwdb_undo_1f0c22aa_users',
        keptUntil: '2026-03-08T09:00:00.000Z',
        undone: 11_998,
        ready: 0,
        left: 2,
        rows: [
          { key: '`id` = 7', why: 'changed' },
          { key: '`id` = 12', why: 'gone' },
        ],
      },
    ],
    refused: [
      {
        target: target('user_db'),
        table: 'sessions',
        statement: 2,
        direction: 'up',
        undoTable: 'wwdb_undo_1f0c22ab_sessions',
        isOver: false,
        why: '`n` of `sessions` is `bigint` now, and was `int`.',
      },
    ],
    dryRun: false,
  },
  {
    kind: 'split',
    dryRun: false,
    target: { database: 'message_db', schema: 'message_db', server: 'db-1:3306' },
    table: 'messages',
    family: 'messages',
    state: 'held',
    column: 'created_at',
    pieces: [
      { table: 'messages_202611', key: '2026-11' },
      { table: 'messages_202612', key: '2026-12' },
    ],
    rows: 1_998_040,
    bytes: 402_653_184,
    copied: 2_000_000,
    compared: 2_000_412,
    waited: 21,
    hold: '_hold_20261130_1f0c22aa_messages',
    keptUntil: null,
    carried: null,
    left: [],
    notes: ['From the cut-over on, writers must know the shards: the old name is gone, or a view that takes no rows.'],
  },
  {
    kind: 'move',
    dryRun: false,
    target: { database: 'contact_db', schema: 'contact_db', server: 'db-1:3306' },
    destination: { database: 'contact_db', schema: 'contacts', server: 'vtgate-1:15306' },
    family: 'contacts',
    table: 'contacts',
    column: 'instance_id',
    state: 'copied',
    shards: [
      {
        key: '12',
        table: 'contacts_12',
        workflow: 'wwdb_move_contacts_12',
        rows: null,
        movedRows: null,
        equal: null,
        vdiffRows: 1_204,
      },
    ],
    rows: 1_198,
    refusedFor: null,
    carried: null,
    homeless: 0,
    commands: [],
    notes: ['`uk_wxid` is unique within a shard of the keyspace only.'],
  },
  {
    kind: 'retired',
    things: [
      {
        database: 'user_db',
        name: 'users.nick',
        type: 'column',
        migration: '20260301000000_nick',
        state: 'used',
        isHidden: true,
        hold: '',
        since: '2026-03-01T09:00:00.000Z',
        until: '2026-03-18T09:00:00.000Z',
        uses: [
          {
            server: 'b',
            at: '2026-03-04T08:57:00.000Z',
            users: ['report@10.0.0.7'],
            what: 'SELECT `nick` FROM `users` WHERE `id` = ?',
          },
        ],
        notes: [],
        proof: null,
        fault: null,
      },
      {
        database: 'user_db',
        name: 'old_users',
        type: 'table',
        migration: '20260301000000_nick',
        state: 'unproven',
        isHidden: true,
        hold: '_hold_20260301_1f0c22aa_old_users',
        since: '2026-03-01T09:00:00.000Z',
        until: '2026-03-15T09:00:00.000Z',
        uses: [],
        notes: ['Replica `b` is watched from now on: it counts since 2026-03-03 11:00 UTC.'],
        proof: null,
        fault: null,
      },
    ],
    unreached: [],
    dryRun: true,
  },
  environments,
  mixedRun,
  { kind: 'plan', plan, file: 'plan.json' },
  status,
  history,
  validation,
  {
    kind: 'config',
    file: 'wwdb.config.json',
    environment: 'staging',
    entries: [
      { path: 'databases.user_db.url', value: '***', source: 'file' },
      { path: 'timeouts.lock', value: 60_000, source: 'default' },
      { path: 'protected', value: null, source: 'flag' },
    ],
  },
  { kind: 'document', format: 'text', content: 'export A=1\n' },
  {
    kind: 'files',
    created: ['migrations/user_db/20260101000100_create_users.sql'],
    changed: ['wwdb.sum'],
    next: ['Write the statements, then run `wwdb plan`.'],
  },
  {
    kind: 'uses',
    database: 'user_db',
    tables: ['users'],
    column: 'nick',
    index: null,
    since: '2026-11-22T10:00:00.000Z',
    servers: [
      {
        ...{ name: 'primary', server: '127.0.0.1:3306', why: null, countedSince: '2026-11-01T03:12:00.000Z' },
        ...{ statements: 1, unjudged: 2, lost: 0, reads: 48_211, writes: 907 },
      },
      {
        ...{ name: 'b', server: '127.0.0.1:3307', why: 'it cannot be reached', countedSince: null },
        ...{ statements: 0, unjudged: 0, lost: 0, reads: 0, writes: 0 },
      },
    ],
    statements: [
      {
        server: 'primary',
        text: 'SELECT `id` , `nick` FROM `users` WHERE `id` = ?',
        digest: '5d7f3c0c7e',
        schema: 'user_db',
        names: 'name',
        count: 1204,
        firstSeen: '2026-11-01T03:13:00.000Z',
        lastSeen: '2026-11-29T09:57:12.000Z',
        users: ['app@10.0.0.7'],
      },
    ],
    code: [{ type: 'view', schema: 'user_db', name: 'active_users', names: 'name' }],
    unjudgedCode: [{ type: 'procedure', schema: 'user_db', name: 'sweep' }],
  },
  {
    kind: 'throttle',
    mode: 'on',
    bounded: true,
    servers: [
      {
        server: '127.0.0.1:3306',
        databases: ['user_db', 'message_db'],
        readings: [
          { measure: 'window', of: '', value: 0, bound: 0, why: null, text: '02:00-05:00 Asia/Shanghai' },
          { measure: 'lag', of: 'b', value: 9000, bound: 5000, why: null },
          { measure: 'lag', of: 'c', value: null, bound: 5000, why: 'its applier is stopped' },
          { measure: 'threads-running', of: '127.0.0.1:3306', value: 12, bound: 50, why: null },
          { measure: 'undo', of: '127.0.0.1:3306', value: 33_554_432, bound: null, why: null },
        ],
      },
    ],
  },
  {
    kind: 'locks',
    unreached: [],
    locks: [
      { target: target('user_db'), held: true, ...holder, orphaned: true, workers: [{ worker: 2, ...holder }] },
      {
        target: target('contact_db'),
        held: false,
        connectionId: null,
        user: null,
        host: null,
        seconds: null,
        state: null,
        statement: null,
        orphaned: false,
        workers: [],
      },
    ],
  },
  {
    kind: 'databases',
    command: 'db create',
    databases: [
      { target: target('user_db'), state: 'created', detail: null },
      { target: target('contact_db', { schema: 'pr_7_contact_db' }), state: 'exists', detail: null },
      { target: target('monitor_db'), state: 'unreachable', detail: 'connection refused' },
    ],
  },
  {
    kind: 'seed',
    command: 'seed plan',
    dryRun: true,
    milliseconds: 42,
    outcomes: [
      {
        target: { database: 'user_db', schema: 'user_db', server: '127.0.0.1:3306' },
        state: 'planned',
        unchanged: 4,
        milliseconds: 0,
        fault: null,
        code: null,
        rows: [
          {
            table: 'roles',
            key: { name: 'operator' },
            action: 'update',
            file: 'seeds/user_db/roles.yaml',
            line: 15,
            changes: [
              { column: 'display_name', before: '运维', after: '操作员', byHand: true, kept: true },
              { column: 'description', before: null, after: '日常运营', byHand: false, kept: false },
            ],
          },
          {
            table: 'role_permissions',
            key: { role: 'auditor', permission: 'user.view' },
            action: 'delete',
            file: 'seeds/user_db/role_permissions.yaml',
            line: null,
            changes: [],
          },
        ],
        scripts: [{ file: 'seeds/user_db/regions.sql', state: 'changed' }],
        dependents: [{ table: 'user_roles', constraint: 'fk_user_roles_role_id', rows: 3, effect: 'delete' }],
      },
    ],
  },
  {
    kind: 'seed-matrix',
    layout: 'table',
    matrices: [
      {
        database: 'user_db',
        file: 'seeds/user_db/role_permissions.yaml',
        table: 'role_permissions',
        down: 'permission',
        across: 'role',
        columns: [
          { name: 'admin', label: '管理员' },
          { name: 'auditor', label: null },
        ],
        lines: [
          { name: 'user.view', label: '查看用户', group: 'users', marks: [true, true] },
          { name: 'user.create', label: null, group: 'users', marks: [true, false] },
          { name: 'log.view', label: '查看系统日志', group: 'logs', marks: [false, true] },
        ],
      },
    ],
  },
  {
    kind: 'templates',
    templates: [
      {
        family: 'messages',
        database: 'message_db',
        server: '127.0.0.1:3306',
        file: 'shard-templates/message_db/messages.sql',
        tables: ['messages_202611', 'messages_202712'],
        faults: [],
        changes: ['The server drops the display width of `id`: bigint(20) is bigint.'],
      },
      {
        family: 'contacts',
        database: 'contact_db',
        server: '127.0.0.1:3306',
        file: 'shard-templates/contact_db/contacts.sql',
        tables: ['contacts_1', 'contacts_18446744073709551615'],
        faults: [
          {
            what: 'The table has 0 foreign keys where 1 are written.',
            where: { file: 'shard-templates/contact_db/contacts.sql', line: 8 },
          },
        ],
        changes: [],
      },
    ],
  },
  {
    kind: 'online-changes',
    unreached: [],
    databases: [
      {
        database: 'user_db',
        changes: [
          {
            table: 'orders',
            migration: '20261129120000_wider',
            statement: 1,
            state: 'held',
            kept: '_hold_20261129_1f0c22aa_orders',
            bytes: 1_610_612_736,
            since: '2026-11-29T12:00:00.000Z',
            until: '2026-12-06T12:00:00.000Z',
            isDue: false,
            isTakenBack: false,
          },
        ],
        leftovers: [
          {
            tools: ['gh-ost'],
            table: 'users',
            names: ['_users_gho', '_users_ghc'],
            bytes: 65_536,
            remove: ['DROP TABLE `user_db`.`_users_gho`', 'DROP TABLE `user_db`.`_users_ghc`'],
          },
        ],
      },
    ],
  },
  {
    kind: 'held-tables',
    unreached: [],
    tables: [
      {
        database: 'user_db',
        table: '_hold_20261128_1f0c22aa_notes',
        name: 'notes',
        since: '2026-11-28T00:00:00.000Z',
        until: '2026-12-12T00:00:00.000Z',
        change: null,
        isDue: false,
      },
      {
        database: 'user_db',
        table: '_hold_20261101_1f0c22ab_drafts',
        name: 'drafts',
        since: '2026-11-01T00:00:00.000Z',
        until: '2026-11-16T00:00:00.000Z',
        change: null,
        isDue: true,
      },
    ],
  },
  {
    kind: 'orphans',
    unreached: [],
    references: 'logical',
    keys: [
      {
        name: 'fk_tasks_created_by',
        child: { ...referenceEnd('message_db', 'tasks'), columns: ['created_by'] },
        parent: { ...referenceEnd('user_db', 'users'), columns: ['id'] },
        file: 'migrations/message_db/20260101000900_reference_users_from_tasks.sql',
        line: 6,
        state: 'orphaned',
        why: null,
        rows: 1201,
        values: 7,
        samples: [
          { values: ['17'], rows: 1200 },
          { values: ['消息表 4711'], rows: 1 },
        ],
        shards: null,
      },
      {
        name: 'messages_account_id',
        child: { ...referenceEnd('message_db', 'messages_{YYYYMM}'), columns: ['account_id'] },
        parent: { ...referenceEnd('instance_db', 'accounts'), columns: ['id'] },
        file: 'shard-templates/message_db/messages.sql',
        line: 9,
        state: 'orphaned',
        why: null,
        rows: 3,
        values: 2,
        samples: [
          { values: ['8'], rows: 1 },
          { values: ['9'], rows: 2 },
        ],
        shards: { checked: 26, orphaned: [{ table: 'messages_202611', rows: 3 }] },
      },
      {
        name: 'contacts_account_id',
        child: { ...referenceEnd('contact_db', 'contacts_{key}'), columns: ['account_id'] },
        parent: { ...referenceEnd('instance_db', 'accounts'), columns: ['id'] },
        file: 'shard-templates/contact_db/contacts.sql',
        line: 7,
        state: 'clean',
        why: null,
        rows: 0,
        values: 0,
        samples: [],
        shards: { checked: 1812, orphaned: [] },
      },
      {
        name: 'fk_tasks_account',
        child: { ...referenceEnd('message_db', 'tasks'), columns: ['tenant', 'account'] },
        parent: { ...referenceEnd('instance_db', 'accounts'), columns: ['tenant', 'id'] },
        file: 'migrations/message_db/20260101000900_reference_users_from_tasks.sql',
        line: 7,
        state: 'clean',
        why: null,
        rows: 0,
        values: 0,
        samples: [],
        shards: null,
      },
      {
        name: 'fk_logs_user',
        child: { ...referenceEnd('monitor_db', 'logs'), columns: ['user'] },
        parent: { ...referenceEnd(null, 'legacy'), columns: [] },
        file: 'migrations/monitor_db/20260101000900_reference.sql',
        line: 4,
        state: 'unchecked',
        why: 'The table old.legacy does not exist yet, or this user cannot see it.',
        rows: 0,
        values: 0,
        samples: [],
        shards: null,
      },
    ],
  },
  {
    kind: 'sandbox',
    state: 'running',
    provider: 'portable',
    version: '8.4.3',
    url: 'mysql://root@127.0.0.1:33060',
    directory: '.wwdb/sandbox',
    stores: [{ store: 'redis', state: 'running', version: '7.0.15', ports: [33070, 33071] }],
    next: ['wwdb status', 'wwdb sandbox env'],
  },
  {
    kind: 'schedule',
    schedule: '17 * * * *',
    zone: 'Asia/Shanghai',
    now: '2026-11-24T20:00:30.000Z',
    runs: [
      { at: '2026-11-24T20:17:00.000Z', local: '2026-11-25 04:17' },
      { at: '2026-11-24T21:17:00.000Z', local: '2026-11-25 05:17' },
    ],
  },
  {
    kind: 'platform',
    steps: [
      {
        step: 'create',
        state: 'done',
        summary: '5 schemas created',
        milliseconds: 20,
        exitCode: 0,
        faults: [],
        findings: [],
      },
      {
        step: 'migrate',
        state: 'done',
        summary: '16 migrations applied',
        milliseconds: 400,
        exitCode: 0,
        faults: [],
        findings: [],
      },
      {
        step: 'rotate',
        state: 'nothing-to-do',
        summary: 'every shard exists',
        milliseconds: 90,
        exitCode: 0,
        faults: [],
        findings: [],
      },
      {
        step: 'seed',
        state: 'failed',
        summary: '',
        milliseconds: 30,
        exitCode: 2,
        faults: [{ what: 'There is no column nme.', where: { file: 'seeds/user_db/roles.yaml', line: 3, column: 5 } }],
        findings: [],
      },
      { step: 'setup', state: 'left-out', summary: '', milliseconds: 0, exitCode: 0, faults: [], findings: [] },
    ],
    places: [
      { name: 'user_db', server: '127.0.0.1:3306', holds: 'schema user_db' },
      { name: 'message_db', server: '127.0.0.1:3306', holds: 'schema message_db; sharded: messages' },
      {
        name: 'redis',
        server: Array.from({ length: 6 }, (_, index) => `127.0.0.1:${7000 + index}`).join(','),
        holds: 'as declared',
      },
    ],
    milliseconds: 612,
  },
  {
    kind: 'code-migration-run',
    command: 'setup migrate',
    dryRun: false,
    databases: [
      {
        database: 'app',
        applied: 1,
        steps: [
          {
            version: '20261201093000',
            name: 'name_accounts',
            file: 'migrations/app.mongodb/20261201093000_name_accounts.mjs',
            direction: 'up',
            manner: 'batches',
            collections: ['callbacks'],
            continued: 1500,
            state: 'done',
            milliseconds: 812,
          },
        ],
        fault: null,
        code: null,
      },
    ],
    milliseconds: 1204,
  },
  {
    kind: 'code-migrations',
    databases: [
      {
        database: 'app',
        migrations: [
          {
            version: '20261201090000',
            name: 'accounts',
            file: 'migrations/app.mongodb/20261201090000_accounts.ts',
            state: 'applied',
            at: '2026-12-01T09:12:00.000Z',
            by: 'deploy@build-7, process 4711',
            begun: null,
          },
          {
            version: '20261201093000',
            name: 'name_accounts',
            file: 'migrations/app.mongodb/20261201093000_name_accounts.mjs',
            state: 'pending',
            at: null,
            by: null,
            begun: null,
          },
        ],
        unknown: [],
        history: [
          {
            version: '20261201090000',
            name: 'accounts',
            direction: 'up',
            manner: 'transaction',
            at: '2026-12-01T09:12:00.000Z',
            milliseconds: 41,
            by: 'deploy@build-7, process 4711',
            documents: 0,
          },
        ],
      },
    ],
  },
  {
    kind: 'store-backfill',
    outcome: {
      task: 'metrics_hourly',
      from: '2026-11-01T00:00:00Z',
      to: '2026-11-15T00:00:00Z',
      writesFrom: '2026-11-01T00:00:00Z',
      runs: 112,
      doneBefore: 72,
      done: 40,
      continuedAt: '2026-11-10T00:00:00Z',
      state: 'done',
    },
  },
  {
    kind: 'store-import',
    store: 'mongodb',
    server: '127.0.0.1:27017',
    version: '8.0.4',
    dryRun: false,
    folder: 'migrations/mongodb',
    files: [
      {
        file: 'migrations/mongodb/access.yaml',
        text: 'users:\n  app:\n    password: $' + '{MONGODB_APP_PASSWORD:-}\n    roles: []\n',
      },
    ],
    declared: [{ kind: 'user', name: 'admin.app' }],
    declaredBefore: 3,
    variables: [{ variable: 'MONGODB_APP_PASSWORD', resource: { kind: 'user', name: 'admin.app' } }],
    notDeclarable: [{ resource: { kind: 'collection', name: 'app.recent' }, why: 'It is a view.' }],
  },
  {
    kind: 'store-status',
    stores: [
      {
        store: 'influxdb',
        server: '127.0.0.1:8086',
        holder: 'deploy@build-7, process 4711',
        heldFor: 12_000,
        left: 9000,
        fault: null,
        code: null,
      },
      { store: 'redis', server: '127.0.0.1:7000', holder: null, heldFor: null, left: null, fault: null, code: null },
    ],
  },
  {
    kind: 'store-plan',
    stores: [
      {
        store: 'influxdb',
        server: '127.0.0.1:8086',
        plan: {
          store: 'influxdb',
          server: '127.0.0.1:8086',
          version: '2.8.0',
          changes: [
            {
              number: 0,
              resource: { kind: 'bucket', name: 'metrics_cold' },
              action: 'create',
              summary: 'create bucket metrics_cold, kept 365 days',
              differences: [],
              loss: null,
            },
            {
              number: 1,
              resource: { kind: 'bucket', name: 'metrics_hot' },
              action: 'update',
              summary: 'keep bucket metrics_hot 7 days',
              differences: [{ path: 'retention', actual: '30 days', declared: '7 days' }],
              loss: {
                code: 'shorter-retention',
                why: 'Points older than 7 days go at the next check.',
                affected: ['metrics_hot (1,204 points)'],
              },
            },
          ],
          unchanged: [{ kind: 'organization', name: 'wework' }],
          notes: ['The token of the reader is shown when it is made, and never again.'],
          findings: [],
        },
        fault: null,
        code: null,
      },
      {
        store: 'redis',
        server: '127.0.0.1:7000,127.0.0.1:7001',
        plan: null,
        fault: { what: 'Redis cannot be reached.', where: { server: '127.0.0.1:7000' } },
        code: 'STORE_UNREACHABLE',
      },
    ],
    changes: 2,
  },
  {
    kind: 'store-run',
    command: 'setup apply',
    stores: [
      {
        store: 'influxdb',
        server: '127.0.0.1:8086',
        version: '2.8.0',
        state: 'done',
        done: ['create bucket metrics_cold, kept 365 days'],
        notDone: [],
        unchanged: 1,
        notes: [],
        findings: [],
        milliseconds: 40,
        fault: null,
        code: null,
      },
      {
        store: 'redis',
        server: '127.0.0.1:7000,127.0.0.1:7001',
        version: '7.0.15',
        state: 'failed',
        done: ['meet 127.0.0.1:7001'],
        notDone: ['replicate 127.0.0.1:7000'],
        unchanged: 0,
        notes: [],
        findings: [],
        milliseconds: 2000,
        fault: { what: 'A node went away.', where: { server: '127.0.0.1:7001' }, next: 'Start it again.' },
        code: 'STORE_UNREACHABLE',
      },
    ],
    milliseconds: 2050,
  },
  {
    kind: 'store-verification',
    stores: [
      {
        store: 'redis',
        server: '127.0.0.1:7000',
        compared: 4,
        findings: [
          {
            code: 'STORE_DRIFT',
            severity: 'error',
            store: 'redis',
            server: '127.0.0.1:7000',
            resource: { kind: 'setting', name: 'maxmemory' },
            what: 'Setting maxmemory is not as declared.',
            why: 'To bring it back: set maxmemory to 256mb on 127.0.0.1:7000.',
            differences: [{ path: '127.0.0.1:7000', actual: '512mb', declared: '256mb' }],
            next: 'Look at `wwdb setup plan --only redis`, then run `wwdb setup apply --only redis`.',
          },
          {
            code: 'STORE_UNDECLARED',
            severity: 'warning',
            store: 'redis',
            server: '127.0.0.1:7000',
            resource: { kind: 'user', name: 'visitor' },
            what: 'User `visitor` exists, but is not declared in any file.',
            why: 'Rights: on ~page:* +get on 127.0.0.1:7000.',
            differences: [],
            next: 'Declare it under `users`, or remove it.',
          },
        ],
        asDeclared: false,
        checks: [
          { name: 'all 16,384 slots are served', state: 'good', seen: '3 primaries', next: null },
          {
            name: 'keys have a TTL',
            state: 'bad',
            seen: '12 of 200 sampled have none',
            next: 'See who writes session:*.',
          },
        ],
        milliseconds: 31,
        fault: null,
        code: null,
      },
    ],
    findings: 2,
  },
  {
    kind: 'provision',
    environment: testEnvironment,
    variables: [{ name: 'USER_DB_URL', value: 'mysql://root@127.0.0.1:3306/wwdb_pr_1_user_db' }],
    file: null,
    milliseconds: 612,
  },
  {
    kind: 'provision-list',
    now: '2026-11-25T12:00:00.000Z',
    environments: [testEnvironment, { ...testEnvironment, name: 'left', state: 'making', expiresAt: null }],
    templates: [
      {
        checksum: '0123456789ab',
        state: 'ready',
        inUse: true,
        createdAt: '2026-11-25T08:00:00.000Z',
        usedAt: '2026-11-25T11:59:59.000Z',
        databases: [target('user_db')],
      },
    ],
  },
  {
    kind: 'provision-snapshot',
    environment: 'pr_1',
    snapshot: 'with-orders',
    databases: ['user_db', 'shop'],
    milliseconds: 214,
  },
  {
    kind: 'provision-restore',
    environment: 'pr_1',
    snapshot: 'with-orders',
    restored: ['wwdb_pr_1_shop.orders'],
    dropped: ['wwdb_pr_1_shop.tried'],
    milliseconds: 31,
  },
  {
    kind: 'provision-removal',
    dryRun: false,
    removed: [
      { name: 'pr_1', kind: 'environment', why: 'it was asked for', schemas: ['wwdb_pr_1_user_db'], stores: [] },
      { name: 'template/0123456789ab', kind: 'template', why: 'it has not been used', schemas: [], stores: [] },
    ],
    failed: [{ name: 'pr_2', faults: [{ what: 'Redis at 127.0.0.1:1 cannot be reached.' }] }],
  },
  { kind: 'program', command: 'npm', code: 7 },
  {
    kind: 'publication',
    server: '127.0.0.1:6379',
    keys: { map: '{wwdb:shards}:map', generation: '{wwdb:shards}:generation' },
    families: ['message_db.messages', 'contact_db.contacts'],
    generation: 7,
    changed: true,
  },
  {
    kind: 'rotation',
    command: 'rotate run',
    now: '2026-11-24T20:17:00.000Z',
    families: [
      familyOutcome('messages', {
        created: ['messages_202702'],
        held: ['messages_202411'],
        aheadUntil: '2027-03-01T00:00:00.000Z',
      }),
      familyOutcome('contacts', { state: 'nothing-to-do' }),
      familyOutcome('system_logs', {
        state: 'failed',
        sealed: Array.from({ length: 8 }, (_, day) => `system_logs_2026110${day + 1}`),
        notes: ['Skipped: `system_logs_20261001`: it is protected by test@host: case 117.'],
        fault: { what: 'system_logs_20261031 is in use.', why: 'held by connection 7', next: 'End it, or wait.' },
        code: 'SHARD_BLOCKED',
      }),
      familyOutcome('groups', { state: 'stopped' }),
      familyOutcome('group_members', {
        state: 'not-started',
        fault: { what: 'Another run holds the lock.' },
        code: 'LOCK_HELD',
      }),
    ],
    milliseconds: 812,
  },
  {
    kind: 'rotation-plan',
    now: '2027-03-01T00:00:00.000Z',
    rehearsal: true,
    families: [
      {
        family: 'messages',
        target: target('message_db'),
        make: [
          {
            table: 'messages_202706',
            key: '2027-06',
            why: 'ahead',
            sql: 'CREATE TABLE IF NOT EXISTS `messages_202706` (\n  id BIGINT UNSIGNED NOT NULL,\n  body TEXT,\n  PRIMARY KEY (id)\n)',
          },
        ],
        adopt: ['messages_202612'],
        corrections: ['messages_202611'],
        steps: [
          {
            step: 'hold',
            table: 'messages_202411',
            key: '2024-11',
            why: 'its period ended on 2024-12-01',
            sql: 'RENAME TABLE `messages_202411` TO `_hold_20270301_1f0c22aa_messages_202411`',
          },
          ...[1, 2, 3, 4].map((month) => ({
            step: 'seal',
            table: `messages_20260${month}`,
            key: `2026-0${month}`,
            why: `its period ended on 2026-0${month + 1}-01, and late rows are no longer accepted`,
            sql: null,
          })),
        ],
        question: { holds: 5, live: 9 },
        notes: ['`messages_202610` was dropped outside of wwdb: it is created again, empty.'],
        aheadUntil: '2027-07-01T00:00:00.000Z',
        fault: null,
        code: null,
      },
      {
        family: 'contacts',
        target: target('contact_db'),
        make: [],
        adopt: [],
        corrections: [],
        steps: [],
        question: null,
        notes: [],
        aheadUntil: null,
        fault: { what: '"a b" is no shard key.' },
        code: 'KEY_INVALID',
      },
    ],
  },
  { kind: 'schedule-run', runs: 12, failures: 2, lastSuccessAt: '2026-11-24T18:17:21.000Z' },
  ...reviewResults,
  ...shardResults,
  { kind: 'version', version: '0.1.0', node: 'v20.20.2', platform: 'linux x64' },
]
