import { describe, expect, test } from 'vitest'
import type { Result } from '../../../src/command/result.ts'
import type { FamilyOutcome } from '../../../src/shards/answers.ts'
import type { ReporterOptions } from '../../../src/terminal/reporter.ts'
import { displayWidth } from '../../../src/terminal/text/span.ts'
import { stripColors } from '../../helpers/terminal/terminal-screen.ts'
import { openReporter } from './harness.ts'
import { dropColumn, everyResult, familyOutcome, mixedRun, outcome, plan, statement, step, target } from './samples.ts'

async function show(result: Result, changes: Partial<ReporterOptions> = {}) {
  const { reporter, out, err } = await openReporter(changes)
  await reporter.result(result, 0)
  reporter.close()
  return { out: out(), err: err() }
}

function sample(kind: Result['kind']): Result {
  const found = everyResult.find((result) => result.kind === kind)
  if (found === undefined) throw new Error(`no sample of ${kind}`)
  return found
}

function sampleRotation(changes: Partial<FamilyOutcome>): Extract<Result, { readonly kind: 'rotation' }> {
  const result = sample('rotation')
  if (result.kind !== 'rotation') throw new Error('it is none')
  return {
    ...result,
    families: result.families.map(({ family, target }) => familyOutcome(family, { ...changes, target })),
  }
}

describe('what people see in 80 columns', () => {
  test('a run in which something failed: faults on stderr, the summary on stdout', async () => {
    const { out, err } = await show(mixedRun)
    expect(err).toMatchInlineSnapshot(`
      "✗ Statement 2 of 3 failed: Unknown column 'nme' in 'message_tasks'.
        at migrations/message_db/20260102000000_add_email.sql:5:36, database
           message_db, server 127.0.0.1:3306
        5 | ALTER TABLE message_tasks ADD INDEX (nme);
          |                                      ^
        Why:  MySQL error 1072 (42000).
        Next: Correct the statement and run \`wwdb migrate\` again: it continues there.

      "
    `)
    expect(out).toMatchInlineSnapshot(`
      "✓ user_db     1 migration applied (2 statements, 23 ms)
      · contact_db  nothing to do
      ✗ message_db  failed: 1 migration applied, 2 not (3 statements, 1.5 s)
          because: Statement 2 of 3 failed: Unknown column 'nme' in 'message_tasks'.
          done:     20260101000100_create_tasks
          not done: 20260102000000_add_email, 20260103000000_add_index
      ! monitor_db  not started
          because: It needs message_db/20260102000000, which failed.
          not done: 20260102000000_add_email
      4 databases: 1 done, 1 with nothing to do, 1 failed, 1 not started; 12 s.
      Next: Fix what failed, then run \`wwdb migrate\` again: it continues where this
            run stopped.
      "
    `)
  })

  test('a plan', async () => {
    expect((await show(sample('plan'))).out).toMatchInlineSnapshot(`
      "user_db at 127.0.0.1:3306
        ! \`20260101500000_late\` sorts before an applied migration and is allowed.
        apply 20260101000100_create_users
          migrations/user_db/20260101000100_create_users.sql
              1  CREATE TABLE users (id BIGINT PRIMARY KEY)
              2  ALTER TABLE users  INPLACE, about 1,200 rows, 96 KiB
                 ALTER TABLE users
                   DROP COLUMN nick,
                   ADD COLUMN mail VARCHAR(255),
                 (2 more lines)
                 ! destructive DROP_COLUMN  line 13
                   The column and everything in it are gone for good.
                   Instead: Stop using the column first and drop it in a later
                            release, or accept with --allow drop-column.
        apply 20260102000000_fill_roles
          migrations/user_db/20260102000000_fill_roles.ts
          after instance_db/20260101000100
            one transaction of migrations/user_db/20260102000000_fill_roles.ts
        apply 20260103000000_resume_me
          migrations/user_db/20260103000000_resume_me.sql
          resumes at statement 2 of 2
              2  ALTER TABLE users  INPLACE, about 1,200 rows, 96 KiB
                 ALTER TABLE users
                   DROP COLUMN nick,
                   ADD COLUMN mail VARCHAR(255),
                 (2 more lines)

      contact_db in pr_7_contact_db at 127.0.0.1:3306: nothing to do

      3 migrations to apply: 4 statements in 1 database; 1 hazard, 1 of which stops
      the run until accepted.
      Next: \`wwdb migrate --plan plan.json\` runs exactly this plan, or refuses if its
            inputs have changed.
      "
    `)
  })

  test('the status', async () => {
    expect((await show(sample('status'))).out).toMatchInlineSnapshot(`
      "user_db at 127.0.0.1:3306, MySQL 9.7.0
        ✓ applied         20260101000100  create_users        2026-01-05 10:20
        ✗ changed         20260102000000  add_email           2026-01-05 10:20
        ! partial         20260103000000  fill_roles          1 of 3 statements
        · pending         20260104000000  消息表
        · outdated        R__views        views (repeatable)
        - not-applicable  20260105000000  old_servers
        1 applied, 1 changed, 1 partial, 1 pending, 1 outdated, 1 not-applicable.
      ✗ \`migrations/user_db/20260102000000_add_email.sql\` was changed after it ran on
        \`user_db\`
        at database user_db
        Why:  its checksum differs from the journal
        Next: Restore the file.

      contact_db at 127.0.0.1:3306
        The schema \`contact_db\` does not exist yet.
        No migrations.

      3 pending migrations, 1 finding in 2 databases.
      Next: Do what the findings say first, then run \`wwdb status\` again.
      "
    `)
  })

  test('a status with a schema that does not exist yet names first what makes it', async () => {
    const status = sample('status')
    if (status.kind !== 'status') throw new Error('it is another answer')
    const { out } = await show({ ...status, targets: status.targets.map((target) => ({ ...target, findings: [] })) })
    expect(out).toMatch(/^Next: `wwdb db create` creates the schemas that do not exist yet\.\n {6}`wwdb plan` shows/m)
  })

  test('a redo that failed names both ways on: its revert may be done', async () => {
    const run = sample('run')
    if (run.kind !== 'run') throw new Error('it is another answer')
    const { out } = await show({ ...run, command: 'redo', dryRun: false })
    expect(out).toMatch(/`wwdb\s+migrate`\s+applies\s+what/)
    expect(out).not.toMatch(/`wwdb redo` again/)
  })

  test('a status with one pending migration speaks of one', async () => {
    const status = sample('status')
    if (status.kind !== 'status') throw new Error('it is another answer')
    const { out } = await show({ ...status, pending: 1, targets: [] })
    expect(out).toContain('`wwdb plan` shows what it would do, `wwdb migrate` applies it.')
  })

  test('the status of every environment, in as many tables as the columns need', async () => {
    expect((await show(sample('environments'))).out).toMatchInlineSnapshot(`
      "              staging                            production
        contact_db  ! 1 running, 2 pending, 1 changed  ✓ current
        message_db  ! no schema, 4 pending             ✗ not reached
        user_db     ✓ current                          ✗ 1 pending, 1 finding

                    far-away
        contact_db  ✗ not reached
        message_db  ✗ not reached
        user_db     ✗ not reached

      In production:
      ✗ message_db at db-2:3306: not reached.
        Why:  db-2:3306 does not answer. connect ECONNREFUSED
        Next: Start it.

      ✗ far-away: not reached.
        Why:  The variable FAR_URL is not set.
        Next: Set it.

      3 environments, 3 databases.
      Next: \`wwdb status --env staging\` shows each migration.
      "
    `)
    expect((await show(sample('environments'), { columns: { out: 40, err: 40 } })).out).toMatchInlineSnapshot(`
      "            staging
        contact…  ! 1 running, 2 pending, 1 c…
        message…  ! no schema, 4 pending
        user_db   ✓ current

                    production
        contact_db  ✓ current
        message_db  ✗ not reached
        user_db     ✗ 1 pending, 1 finding

                    far-away
        contact_db  ✗ not reached
        message_db  ✗ not reached
        user_db     ✗ not reached

      In production:
      ✗ message_db at db-2:3306: not reached.
        Why:  db-2:3306 does not answer.
              connect ECONNREFUSED
        Next: Start it.

      ✗ far-away: not reached.
        Why:  The variable FAR_URL is not set.
        Next: Set it.

      3 environments, 3 databases.
      Next: \`wwdb status --env staging\` shows
            each migration.
      "
    `)
  })

  test('the history', async () => {
    expect((await show(sample('history'))).out).toMatchInlineSnapshot(`
      "user_db at 127.0.0.1:3306, 4 passes, 4 runs
        ✓ 2026-01-05 10:20:30  up    20260101000100  create_users  1.2 s   deploy@ci-7
        ! 2026-01-05 10:20:30  up    20260102000000  add_email     1 of 2  deploy@ci-7
        ✓ 2026-01-05 10:20:30  down  20260101000100  create_users  40 ms   deploy@ci-7
        ✓ 2026-01-05 10:20:30  mark  20260103000000  by_hand               deploy@ci-7
        ✓ 2026-01-01 10:15:00 migrate --to 20260103000000
          done after 1.5 s, by ann@build-7 as deploy@%, wwdb 0.1.0
          run 20260101T101500-3f9a2c1b, plan 5f3c9b1e4d7a
        ✗ 2026-01-01 10:15:00 shards protect --family messages --key 2026-03 --reason
          case-117
          failed after 1.5 s, exit code 2, by ann as deploy@%, wwdb 0.1.0
          run 20260102T101500-0badcafe, plan 5f3c9b1e4d7a, commit 4f2c1d0e9b8a
          job https://ci.example/jobs/12
          LOCK_LOST: The lock was released during the run.
          redis: create the index sessions
        · 2026-01-01 10:15:00 migrate --to 20260103000000
          in progress, by ann@build-7 as deploy@%, wwdb 0.1.0
          run 20260103T101500-0badf00d, plan 5f3c9b1e4d7a
        ! 2026-01-01 10:15:00 migrate --to 20260103000000
          stopped: its connection was lost, by ann@build-7 as deploy@%, wwdb 0.1.0
          run 20260104T101500-0badbeef, plan 5f3c9b1e4d7a

      contact_db at 127.0.0.1:3306
        ✓ 2026-01-01 10:15:00  contacts_42  archived to dropping          not known
        ! 2026-01-01 09:30:00  contacts_42  up 20260102000000, not comp…  not recorded
        ✓ 2026-01-01 09:15:00  contacts_42  new, live, protected: case-…  not recorded
      "
    `)
  })

  test('a validation', async () => {
    expect((await show(sample('validation'))).out).toMatchInlineSnapshot(`
      "✗ The quote that opens here is never closed.
        at migrations/user_db/20260104000000_x.sql:7:12
        7 | INSERT a    VALUES ('消
          |                     ^
        Next: Close it with '.
      ! destructive DROP_COLUMN  migrations/user_db/20260101000100_create_users.sql:13
        The column and everything in it are gone for good.
        Instead: Stop using the column first and drop it in a later release, or accept
                 with --allow drop-column.
      · destructive drop-table  migrations/user_db/20260101000100_create_users.sql:13
        The column and everything in it are gone for good.
        Accepted: The table was never used.
      ✗ 12 files with 40 statements: 1 fault, 2 hazards.
      "
    `)
  })

  test('a configuration', async () => {
    expect((await show(sample('config'))).out).toMatchInlineSnapshot(`
      "File: wwdb.config.json
      Environment: staging
        databases.user_db.url  ***    file
        timeouts.lock          60000  default
        protected              -      flag
      "
    `)
  })

  test('written files', async () => {
    expect((await show(sample('files'))).out).toMatchInlineSnapshot(`
      "✓ created migrations/user_db/20260101000100_create_users.sql
      ✓ changed wwdb.sum
      Next: Write the statements, then run \`wwdb plan\`.
      "
    `)
  })

  test('locks', async () => {
    expect((await show(sample('locks'))).out).toMatchInlineSnapshot(`
      "! user_db at 127.0.0.1:3306: held by connection 42 (app@10.0.0.3, altering
        table, 40 s, orphaned: its run has ended, but the server is still executing
        its statement): ALTER TABLE users ADD COLUMN nick VARCHAR(64)
        worker 2 of a fan-out: connection 42 (app@10.0.0.3, altering table, 40 s):
          ALTER TABLE users ADD COLUMN nick VARCHAR(64)
      · contact_db at 127.0.0.1:3306: free
      Next: The next run waits until the server has finished; \`wwdb lock release\`
            kills it now.
      "
    `)
  })

  test('databases', async () => {
    expect((await show(sample('databases'))).out).toMatchInlineSnapshot(`
      "✓ user_db     created                          at 127.0.0.1:3306
      · contact_db  exists       in pr_7_contact_db  at 127.0.0.1:3306
      ✗ monitor_db  unreachable                      at 127.0.0.1:3306
          connection refused
      "
    `)
  })

  test('orphans', async () => {
    expect((await show(sample('orphans'))).out).toMatchInlineSnapshot(`
      "✗ message_db.tasks (created_by) -> user_db.users (id): 1,201 rows with 7 missing
        keys
          17 in 1,200 rows
          消息表 4711 in 1 row
          and 5 keys more
          declared in
            migrations/message_db/20260101000900_reference_users_from_tasks.sql:6
      ✗ message_db.messages_{YYYYMM} (account_id) -> instance_db.accounts (id): 3 rows
        with 2 missing keys
          8 in 1 row
          9 in 2 rows
          in messages_202611 (3 rows) of 26 shards
          declared in shard-templates/message_db/messages.sql:9
      ✓ contact_db.contacts_{key} (account_id) -> instance_db.accounts (id) in 1,812
        shards
      ✓ message_db.tasks (tenant, account) -> instance_db.accounts (tenant, id)
      · monitor_db.logs (user) -> old.legacy: not checked
          The table old.legacy does not exist yet, or this user cannot see it.
      5 foreign keys (logical between databases): 1,204 orphaned rows; 1 not checked.
      Next: Restore the missing parents, or correct or delete these rows; then check
            again.
      "
    `)
  })

  test('templates', async () => {
    expect((await show(sample('templates'))).out).toMatchInlineSnapshot(`
      "✓ messages shard-templates/message_db/messages.sql, tried as messages_202611 and
        messages_202712 on 127.0.0.1:3306
          The server drops the display width of \`id\`: bigint(20) is bigint.
      ✗ contacts shard-templates/contact_db/contacts.sql, tried as contacts_1 and
        contacts_18446744073709551615 on 127.0.0.1:3306
      ✗ The table has 0 foreign keys where 1 are written.
        at shard-templates/contact_db/contacts.sql:8
      2 templates: 1 not as written.
      "
    `)
  })

  test('the sandbox', async () => {
    expect((await show(sample('sandbox'))).out).toMatchInlineSnapshot(`
      "✓ The sandbox is running.
        Server  MySQL 8.4.3
        From    Debian's packages, unpacked in the cache of wwdb
        URL     mysql://root@127.0.0.1:33060
        Data    .wwdb/sandbox
        redis   7.0.15, running, ports 33070 to 33071
      Next: wwdb status
            wwdb sandbox env
      "
    `)
  })

  test('the next times of a schedule', async () => {
    expect((await show(sample('schedule'))).out).toMatchInlineSnapshot(`
      "17 * * * * in Asia/Shanghai
        2026-11-24 20:17 UTC  2026-11-25 04:17 Asia/Shanghai  in 16 min 30 s
        2026-11-24 21:17 UTC  2026-11-25 05:17 Asia/Shanghai  in 1 h 16 min
      "
    `)
    expect((await show(sample('schedule-run'))).out).toMatchInlineSnapshot(`
      "! Stopped after 12 rotations; the last successful one ended at 2026-11-24
        18:17:21.000 UTC; the last 2 failed.
      "
    `)
  })

  test('a rotation: what was done, what a person must look at, and the totals', async () => {
    expect((await show(sample('rotation'))).out).toMatchInlineSnapshot(`
      "✓ messages in message_db: done; tables until 2027-03-01
          made: messages_202702
          put on hold: messages_202411
      · contacts in message_db: nothing to do
      ✗ system_logs in message_db: failed
          sealed: system_logs_20261101, system_logs_20261102, system_logs_20261103,
                  system_logs_20261104, system_logs_20261105 and 3 more
          ! Skipped: \`system_logs_20261001\`: it is protected by test@host: case 117.
      ✗ system_logs_20261031 is in use.
        Why:  held by connection 7
        Next: End it, or wait.
      ! groups in message_db: stopped
      ! group_members in message_db: not started
      ✗ Another run holds the lock.
      2026-11-24 20:17 UTC: 1 made, 1 put on hold, 0 dropped, 1 failed, 1 not started;
      812 ms.
      Next: \`wwdb rotate run\` again after fixing what failed: it continues from there.
      "
    `)
  })

  test('a rotation that no server answered: the fault once, with the families it concerns', async () => {
    const fault = { what: 'Cannot connect to MySQL at 127.0.0.1:3306', next: 'Start the server.' }
    const down = sampleRotation({ state: 'not-started', fault, code: 'UNREACHABLE' })
    expect((await show(down)).out).toMatchInlineSnapshot(`
      "! messages in message_db: not started
      ! contacts in message_db: not started
      ! system_logs in message_db: not started
      ! groups in message_db: not started
      ! group_members in message_db: not started
      ✗ Cannot connect to MySQL at 127.0.0.1:3306
        Next: Start the server.
        For:  messages, contacts, system_logs, groups, group_members
      2026-11-24 20:17 UTC: 0 made, 0 put on hold, 0 dropped, 5 not started; 812 ms.
      Next: \`wwdb rotate run\` again after fixing what failed: it continues from there.
      "
    `)
  })

  test('the platform, with what each store holds beside the nodes of a cluster', async () => {
    const { out } = await show(sample('platform'))
    expect(out).toMatch(/^ {2}redis +127\.0\.0\.1:7000 and 5 more {2}as declared$/m)
  })

  test('the platform names the checks that work here: a store without a URL is not among them', async () => {
    const platform = sample('platform')
    if (platform.kind !== 'platform') throw new Error('no platform')
    const steps = platform.steps.filter(({ state }) => state !== 'failed')
    const without = (name: string) => ({ name, server: 'no URL', holds: 'not configured here, left out' })
    const place = (name: string) => ({ name, server: '127.0.0.1:3306', holds: 'as declared' })
    const next = async (...places: readonly ReturnType<typeof place>[]) =>
      (await show({ ...platform, steps, places })).out.replaceAll(/\n +/g, ' ').match(/Next: (.*)\n/)?.[1]
    expect(await next(place('user_db'), place('redis'))).toBe(
      '`wwdb status`, `wwdb shards list` and `wwdb setup verify` show details.',
    )
    expect(await next(place('user_db'), place('mongodb'), place('redis'), without('influxdb'))).toBe(
      '`wwdb status`, `wwdb shards list` and `wwdb setup verify --only mongodb --only redis` show details.',
    )
    expect(await next(place('user_db'), without('influxdb'))).toBe('`wwdb status` and `wwdb shards list` show details.')
    expect(await next(place('user_db'))).toBe('`wwdb status` and `wwdb shards list` show details.')
  })

  test('the answer of `shards protect` counts no shard as put on hold', async () => {
    const { out } = await show({ ...sampleRotation({ notes: ['messages_202611 stays.'] }), command: 'shards protect' })
    expect(out).toMatch(/\n2026-11-24 20:17 UTC: done; 812 ms\.\n$/)
  })

  test('what a rotation would do; steps that are alike are one line', async () => {
    const planned = sample('rotation-plan')
    expect((await show(planned)).out).toMatchInlineSnapshot(`
      "✓ messages in message_db: 8 changes; tables until 2027-07-01
          to make: messages_202706 (ahead)
              CREATE TABLE IF NOT EXISTS \`messages_202706\` (
                id BIGINT UNSIGNED NOT NULL,
                body TEXT,
              (2 more lines)
          to adopt: messages_202612
          to correct in the registry:  messages_202611
          hold messages_202411: its period ended on 2024-12-01
              RENAME TABLE \`messages_202411\` TO
                \`_hold_20270301_1f0c22aa_messages_202411\`
          seal messages_202601 to messages_202604, 4 shards: its period ended, and
            late rows are no longer accepted
          ! 5 of 9 live shards would be put on hold: that needs \`--yes\`.
          ! \`messages_202610\` was dropped outside of wwdb: it is created again, empty.
      · contacts in contact_db: not planned
      ✗ "a b" is no shard key.
      A rehearsal for 2027-03-01 00:00 UTC.
      "
    `)
    expect((await show(planned, { verbose: true })).out).toContain(
      'seal messages_202604: its period ended on 2026-05-01',
    )
  })

  test('the version', async () => {
    expect((await show(sample('version'))).out).toMatchInlineSnapshot(`
      "wwdb 0.1.0 (node v20.20.2, linux x64)
      "
    `)
  })

  test('a document is the answer itself', async () => {
    expect((await show(sample('document'))).out).toBe('export A=1\n')
    const schema: Result = { kind: 'document', format: 'json', content: '{\n\t"a": 1\n}' }
    expect((await show(schema)).out).toBe('{\n\t"a": 1\n}\n')
  })
})

describe('every answer', () => {
  const widths = [20, 40, 80, 200]

  test.each(everyResult.flatMap((result) => widths.map((columns) => [result.kind, columns, result] as const)))(
    '%s fits %i columns',
    async (kind, columns, result) => {
      const { out, err } = await show(result, { columns: { out: columns, err: columns }, verbose: true })
      // A document is printed as it is, and so are an environment, which is a file's content, and SQL for the `mysql` client.
      if (kind === 'provision') return expect(out).toBe('USER_DB_URL=mysql://root@127.0.0.1:3306/wwdb_pr_1_user_db\n')
      if (kind === 'grants') return expect(out).toContain('GRANT SELECT ON `user_db`.* TO `wwdb_migrate`@`%`;')
      if (kind === 'document') return expect(out).toBe('export A=1\n')
      for (const line of `${out}${err}`.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(columns)
    },
  )

  test.each(everyResult.map((result) => [result.kind, result] as const))(
    '%s is the same with color, and has no escape sequence without',
    async (_kind, result) => {
      const plain = await show(result)
      const colorful = await show(result, { color: { out: 1, err: 1 } })
      expect(plain.out + plain.err).not.toContain('\u001b')
      expect(stripColors(colorful.out + colorful.err)).toBe(plain.out + plain.err)
    },
  )

  test.each(everyResult.map((result) => [result.kind, result] as const))(
    '%s is not cut where there is no terminal',
    async (_kind, result) => {
      const none = Number.POSITIVE_INFINITY
      expect((await show(result, { columns: { out: none, err: none } })).out).not.toContain('…')
    },
  )
})

describe('a run', () => {
  const run = (changes: Partial<Extract<Result, { kind: 'run' }>>): Result => {
    return { kind: 'run', command: 'migrate', outcomes: [], milliseconds: 5, dryRun: false, ...changes }
  }

  test('that went well says nothing with --quiet, one that did not does', async () => {
    expect(await show(run({ outcomes: [outcome('user_db', 'done')] }), { quiet: true })).toEqual({ out: '', err: '' })
    const { out, err } = await show(mixedRun, { quiet: true })
    expect(out).toContain('1 failed')
    expect(err).toContain('✗ Statement 2 of 3 failed')
  })

  test('a stopped run shows how to continue', async () => {
    const { out } = await show(run({ command: 'rollback', outcomes: [outcome('user_db', 'stopped')] }))
    expect(out).toMatchInlineSnapshot(`
      "! user_db  stopped: 0 migrations reverted, 1 not (0 statements, 23 ms)
          not done: 20260102000000_add_email
      1 database: 1 stopped; 5 ms.
      Next: Run \`wwdb rollback\` again: it continues where this run stopped.
      "
    `)
  })

  test('without databases', async () => {
    expect((await show(run({}))).out).toBe('0 databases: none chosen; 5 ms.\n')
  })

  test('that only pretended shows the plan on stdout', async () => {
    const { reporter, out } = await openReporter()
    reporter.event({ type: 'run-started', command: 'migrate', targets: [target('user_db')] })
    reporter.event({ type: 'plan-ready', plan: { direction: 'up', targets: plan.targets.slice(0, 1) } })
    reporter.event({ type: 'plan-ready', plan: { direction: 'up', targets: plan.targets.slice(1) } })
    await reporter.result(
      run({ dryRun: true, outcomes: [outcome('user_db', 'done'), outcome('contact_db', 'nothing-to-do')] }),
      0,
    )
    expect(out()).toContain('2  ALTER TABLE users  INPLACE')
    expect(out()).toContain('contact_db in pr_7_contact_db at 127.0.0.1:3306: nothing to do')
    expect(out()).toContain('Dry run: nothing was written.')
  })

  test('names at most ten migrations, all of them with --verbose', async () => {
    const notDone = Array.from({ length: 30 }, (_, index) => `2026010100000${index}_m`)
    const failed = run({ outcomes: [outcome('user_db', 'failed', { notDone })] })
    expect((await show(failed)).out).toContain('and 21 more')
    expect((await show(failed, { verbose: true })).out).toContain('202601010000029_m')
  })
})

describe('a plan', () => {
  const planOf = (...steps: Parameters<typeof step>): Result => {
    const targets = [
      { target: target('user_db'), inputsDigest: 'w', steps: steps.map((changes) => step(changes)), notes: [] },
    ]
    return { kind: 'plan', plan: { direction: 'down', targets }, file: null }
  }

  function planOfTexts(...texts: readonly string[]): Result {
    const base = step()
    const statements = texts.map((text, index) => statement(index, 'CREATE VIEW', 'users', { text }))
    const migration = { ...base.migration, up: { type: 'statements', statements } as const }
    return planOf({ migration, total: texts.length, algorithms: new Map(), sizes: new Map() })
  }

  test('folds a text to three lines and says how many more there are; --verbose shows all of it', async () => {
    const long = `ALTER TABLE users\n\n\tADD COLUMN x ${'y'.repeat(100)},\n\tADD COLUMN z INT`
    const planned = planOfTexts(long, 'SELECT 1\nFROM dual\nWHERE true')
    expect((await show(planned)).out).toMatchInlineSnapshot(`
      "user_db at 127.0.0.1:3306
        apply 20260101000100_create_users
          migrations/user_db/20260101000100_create_users.sql
              1  CREATE VIEW users
                 ALTER TABLE users
                   ADD COLUMN x
                   yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
                 (2 more lines)
              2  CREATE VIEW users
                 SELECT 1
                 FROM dual
                 WHERE true

      1 migration to apply: 2 statements in 1 database.
      "
    `)
    expect((await show(planned, { verbose: true })).out).toMatchInlineSnapshot(`
      "user_db at 127.0.0.1:3306
        apply 20260101000100_create_users
          migrations/user_db/20260101000100_create_users.sql
              1  CREATE VIEW users
                 ALTER TABLE users
                   ADD COLUMN x
                   yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
                   yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy,
                   ADD COLUMN z INT
              2  CREATE VIEW users
                 SELECT 1
                 FROM dual
                 WHERE true

      1 migration to apply: 2 statements in 1 database.
      "
    `)
    expect((await show(planned, { columns: { out: Number.POSITIVE_INFINITY, err: 80 } })).out).toContain(
      `ADD COLUMN x ${'y'.repeat(100)},\n             ADD COLUMN z INT\n`,
    )
  })

  test('shows the beginning of a text of many lines at once', async () => {
    const rows = Array.from({ length: 50_000 }, (_, row) => `(${row}, 'a row of a table')`).join(',\n')
    const { out } = await show(planOfTexts(`INSERT INTO users VALUES\n${rows}`))
    expect(out).toContain("  (0, 'a row of a table'),\n")
    expect(out).toContain('(49,998 more lines)\n')
    const { out: single } = await show(planOfTexts(`INSERT INTO users VALUES ${rows.replaceAll('\n', ' ')}`))
    expect(single.length).toBeLessThan(1000)
  })

  test('masks passwords in the text of a statement, and shows what could drive the terminal', async () => {
    const planned = planOfTexts("CREATE USER a IDENTIFIED BY 'hunter2'", 'SELECT "\u001b[2J"')
    for (const options of [{}, { verbose: true }, { format: 'github' }] as const) {
      const { out } = await show(planned, options)
      expect(out).toContain("CREATE USER a IDENTIFIED BY '***'")
      expect(out).not.toContain('hunter2')
      expect(out).toContain('\\u{1b}[2J')
    }
    expect((await show(planned, { format: 'json' })).out).not.toContain('hunter2')
  })

  test('is shown with its statements before a question about it, once, without what stands above', async () => {
    const { reporter, err } = await openReporter()
    reporter.event({ type: 'run-started', command: 'rollback', targets: [target('user_db')] })
    reporter.event({ type: 'plan-ready', plan: { ...plan, direction: 'down' } })
    const before = err()
    expect(before).not.toContain('DROP COLUMN nick')
    reporter.pause()
    const shown = err().slice(before.length)
    expect(shown).toContain('ALTER TABLE users\n')
    expect(shown).toContain('  DROP COLUMN nick,\n')
    expect(shown).not.toContain('Instead:')
    reporter.resume()
    reporter.pause()
    reporter.close()
    expect(err()).toBe(before + shown)
  })

  test('a plan of a rollback, of the journal alone, and of a file too large to hold', async () => {
    const base = step()
    const sample = base.migration.up.type === 'statements' ? base.migration.up.statements : []
    const open = async function* () {
      yield* sample
    }
    const large = { ...base.migration, up: { type: 'stream', total: 5000, sample, open } as const }
    const { out: down } = await show(planOf({ type: 'revert', total: 1, algorithms: new Map() }))
    expect(down).toMatchInlineSnapshot(`
      "user_db at 127.0.0.1:3306
        revert 20260101000100_create_users
          migrations/user_db/20260101000100_create_users.sql
              1  DROP TABLE users

      1 migration to revert: 1 statement in 1 database.
      "
    `)
    const { out: record } = await show(planOf({ type: 'record', total: 0 }))
    expect(record).toContain('    only writes the journal\n\n1 migration to record: 0 statements in 1 database.')
    const { out: stream } = await show(planOf({ migration: large, total: 5000 }))
    expect(stream).toContain('      and 4,998 statements more\n')
  })

  test('shows a hazard once, also where two statements share its line', async () => {
    const base = step()
    const listed = base.migration.up.type === 'statements' ? base.migration.up.statements : []
    const statements = listed.map((one) => ({ ...one, line: dropColumn.line }))
    const migration = { ...base.migration, up: { type: 'statements', statements } as const }
    const { out } = await show(planOf({ migration, hazards: [dropColumn, { ...dropColumn, line: 99 }] }))
    expect(out.match(/line 13/gu)).toHaveLength(1)
    expect(out.match(/line 99/gu)).toHaveLength(1)
  })

  test('an empty plan', async () => {
    expect((await show({ kind: 'plan', plan: { direction: 'up', targets: [] }, file: null })).out).toBe(
      '\nNothing to do.\n',
    )
  })
})
