import type { Report, ReportColumn, ReportFamily, ReportTable } from '../../../src/report/report.ts'

const made = {
  file: 'migrations/user_db/1_users.sql',
  version: '1',
  name: 'users',
  applied: '2026-11-26T10:00:00Z',
} as const

export function sampleColumn(name: string, more: Partial<ReportColumn> = {}): ReportColumn {
  const base = { type: 'bigint unsigned', nullable: false, default: null, comment: '', key: null, made, changed: null }
  return { name, ...base, ...more }
}

export function sampleTable(name: string, more: Partial<ReportTable> = {}): ReportTable {
  const columns = [sampleColumn('id', { key: 'primary' })]
  return { name, family: null, comment: '', made, columns, indexes: [], keys: [], ...more }
}

/** Two databases with a key between them, a family with every look, and a finding of each kind. */
export const sampleReport: Report = {
  at: '2026-11-26T12:00:00.000Z',
  toolVersion: '0.1.0',
  environment: 'test',
  databases: [
    {
      name: 'user_db',
      schema: 'user_db',
      server: '127.0.0.1:3306',
      serverVersion: '9.7.4',
      source: 'server',
      tables: [
        sampleTable('users', {
          comment: '用户表',
          columns: [
            sampleColumn('id', { key: 'primary', default: 'AUTO_INCREMENT', comment: '用户ID' }),
            sampleColumn('email', {
              type: 'varchar(100)',
              key: 'unique',
              comment: 'where letters go',
              changed: { ...made, file: 'migrations/user_db/2_mail.sql', version: '2', name: 'mail' },
            }),
          ],
          indexes: [{ name: 'PRIMARY', columns: ['id'], unique: true }],
        }),
      ],
      leftOut: 0,
      others: [{ type: 'view', name: 'active_users' }],
      migrations: { applied: 2, pending: 1 },
    },
    {
      name: 'message_db',
      schema: 'message_db',
      server: '127.0.0.1:3307',
      serverVersion: null,
      source: 'files',
      tables: [
        sampleTable('messages_{YYYYMM}', {
          family: 'messages',
          columns: [sampleColumn('id', { key: 'primary' }), sampleColumn('user_id', { nullable: true })],
          keys: [{ columns: ['user_id'], database: 'user_db', table: 'users', parentColumns: ['id'], physical: false }],
        }),
      ],
      leftOut: 0,
      others: [],
      migrations: null,
    },
  ],
  families: [
    {
      name: 'messages',
      database: 'message_db',
      pattern: 'messages_{YYYYMM}',
      period: 'month',
      zone: 'UTC',
      template: 'shard-templates/message_db/messages.sql',
      shards: [
        { key: '2026-06', table: 'messages_202606', look: 'dropped', note: '' },
        {
          key: '2026-07',
          table: 'messages_202607',
          look: 'archived',
          note: '1,204 rows, archive messages/2026-07.json',
        },
        { key: '2026-08', table: 'messages_202608', look: 'held', note: 'in _hold_1 until 2026-12-01 00:00 UTC' },
        { key: '2026-09', table: 'messages_202609', look: 'missing', note: '' },
        { key: '2026-10', table: 'messages_202610', look: 'past', note: '' },
        { key: '2026-11', table: 'messages_202611', look: 'live', note: '' },
        { key: '2026-12', table: 'messages_202612', look: 'premade', note: '' },
      ],
    },
  ],
  runs: [
    {
      id: 'run-1',
      databases: ['user_db', 'message_db'],
      command: 'migrate --yes',
      by: 'ann@host',
      startedAt: '2026-11-26T10:00:00.000Z',
      milliseconds: 2300,
      outcome: 'done',
      error: null,
    },
  ],
  drift: [
    {
      severity: 'warning',
      code: 'differs',
      place: 'user_db.users',
      what: 'table users: column `email` differs',
      why: null,
      next: '`wwdb drift` shows it.',
    },
  ],
  lint: [],
  doctor: [
    {
      severity: 'error',
      code: 'clock',
      place: '127.0.0.1:3306',
      what: 'The clock is 4 s behind.',
      why: 'Rotation drops nothing while clocks differ.',
      next: 'Synchronize both with NTP.',
    },
  ],
  stores: [
    { store: 'redis', server: '127.0.0.1:6379', state: 'as-declared', unchanged: 4, findings: [], fault: null },
    {
      store: 'mongodb',
      server: '127.0.0.1:27017',
      state: 'unread',
      unchanged: 0,
      findings: [],
      fault: 'Cannot connect to MongoDB: nothing listens there.',
    },
  ],
  gaps: [
    {
      part: 'tables',
      place: 'message_db',
      why: 'Cannot connect to MySQL at 127.0.0.1:3307.',
      next: 'Start the server.',
    },
  ],
}

const dayLength = 86_400_000

/** A family with a shard a day, of which one is missing, and the last ones are not yet in use. */
export function dailyFamily(count: number): ReportFamily {
  const first = Date.parse('2000-01-01T00:00Z')
  return {
    name: 'system_logs',
    database: 'user_db',
    pattern: 'system_logs_{YYYYMMDD}',
    period: 'day',
    zone: 'UTC',
    template: 'shard-templates/user_db/system_logs.sql',
    shards: Array.from({ length: count }, (_, index) => {
      const key = new Date(first + index * dayLength).toISOString().slice(0, 10)
      const look = index === 100 ? 'missing' : index < count - 10 ? 'past' : index < count - 9 ? 'live' : 'premade'
      const note = look === 'past' ? `${index} rows` : ''
      return { key, table: `system_logs_${key.replaceAll('-', '')}`, look, note }
    }),
  }
}
