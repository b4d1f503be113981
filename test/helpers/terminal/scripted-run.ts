import type { RunEvent } from '../../../src/command/event.ts'
import type { Result } from '../../../src/command/result.ts'
import type { Holder } from '../../../src/core/holder.ts'
import type { Target } from '../../../src/core/target.ts'
import type { Plan, Step } from '../../../src/migrations/plan.ts'

/** An event and how many milliseconds after the one before it it happens. */
export interface Moment {
  readonly after: number
  readonly event: RunEvent
}

function target(database: string): Target {
  return { database, schema: database, server: 'db-primary.internal:3306' }
}

const users = target('user_db')
const contacts = target('contact_db')
const messages = target('message_db')

const orphan: Holder = {
  connectionId: 4711,
  user: 'migrator',
  host: 'ci-runner-17.internal',
  seconds: 73,
  state: 'altering table',
  statement: "ALTER TABLE `contacts` ADD COLUMN `备注` VARCHAR(255) COMMENT '通讯录备注', ALGORITHM=COPY",
  orphaned: true,
}

const reader: Holder = {
  connectionId: 99,
  user: 'report',
  host: '10.20.30.40:51234',
  seconds: 312,
  state: 'Sleep',
  statement: null,
  orphaned: false,
}

function step(database: string, version: string, name: string): Step {
  const file = `migrations/${database}/${version}_${name}.sql`
  const migration = {
    database,
    version,
    name,
    kind: 'versioned',
    file,
    checksum: 'c'.repeat(64),
    requires: [],
    conditions: [],
    accepted: [],
    up: { type: 'statements', statements: [] },
    down: null,
  } as const
  return { type: 'apply', migration, from: 0, total: 2, hazards: [], algorithms: new Map(), after: [] }
}

function planOf(where: Target, ...steps: readonly Step[]): Plan {
  return { direction: 'up', targets: [{ target: where, inputsDigest: 'w', steps, notes: [] }] }
}

const createUsers = { target: users, version: '20260101000100', name: 'create_users', direction: 'up' } as const
const addColumn = {
  target: users,
  version: '20260102000000',
  name: '给用户表添加一个非常长的中文说明字段',
  direction: 'up',
} as const
const createTasks = {
  target: messages,
  version: '20260101000100',
  name: 'create_message_tasks',
  direction: 'up',
} as const

/** A run in which everything happens that makes a person wait. */
export const scriptedRun: readonly Moment[] = [
  { after: 0, event: { type: 'run-started', command: 'migrate', targets: [users, contacts, messages] } },
  { after: 10, event: { type: 'lock-acquired', target: users, milliseconds: 3 } },
  { after: 0, event: { type: 'lock-waiting', target: contacts, holder: orphan, milliseconds: 0 } },
  { after: 0, event: { type: 'lock-acquired', target: messages, milliseconds: 3 } },
  {
    after: 10,
    event: {
      type: 'plan-ready',
      plan: planOf(users, step('user_db', '20260101000100', 'create_users'), step('user_db', '20260102000000', 'add')),
    },
  },
  { after: 0, event: { type: 'plan-ready', plan: planOf(messages, step('message_db', '20260101000100', 'create')) } },
  { after: 0, event: { type: 'step-started', ...createUsers, from: 0, total: 1 } },
  { after: 0, event: { type: 'step-waiting', ...createTasks, after: ['user_db/20260102000000'] } },
  {
    after: 0,
    event: { type: 'statement-started', ...createUsers, statement: 0, total: 1, summary: 'CREATE TABLE users' },
  },
  {
    after: 23,
    event: {
      type: 'statement-finished',
      ...createUsers,
      statement: 0,
      total: 1,
      summary: 'CREATE TABLE users',
      milliseconds: 23,
      rows: null,
      warnings: ['1681: Integer display width is deprecated and will be removed in a future release.'],
    },
  },
  { after: 0, event: { type: 'step-finished', ...createUsers, statements: 1, milliseconds: 23 } },
  { after: 0, event: { type: 'step-started', ...addColumn, from: 1, total: 2 } },
  {
    after: 0,
    event: { type: 'statement-started', ...addColumn, statement: 1, total: 2, summary: 'ALTER TABLE users' },
  },
  {
    after: 1500,
    event: {
      type: 'statement-blocked',
      ...addColumn,
      statement: 1,
      total: 2,
      summary: 'ALTER TABLE users',
      by: [reader],
      attempt: 1,
    },
  },
  { after: 500, event: { type: 'lock-waiting', target: contacts, holder: orphan, milliseconds: 2000 } },
]

/** How the run continues when what it waited for is gone. */
export const scriptedEnd: readonly Moment[] = [
  {
    after: 700,
    event: {
      type: 'statement-finished',
      ...addColumn,
      statement: 1,
      total: 2,
      summary: 'ALTER TABLE users',
      milliseconds: 2700,
      rows: null,
      warnings: [],
    },
  },
  { after: 0, event: { type: 'step-finished', ...addColumn, statements: 1, milliseconds: 2700 } },
  { after: 0, event: { type: 'step-started', ...createTasks, from: 0, total: 2 } },
  { after: 40, event: { type: 'step-finished', ...createTasks, statements: 2, milliseconds: 40 } },
  { after: 0, event: { type: 'lock-acquired', target: contacts, milliseconds: 2800 } },
  { after: 0, event: { type: 'plan-ready', plan: planOf(contacts) } },
]

export const scriptedResult: Result = {
  kind: 'run',
  command: 'migrate',
  outcomes: [
    {
      target: users,
      state: 'done',
      done: ['20260101000100_create_users', '20260102000000_add'],
      notDone: [],
      statements: 2,
      milliseconds: 2723,
      fault: null,
      code: null,
    },
    {
      target: contacts,
      state: 'nothing-to-do',
      done: [],
      notDone: [],
      statements: 0,
      milliseconds: 0,
      fault: null,
      code: null,
    },
    {
      target: messages,
      state: 'done',
      done: ['20260101000100_create_message_tasks'],
      notDone: [],
      statements: 2,
      milliseconds: 40,
      fault: null,
      code: null,
    },
  ],
  milliseconds: 2790,
  dryRun: false,
}
