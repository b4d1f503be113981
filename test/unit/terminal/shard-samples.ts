import type { Result } from '../../../src/command/result.ts'
import type { ShardListing } from '../../../src/shards/answers.ts'
import type { FamilyInspection } from '../../../src/shards/inspection.ts'

const target = { database: 'message_db', schema: 'message_db', server: '127.0.0.1:3306' }

const december: ShardListing = {
  target,
  family: 'messages',
  key: '2026-12',
  table: 'messages_202612',
  from: '2026-12-01T00:00:00.000Z',
  to: '2027-01-01T00:00:00.000Z',
  state: 'live',
  templateVersion: 3,
  rows: null,
  hold: null,
  archive: null,
  protected: null,
}

const held: ShardListing = {
  ...december,
  key: '2024-10',
  table: 'messages_202410',
  from: '2024-09-30T16:00:00.000Z',
  to: '2024-10-31T16:00:00.000Z',
  state: 'archived',
  rows: 1200345,
  hold: { table: '_hold_20261103_1f0c22aa_messages_202410', until: '2026-11-17T00:17:02.000Z' },
  archive: 'message_db/messages/2024-10/manifest.json',
  protected: 'case 4711',
}

const clean: FamilyInspection = {
  family: 'task_messages',
  division: 'period',
  tables: 14,
  missing: [],
  holes: [],
  unexpected: [],
  drift: { reference: 'recorded', like: 14, groups: [], behind: [], version: 1, templateChanged: false },
  unregistered: [],
  lost: [],
  losses: [],
  overdue: [],
  unsettled: [],
  held: { tables: 0, bytes: 0 },
  protected: [],
  headroom: 96 * 86_400_000,
  lastSuccessAt: '2026-11-24T20:17:03.512Z',
  contradictions: [],
  unchecked: [],
}

const wrong: FamilyInspection = {
  ...clean,
  family: 'messages',
  tables: 1817,
  missing: [{ table: 'messages_202702', key: '2027-02' }],
  holes: ['2025-03', '2025-04', '2025-05', '2025-06'].map((key) => ({
    table: `messages_${key.replace('-', '')}`,
    key,
  })),
  unexpected: [
    { table: 'messages_archive', why: 'Its name begins like messages_{YYYYMM}, but names no month by that pattern.' },
  ],
  drift: {
    reference: 'recorded',
    like: 1812,
    groups: [
      {
        tables: ['messages_202601', 'messages_202602', 'messages_202603'],
        differences: [
          {
            part: 'index',
            name: 'idx_send_time',
            change: 'missing',
            wanted: 'KEY `idx_send_time` (`send_time`)',
            found: null,
          },
        ],
      },
      { tables: ['messages_202604'], differences: null },
    ],
    behind: [{ version: 2, tables: ['messages_202605'] }],
    version: 3,
    templateChanged: true,
  },
  unregistered: ['messages_202502'],
  lost: [{ table: 'messages_202401', key: '2024-01', state: 'held' }],
  losses: [
    { table: 'messages_202312', key: '2023-12', state: 'held', rows: 1200345, at: '2026-11-20T04:17:00.000Z' },
    { table: 'messages_202611', key: '2026-11', state: 'live', rows: null, at: '2026-11-20T04:17:00.000Z' },
  ],
  overdue: [{ table: 'messages_202501', key: '2025-01', since: '2026-11-02T04:17:00.000Z' }],
  unsettled: [{ table: 'messages_202402', key: '2024-02', state: 'holding' }],
  held: { tables: 2, bytes: 1_503_238_553 },
  protected: [{ table: 'messages_202410', reason: 'case 4711', by: 'ann@ops', at: '2026-11-03T09:00:00.000Z' }],
  headroom: 37 * 86_400_000 + 3 * 3_600_000,
  misplaced: [
    {
      table: 'messages_202606',
      rows: 1,
      why: 'Of 2000 rows that were read, 1 has 2026-07-01 00:00:00: `send_time` is outside the period of this table. Move the row to the shard of its `send_time`.',
    },
  ],
  sampled: { shards: 1817, rows: 2_480_112, lastTimes: 2, unordered: 1 },
  unchecked: ['The keys in `instance_db.wework_instances` could not be read: the server does not answer.'],
}

/** One of every kind of answer about shards. */
export const shardResults: readonly Result[] = [
  {
    kind: 'shard-check',
    at: '2026-11-24T20:48:04.000Z',
    findings: 20,
    unseen: [
      {
        target: { database: 'contact_db', schema: 'contact_db', server: '127.0.0.1:3307' },
        code: 'UNREACHABLE',
        fault: { what: 'Nothing listens at 127.0.0.1:3307.', next: 'Start the server.' },
      },
    ],
    targets: [
      {
        target,
        registry: true,
        lastRunAt: '2026-11-24T20:17:00.000Z',
        families: [wrong, clean],
        strayHolds: ['_hold_20260101_0123abcd_messages_202001'],
        capacity: [
          {
            limit: 'table_definition_cache',
            value: 1400,
            needed: 1850,
            state: 'exceeded',
            advice: 'Increase it: SET PERSIST table_definition_cache = 4000.',
          },
          { limit: 'innodb_open_files', value: 4000, needed: 1850, state: 'enough', advice: null },
          { limit: 'disk', value: null, needed: 0, state: 'unknown', advice: null },
        ],
        doubts: [],
      },
    ],
  },
  {
    kind: 'shard-list',
    unseen: [],
    shards: [
      held,
      december,
      {
        ...december,
        table: 'contacts_42',
        key: '42',
        from: null,
        to: null,
        state: 'unregistered',
        templateVersion: null,
      },
    ],
  },
  {
    kind: 'shard-location',
    family: 'messages',
    database: 'message_db',
    key: '2024-10',
    table: 'messages_202410',
    from: held.from,
    to: held.to,
    shard: held,
    doubts: [],
  },
  {
    kind: 'shard-removal',
    shards: [{ database: 'message_db', family: 'messages', key: '2031-05', table: 'messages_203105' }],
  },
  {
    kind: 'family-move',
    dryRun: true,
    from: 'msg',
    to: 'messages',
    move: {
      target,
      shards: 36,
      traced: 1,
      protected: ['messages_202503'],
      held: ['messages_202410'],
      archived: ['messages_202410', 'messages_202409'],
      merged: ['messages_202611'],
      misfits: ['messages_2023'],
    },
  },
  {
    kind: 'shard-adoption',
    unseen: [],
    dryRun: false,
    targets: [
      {
        target,
        families: [
          {
            family: 'messages',
            known: 2,
            adopted: [{ table: 'messages_202611', key: '2026-11', state: 'live', recorded: null }],
            refused: [{ table: 'messages_202610', why: 'It lacks index `idx_send_time`.' }],
          },
        ],
      },
    ],
  },
  {
    kind: 'schema-diff',
    from: 'live',
    to: 'files',
    differences: 1,
    unreached: [
      {
        target: { database: 'app', schema: 'app', server: 'db:3306' },
        code: 'UNREACHABLE',
        fault: { what: 'Cannot connect to MySQL at db:3306.', why: 'Nothing is listening there.' },
      },
    ],
    databases: [
      {
        database: 'user_db',
        differences: [
          {
            type: 'table',
            name: 'users',
            change: 'differs',
            parts: [{ part: 'column', name: 'note', change: 'extra', wanted: null, found: 'text' }],
          },
        ],
        forward: [
          { text: 'ALTER TABLE `users`\n  DROP COLUMN `note`', place: 'tables', isCompound: false, hazards: [] },
        ],
        backward: [
          { text: 'ALTER TABLE `users`\n  ADD COLUMN `note` text', place: 'tables', isCompound: false, hazards: [] },
        ],
        renames: ['users.note=remark'],
        hidden: ['procedure work'],
      },
    ],
  },
  {
    kind: 'shard-diff',
    unseen: [],
    families: [
      {
        family: 'messages',
        target,
        like: 24,
        behind: ['messages_202605'],
        groups: [
          {
            tables: ['messages_202601', 'messages_202602'],
            differences: [
              { part: 'column', name: 'note', change: 'extra', wanted: null, found: 'varchar(20) DEFAULT NULL' },
            ],
            statements: ['ALTER TABLE `{{table}}`\n  DROP COLUMN `note`'],
            hazards: [
              {
                code: 'DROP_COLUMN',
                kind: 'destructive',
                why: 'It removes note with the values of every row.',
                instead: 'Stop using the column `first`.',
                file: 'shard-templates/message_db/messages.sql',
                line: 8,
                statement: 'ALTER TABLE `{{table}}` DROP COLUMN `note`',
                accepted: null,
              },
            ],
          },
        ],
      },
    ],
  },
  {
    kind: 'shard-repair',
    acknowledged: [{ family: 'messages', target, key: '2023-12', table: 'messages_202312', rows: 1200345 }],
    unseen: [],
    milliseconds: 1834,
    families: [
      {
        family: 'messages',
        target,
        repaired: ['messages_202601', 'messages_202602', 'messages_202603', 'messages_202604'],
        failed: [
          {
            table: 'messages_202605',
            code: 'STATEMENT_FAILED',
            fault: { what: 'Statement 1 of 1 failed: Duplicate entry.', why: 'MySQL error 1062 (23000).' },
          },
        ],
        left: 2,
      },
    ],
  },
]
