import { expect, it, vi } from 'vitest'
import { ToolError } from '../../../../../src/core/tool-error.ts'
import { digestDefinitions } from '../../../../../src/migrations/execute/recover.ts'
import { openRow } from '../../../../../src/migrations/journal/rows.ts'
import { Definitions } from '../../../../../src/migrations/mysql/vitess/definitions.ts'
import { explainVtgate } from '../../../../../src/migrations/mysql/vitess/errors.ts'
import type { Answer, Connection } from '../../../../../src/mysql/connection.ts'
import { MonitorConnection } from '../../../../../src/mysql/monitor-connection.ts'

const nothing: Answer = { rows: [], affected: 0, insertId: null, warningCount: 0 }
const names = ['keyspace', 'shard', 'migration_uuid', 'migration_context', 'mysql_table', 'migration_status']
const columns = [...names, 'reverted_uuid']
type Said = readonly [shard: string, uuid: string, status: string]

const vtgateError = (message: string) => Object.assign(new Error(message), { code: 'ER_UNKNOWN_ERROR', errno: 1105 })
const table = 't'
const shards = ['-80', '80-']
const objects = [{ type: 'table', schema: null, name: table } as const]

interface Vitess {
  readonly strategy?: 'vitess' | 'direct'
  /** What the shards say each time that they are asked; the last answer stays. */
  readonly says: readonly (readonly Said[] | Error)[]
  /** The answer to the statement. */
  readonly submit?: Error
  /** How often that is the answer. */
  readonly refusals?: number
  /** The definition of the table on each shard afterwards. */
  readonly has?: readonly string[]
  readonly sure?: () => void
  /** Shards that have tablets and serve nothing. */
  readonly idle?: readonly string[]
  readonly renew?: () => Promise<void>
  /** Is called, and may throw, each time that vtgate is asked for the shards. */
  readonly looks?: () => void
  /** How often vtgate does not know the table yet. */
  readonly unknown?: number
  /** From which question about its migrations on a Reshard has made tablets of another shard. */
  readonly reshardsFrom?: number
}

/** Definitions over connections that answer as Vitess does, and what was sent on each of them. */
function openDefinitions({
  strategy = 'vitess',
  says,
  submit,
  refusals = Number.POSITIVE_INFINITY,
  has = ['a', 'a'],
  sure = () => undefined,
  idle = [],
  renew = () => Promise.resolve(),
  looks = () => undefined,
  unknown = 0,
  reshardsFrom = Number.POSITIVE_INFINITY,
}: Vitess) {
  const sent: string[] = []
  let asked = 0
  let selects = 0
  let submissions = 0
  const answer = async (name: string, text: string): Promise<Answer> => {
    if (!text.startsWith('SHOW')) sent.push(`${name}: ${text}`)
    if (text.startsWith('SHOW CREATE TABLE')) {
      const at = sent.findLast((one) => one.includes('USE `ks:')) ?? ''
      return { ...nothing, rows: [[table, has[shards.findIndex((shard) => at.includes(shard))] ?? '']] }
    }
    if (text.startsWith('SELECT')) {
      selects += 1
      if (selects <= unknown) throw vtgateError('table t not found')
    }
    if (text === 'SHOW VITESS_SHARDS') looks()
    if (text === 'SHOW VITESS_SHARDS') return { ...nothing, rows: shards.map((shard) => [`ks/${shard}`]) }
    if (text.startsWith('SHOW VITESS_TABLETS')) {
      const present = [...shards, ...idle, ...(asked >= reshardsFrom ? ['-'] : [])]
      return { ...nothing, columns: ['Keyspace', 'Shard'], rows: present.map((shard) => ['ks', shard]) }
    }
    if (!text.startsWith('SHOW VITESS_MIGRATIONS')) return nothing
    const context = /LIKE '([^']+)'/.exec(text)?.[1] ?? ''
    const reverted = /reverted_uuid='([^']+)'/.exec(text)?.[1] ?? ''
    const said = says[Math.min(asked, says.length - 1)] ?? []
    asked += 1
    if (said instanceof Error) throw said
    return {
      ...nothing,
      columns,
      rows: said.map(([shard, uuid, status]) => ['ks', shard, uuid, context, table, status, reverted]),
    }
  }
  const connect = (name: string): Connection =>
    ({
      ask: (text: string) => answer(name, text),
      run: async () => {
        submissions += 1
        sent.push(`${name}: run`)
        if (submit !== undefined && submissions <= refusals) throw submit
        return [{ ...nothing, rows: [['u']] }]
      },
    }) as unknown as Connection
  const beside = (name: string) => new MonitorConnection(async () => connect(name))
  const definitions = new Definitions({
    ...{ connection: connect('work'), follower: beside('follower'), canceler: beside('canceler') },
    ...{ looker: beside('looker'), keyspace: { name: 'ks', shards, strategy }, sure },
    renew: async () => {
      sent.push('renew')
      await renew()
    },
  })
  return { definitions, sent, looks: () => asked, submissions: () => submissions }
}

const row = openRow({
  ...{ pass: 1, version: '1', name: 'n', kind: 'versioned', direction: 'up', checksum: 'c'.repeat(64) },
  ...{ class: 'definition', summary: 'ALTER TABLE t', objects, fingerprint: digestDefinitions(objects, ['a']) },
})
const run = (definitions: Definitions) => definitions.run('ALTER TABLE t ADD n INT', row, 'journal')
const failureOf = (definitions: Definitions) =>
  run(definitions).then(
    () => null,
    (error: unknown) => explainVtgate(error),
  )
const everywhere = (status: string, uuid = 'u'): readonly Said[] => shards.map((shard) => [shard, uuid, status])

it('a table that was created is waited for until vtgate knows it', async () => {
  const { definitions, sent } = openDefinitions({ says: [[], everywhere('complete')], unknown: 2 })
  await definitions.run('CREATE TABLE t (id INT)', { ...row, summary: 'CREATE TABLE t' }, 'journal')
  expect(sent.filter((one) => one === 'follower: SELECT 1 FROM `ks`.`t` LIMIT 0')).toHaveLength(3)
})

it('what no shard has taken between two primaries is given again, and what one has is not', async () => {
  const away = vtgateError('target: ks.-80.primary: no healthy tablet available for \'keyspace:"ks"\'')
  const again = openDefinitions({ says: [[], [], [], everywhere('complete')], submit: away, refusals: 1 })
  expect(await failureOf(again.definitions)).toBeNull()
  expect(again.submissions()).toBe(2)
  const taken = openDefinitions({ says: [[], [['80-', 'u', 'complete']]], submit: away })
  expect(await failureOf(taken.definitions)).toMatchObject({ type: 'lost', mayHaveRun: true })
  expect(taken.submissions()).toBe(1)
})

it('what failed, and is not on any shard, is refused', async () => {
  const { definitions } = openDefinitions({ says: [[], everywhere('failed')] })
  expect(await failureOf(definitions)).toMatchObject({ type: 'refused', why: expect.stringContaining('`failed`') })
})

it('what failed by the word of Vitess, and is on every shard, has run', async () => {
  const { definitions } = openDefinitions({ strategy: 'direct', says: [[], everywhere('failed')], has: ['b', 'b'] })
  expect(await failureOf(definitions)).toBeNull()
})

it('what failed by the word of Vitess, and is on one shard, leaves its row open and says both', async () => {
  const { definitions } = openDefinitions({ strategy: 'direct', says: [[], everywhere('failed')], has: ['a', 'b'] })
  expect(await failureOf(definitions)).toMatchObject({
    ...{ type: 'lost', mayHaveRun: true },
    why: 'shard -80 says `failed`; shard 80- says `failed`; `t` is not the same on the shards -80 and 80-: it may have run on some of them',
  })
})

it('a change that one shard refuses has failed, and was not killed, although the run cancels the other shards', async () => {
  const [first, second] = shards
  const says: readonly Said[] = [
    [String(first), 'u', 'cancelled'],
    [String(second), 'u', 'failed'],
  ]
  expect(await failureOf(openDefinitions({ says: [[], says] }).definitions)).toMatchObject({ type: 'refused' })
  expect(await failureOf(openDefinitions({ says: [[], everywhere('cancelled')] }).definitions)).toMatchObject({
    type: 'canceled',
  })
})

it('plain DDL is not canceled, as Vitess would answer once it has ended: it is left, and the row stays open', async () => {
  const { definitions, sent } = openDefinitions({ strategy: 'direct', says: [[], everywhere('running')] })
  const failure = failureOf(definitions)
  await expect.poll(() => definitions.progress.type).toBe('known')
  expect(await definitions.cancel()).toBe(true)
  expect(await failure).toMatchObject({
    type: 'lost',
    mayHaveRun: true,
    why: expect.stringMatching(/plain DDL, which it does not cancel: it goes on/),
  })
  expect(sent.filter((text) => text.includes('CANCEL'))).toEqual([])
})

it('an online change is canceled on a connection that neither follows it nor has the lease', async () => {
  const { definitions, sent } = openDefinitions({
    says: [[], ...Array.from({ length: 3 }, () => everywhere('running')), everywhere('cancelled')],
  })
  const failure = failureOf(definitions)
  await expect.poll(() => definitions.progress.type).toBe('known')
  expect(await definitions.cancel()).toBe(true)
  expect(await failure).toMatchObject({ type: 'canceled' })
  expect(sent).toContain("canceler: ALTER VITESS_MIGRATION 'u' CANCEL")
})

it('a shard that is away for a while is asked again, and is named', async () => {
  const away = vtgateError('target: ks.80-.primary: no healthy tablet available for keyspace:"ks"')
  const { definitions } = openDefinitions({ says: [[], everywhere('running'), away, away, everywhere('complete')] })
  const failure = failureOf(definitions)
  await expect
    .poll(() => definitions.progress)
    .toMatchObject({
      stage: expect.stringMatching(/shard \S+\/80- does not answer, and is asked again: .*no healthy tablet/),
    })
  expect(await failure).toBeNull()
})

it('a lease that was lost ends the following with LOCK_LOST', async () => {
  let isLost = false
  const lost = new ToolError('LOCK_LOST', { what: 'The lease was lost.' })
  const { definitions } = openDefinitions({
    says: [[], everywhere('running')],
    sure: () => {
      if (isLost) throw lost
    },
  })
  const running = run(definitions).catch((error: unknown) => error)
  await expect.poll(() => definitions.progress.type).toBe('known')
  isLost = true
  expect(await running).toBe(lost)
})

it('a refusal is not judged by what an earlier attempt has left', async () => {
  const submit = vtgateError(
    'target: ks.-80.primary: vttablet: rpc error: code = InvalidArgument desc = bad (CallerID: x)',
  )
  const earlier = everywhere('complete', 'earlier')
  const { definitions } = openDefinitions({ says: [earlier], submit })
  expect(await failureOf(definitions)).toMatchObject({ type: 'refused', why: 'bad' })
})

it('a refusal names what a shard has of it all the same', async () => {
  const submit = vtgateError(
    'target: ks.-80.primary: vttablet: rpc error: code = InvalidArgument desc = bad (CallerID: x)',
  )
  const { definitions } = openDefinitions({ says: [[], [['80-', 'u', 'complete']]], submit })
  expect(await failureOf(definitions)).toMatchObject({
    ...{ type: 'lost', mayHaveRun: true },
    why: 'bad; shard -80 has not been given it; shard 80- has completed it',
  })
})

it('where other shards have taken it, the refusal of a table ACL names the list all the same', async () => {
  const denied =
    "target: ks.-80.primary: vttablet: rpc error: code = PermissionDenied desc = DDL command denied to user 'ann' for table 't' (ACL check error) (CallerID: ann)"
  const submit = Object.assign(vtgateError(denied), { sql: 'ALTER TABLE t ADD COLUMN a INT' })
  const { definitions } = openDefinitions({ says: [[], [['80-', 'u', 'complete']]], submit })
  expect(await failureOf(definitions)).toMatchObject({
    ...{ type: 'lost', mayHaveRun: true },
    why: expect.stringMatching(/add `ann` to `admins` of the entry that has `t` .*; shard 80- has completed it$/),
  })
})

it.each(['Unavailable', 'DeadlineExceeded', 'Canceled'])(
  'what no shard has yet after %s may still come, and leaves its row open',
  async (code) => {
    const submit = vtgateError(`target: ks.-80.primary: vttablet: rpc error: code = ${code} desc = slow (CallerID: x)`)
    const { definitions } = openDefinitions({ says: [[]], submit })
    expect(await failureOf(definitions)).toMatchObject({
      ...{ type: 'lost', mayHaveRun: true },
      why: 'slow; no shard has it, and one may still get it',
    })
  },
)

it('a row is not settled by a person while Vitess has something of it to end', async () => {
  const open = { ...row, state: 'open', connectionId: 1, memory: null, error: null, runner: 'r', openedAt: '' } as const
  const waits = openDefinitions({ says: [[['80-', 'u', 'running']]] }).definitions
  expect(await waits.findPending(open, 'journal')).toMatchObject({
    why: expect.stringContaining('Vitess has not ended its migration u, which is `running` on shard 80-.'),
    next: expect.stringContaining('`wwdb migrate`'),
  })
  expect(await waits.findPending(open, null)).toBeNull()
  const ended = openDefinitions({ says: [everywhere('complete')] }).definitions
  expect(await ended.findPending(open, 'journal')).toBeNull()
})

it('a row is not settled by a person while a Reshard is in progress, which has copied the table as it was', async () => {
  const open = { ...row, state: 'open', connectionId: 1, memory: null, error: null, runner: 'r', openedAt: '' } as const
  const { definitions } = openDefinitions({ says: [everywhere('complete')], idle: ['-'] })
  const advice = { next: expect.stringContaining('Complete the Reshard') }
  expect(await definitions.findPending(open, 'journal')).toMatchObject({
    why: expect.stringMatching(/^A Reshard of the keyspace .* is seen only afterwards\.$/),
    ...advice,
  })
  const settled = await definitions.settle(open, 'journal', () => undefined)
  expect(settled).toMatchObject({ type: 'unknown', ...advice })
})

it('the lease is renewed right before each submission, also of what is given again', async () => {
  const away = vtgateError('target: ks.-80.primary: no healthy tablet available for \'keyspace:"ks"\'')
  const { definitions, sent } = openDefinitions({
    ...{ says: [[], [], [], everywhere('complete')], submit: away, refusals: 1 },
  })
  expect(await failureOf(definitions)).toBeNull()
  const around = sent.flatMap((text, at) => (text === 'work: run' ? [sent[at - 1]] : []))
  expect(around).toEqual(['renew', 'renew'])
})

it('what was lost meanwhile is not given again', async () => {
  const away = vtgateError('target: ks.-80.primary: no healthy tablet available for \'keyspace:"ks"\'')
  const lost = new ToolError('LOCK_LOST', { what: 'The lease was lost.' })
  let renewals = 0
  const { definitions, submissions } = openDefinitions({
    ...{ says: [[]], submit: away },
    renew: async () => {
      renewals += 1
      if (renewals > 1) throw lost
    },
  })
  expect(await run(definitions).catch((error: unknown) => error)).toBe(lost)
  expect(submissions()).toBe(1)
})

it('what waits for a shard before it is sent says so, is canceled, and is not sent', async () => {
  const away = vtgateError('target: ks.80-.primary: no healthy tablet available for keyspace:"ks"')
  for (const text of ['ALTER TABLE t ADD n INT', "REVERT VITESS_MIGRATION 'u'"]) {
    const { definitions, sent, submissions } = openDefinitions({
      says: [[]],
      looks: () => {
        throw away
      },
    })
    const failure = definitions.run(text, row, 'journal').catch(explainVtgate)
    await expect
      .poll(() => definitions.progress)
      .toMatchObject({
        stage: expect.stringMatching(/^not sent yet: shard \S+\/80- does not answer, and is asked again/),
      })
    expect(await definitions.cancel()).toBe(true)
    expect(await failure).toMatchObject({ type: 'canceled' })
    expect([submissions(), sent.filter((one) => one.includes('REVERT'))]).toEqual([0, []])
    expect([definitions.progress, await definitions.cancel()]).toEqual([{ type: 'unknown' }, false])
  }
})

/** Lets time pass on the clock that waits are measured with. */
function skipTime() {
  const now = performance.now.bind(performance)
  let skipped = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + skipped)
  const pass = (minutes: number): void => {
    skipped += minutes * 60_000
  }
  return { pass, restore: () => clock.mockRestore() }
}

it('what fails before it is sent says that it was not sent, and a connection that is lost later does not', async () => {
  const lost = Object.assign(new Error('gone'), { code: 'ECONNRESET', errno: -104, fatal: true })
  const time = skipTime()
  const before = openDefinitions({
    says: [[]],
    looks: () => {
      time.pass(6)
      throw lost
    },
  })
  expect(await failureOf(before.definitions)).toEqual({ type: 'lost', why: 'gone', unsent: true })
  time.restore()
  expect(before.submissions()).toBe(0)
  const { definitions, submissions } = openDefinitions({ says: [[]], submit: lost })
  expect(await failureOf(definitions)).toMatchObject({ type: 'lost', mayHaveRun: true })
  expect(submissions()).toBe(1)
})

it('all waits before a definition is sent end together', async () => {
  const away = vtgateError('target: ks.80-.primary: no healthy tablet available for keyspace:"ks"')
  const time = skipTime()
  let times = 0
  const { definitions, looks } = openDefinitions({
    says: [away],
    looks: () => {
      times += 1
      time.pass(times === 1 ? 4 : 2)
      if (times === 1) throw away
    },
  })
  expect(await failureOf(definitions)).toMatchObject({ type: 'lost', unsent: true })
  time.restore()
  expect([times, looks()]).toEqual([2, 1])
})

it('a Reshard that is found leaves a REVERT open that a shard has begun, and refuses one that none has', async () => {
  const text = "REVERT VITESS_MIGRATION 'r'"
  const begun = openDefinitions({ says: [[['-80', 'u', 'complete']]], idle: ['90-'] })
  expect(await begun.definitions.run(text, row, 'journal').catch(explainVtgate)).toMatchObject({
    ...{ type: 'lost', mayHaveRun: true, why: expect.stringContaining('Reshard') },
  })
  const unknown = openDefinitions({ says: [[['-80', 'u', 'failed']]], idle: ['90-'] })
  expect(await unknown.definitions.run(text, row, 'journal').catch(explainVtgate)).toMatchObject({
    ...{ type: 'refused', why: expect.stringContaining('Reshard') },
  })
})

it('what Vitess completes after a Reshard has begun leaves its row open: the new shards may have the table as it was', async () => {
  const why = expect.stringMatching(
    /^Vitess calls it complete, and a Reshard of the keyspace is in progress.*shard -.*once the Reshard has ended$/,
  )
  const { definitions, submissions } = openDefinitions({ says: [[], everywhere('complete')], reshardsFrom: 2 })
  expect(await failureOf(definitions)).toMatchObject({ type: 'lost', mayHaveRun: true, why })
  expect(submissions()).toBe(1)
  const open = { ...row, state: 'open', connectionId: 1, memory: null, error: null, runner: 'r', openedAt: '' } as const
  const later = openDefinitions({ says: [everywhere('complete')], reshardsFrom: 1 }).definitions
  expect(await later.settle(open, 'journal', () => undefined)).toMatchObject({ type: 'unknown', why })
})
