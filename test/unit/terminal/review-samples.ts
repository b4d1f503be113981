import type { Result } from '../../../src/command/result.ts'
import type { SchemaDiff } from '../../../src/schema/diff.ts'
import { sampleReport } from '../../helpers/report/report-sample.ts'

const diff: SchemaDiff = {
  database: 'user_db',
  differences: [
    { type: 'table', name: 'users', change: 'differs', parts: [] },
    { type: 'view', name: 'active_users', change: 'missing', parts: [] },
  ],
  forward: [{ text: 'ALTER TABLE `users` DROP COLUMN `nick`', place: 'tables', isCompound: false, hazards: [] }],
  backward: [
    { text: 'ALTER TABLE `users` ADD COLUMN `nick` varchar(64)', place: 'tables', isCompound: false, hazards: [] },
  ],
  renames: ['users.nick=users.name'],
  hidden: [],
}

const finding = {
  code: 'clock',
  severity: 'warning',
  what: 'The clock of 127.0.0.1:3306 is 4 s behind.',
  where: { server: '127.0.0.1:3306' },
  alsoAt: [],
  why: 'Rotation drops nothing while clocks differ.',
  fix: 'Synchronize both with NTP.',
} as const

/** Answers of the commands that review: lint, doctor, grants, adopt, report. */
export const reviewResults: readonly Result[] = [
  { kind: 'report', written: ['report.html'], report: sampleReport },
  {
    kind: 'adoption',
    tool: 'flyway',
    database: 'user_db',
    state: 'differs',
    migrations: [
      { file: 'migrations/user_db/1_users.sql', from: 'sql/V1__users.sql', state: 'applied' },
      { file: 'migrations/user_db/2_baseline.sql', from: null, state: 'baseline' },
      { file: 'migrations/user_db/3_roles.sql', from: 'sql/V3__roles.sql', state: 'pending' },
    ],
    history: ['0001_users.js'],
    edited: [{ file: 'sql/V1__users.sql', why: 'its checksum is not that of the history' }],
    diff,
    notes: ['`sql/afterMigrate.sql` is a callback: it is left out.'],
  },
  {
    kind: 'doctor',
    findings: [finding],
    ignored: [{ ...finding, why: null, reason: 'the staging server has no NTP' }],
    unchecked: ['`message_db` was not reached.'],
    checks: [{ code: 'clock', severity: 'warning', asks: 'Do the clocks agree?', findings: 1 }],
    servers: { answered: 1, all: 2 },
    stores: { answered: 0, all: 0 },
    notConfigured: ['redis'],
    language: 'en',
    milliseconds: 120,
  },
  {
    kind: 'grants',
    applied: true,
    accounts: [
      {
        server: '127.0.0.1:3306',
        account: 'wwdb_migrate@%',
        purposes: ['migrate'],
        state: 'created',
        statements: ['GRANT SELECT ON `user_db`.* TO `wwdb_migrate`@`%`'],
      },
    ],
  },
  {
    kind: 'grants-check',
    accounts: [
      {
        server: '127.0.0.1:3306',
        account: 'app@%',
        purposes: ['read'],
        exists: true,
        missing: ['GRANT SELECT ON `user_db`.* TO `app`@`%`'],
        excess: ['REVOKE DROP ON `user_db`.* FROM `app`@`%`'],
      },
    ],
  },
  {
    kind: 'lint',
    judged: { files: 2, of: 12, by: 'since', note: null },
    folder: '',
    faults: [],
    findings: [
      {
        code: 'RENAME_SWAP',
        severity: 'error',
        stops: false,
        database: 'user_db',
        file: 'migrations/user_db/1_users.sql',
        line: 3,
        column: 1,
        endLine: 3,
        endColumn: 20,
        message: '`users` is swapped.',
        fix: 'Add one.',
        manual: null,
        fixable: false,
        fingerprint: 'f'.repeat(32),
      },
    ],
    suppressed: 1,
    known: 2,
    fixed: 0,
    baselineWritten: false,
    maxWarnings: 10,
    trial: {
      tried: 4,
      untried: [
        {
          file: 'migrations/user_db/20260301000000_price.sql',
          line: 9,
          why: 'it calls a procedure, which could do anything',
        },
      ],
      notes: [],
    },
  },
]
