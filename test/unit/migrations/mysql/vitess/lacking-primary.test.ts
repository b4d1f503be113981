import { expect, it } from 'vitest'
import { explainVtgate, migrationEnded, translatingVtgate } from '../../../../../src/migrations/mysql/vitess/errors.ts'

const target = { database: 'letters', schema: 'message_db', server: 'vtgate:15306' }
const vtgateError = (message: string, more = {}) =>
  Object.assign(new Error(message), { code: 'ER_UNKNOWN_ERROR', errno: 1105, ...more })
const tablet = 'target: message_db.-80.primary: vttablet: rpc error: code ='

it.each([
  [
    `${tablet} ClusterEvent desc = operation not allowed in state SHUTTING_DOWN`,
    'operation not allowed in state SHUTTING_DOWN',
  ],
  [
    `target: message_db.-80.primary: no healthy tablet available for 'keyspace:"message_db" shard:"-80" tablet_type:PRIMARY'`,
    'no healthy tablet available for \'keyspace:"message_db" shard:"-80" tablet_type:PRIMARY\'',
  ],
  [`${tablet} ClusterEvent desc = wrong tablet type: PRIMARY, want: REPLICA or []`, 'wrong tablet type'],
  [
    `${tablet} Aborted desc = transaction 1796139: ended at 2026-12-01 15:31:29 (unlocked closed connection) (CallerID: u)`,
    'transaction 1796139: ended',
  ],
  [
    `${tablet} Unavailable desc = Lost connection to MySQL server during query (errno 2013) (sqlstate HY000)`,
    'Lost connection to MySQL server during query',
  ],
])('%j is said to be of a shard without a primary, and no refusal of the statement', async (message, why) => {
  const error = vtgateError(message)
  expect(explainVtgate(error)).toEqual({
    ...{ type: 'lost', lacksPrimary: true },
    why: expect.stringContaining(`shard message_db/-80 had no primary that could carry it out: ${why}`),
  })
  await expect(translatingVtgate(target, () => Promise.reject(error))).rejects.toMatchObject({
    code: 'CONNECTION_LOST',
    faults: [
      {
        why: expect.stringContaining(`Shard message_db/-80: ${why}`),
        next: expect.stringContaining('SHOW VITESS_TABLETS'),
      },
    ],
  })
})

it('what a server refuses stays refused, what Vitess says of a migration too, and a lost connection stays one', () => {
  const refused = `${tablet} AlreadyExists desc = Table 'a' already exists (errno 1050) (sqlstate 42S01)`
  expect(explainVtgate(vtgateError(refused))).toMatchObject({ type: 'refused' })
  const why = 'shard -80 says `failed`: operation not allowed in state SHUTTING_DOWN'
  const ended = migrationEnded({ type: 'ended', isCanceled: false, isPartial: false, why })
  expect(explainVtgate(ended)).toMatchObject({ type: 'refused', why })
  const lost = vtgateError('Connection lost: no healthy tablet available', { fatal: true })
  expect(explainVtgate(lost)).toEqual({ type: 'lost', why: lost.message })
})

it.each([
  [
    'ended at 2026-12-01 15:31:29.000 UTC (exceeded timeout: 30s)',
    'Vitess has ended the transaction on shard message_db/-80, which was open for longer than 30s (`--queryserver-config-transaction-timeout` of its tablets)',
  ],
  [
    'not found (potential transaction timeout)',
    'shard message_db/-80 does not have the transaction any more: it was open for longer than `--queryserver-config-transaction-timeout` of its tablets, or the tablet was restarted',
  ],
])('a transaction that was %j had a primary, and is too long', async (text, why) => {
  const message = `${tablet} Aborted desc = transaction 1796139: ${text} (CallerID: u): Sql: "insert", BindVars: {}`
  const error = vtgateError(message, { errno: 1317 })
  expect(explainVtgate(error)).toEqual({ type: 'refused', number: 1317, line: null, becameReadOnly: false, why })
  await expect(translatingVtgate(target, () => Promise.reject(error))).rejects.toMatchObject({
    code: 'SERVER_REFUSED',
    faults: [{ why: `${why.replace(/^s/, 'S')}.`, next: expect.stringContaining('transaction-timeout') }],
  })
})

const values = 'no healthy tablet available, super-read-only, code = Unavailable (errno 2013)'
it.each([
  ['AlreadyExists', `Duplicate entry '${values}' for key 'k' (errno 1062) (sqlstate 23000)`, 1062],
  ['Unknown', `Column 'b' cannot be null (errno 1048) (sqlstate 23000)`, 1048],
  ['InvalidArgument', `bad COMMENT '${values}'`, 1105],
  ['Aborted', 'slow', 1317],
])('what a statement has in it, and a server has refused (%s), is no sign of a lost shard', (code, desc, errno) => {
  const message = `${tablet} ${code} desc = ${desc} (CallerID: u): Sql: "insert into a values (:v1)", BindVars: {v1: "${values}"}`
  const failure = explainVtgate(vtgateError(message, { errno }))
  expect(failure).not.toHaveProperty('lacksPrimary')
  expect(failure).toMatchObject({ type: errno === 1317 ? 'canceled' : 'refused' })
})

it('a value in which the words of vtgate end does not hide the number of the server', () => {
  const desc = `Duplicate entry '${values}: Sql: ' for key 'k' (errno 1062) (sqlstate 23000)`
  const message = `${tablet} AlreadyExists desc = ${desc} (CallerID: u): Sql: "insert", BindVars: {}`
  expect(explainVtgate(vtgateError(message, { errno: 1062 }))).toMatchObject({ type: 'refused' })
})

it('a server that has become a replica is a shard without a primary', () => {
  const desc =
    'The MySQL server is running with the --super-read-only option so it cannot execute this statement (errno 1290) (sqlstate HY000)'
  const error = vtgateError(`${tablet} ClusterEvent desc = ${desc} (CallerID: u): Sql: "insert"`, { errno: 1290 })
  expect(explainVtgate(error)).toMatchObject({ type: 'lost', lacksPrimary: true })
})

it('what a table ACL refuses is marked, as its number is that of a login', () => {
  const message = `${tablet} PermissionDenied desc = DDL command denied to user 'ann' for table 't' (ACL check error) (CallerID: ann)`
  expect(explainVtgate(vtgateError(message, { errno: 1045 }))).toMatchObject({ type: 'refused', byTableAcl: true })
})

const refusing = `target: message_db.-80.primary: vttablet: rpc error: code = AlreadyExists desc = Duplicate entry '1' for key 'k' (errno 1062) (sqlstate 23000) (CallerID: u): Sql: "insert", BindVars: {}`
const lacking = `target: message_db.80-.primary: vttablet: rpc error: code = Unavailable desc = Lost connection to MySQL server during query (errno 2013) (sqlstate HY000) (CallerID: u): Sql: "insert", BindVars: {}`

it.each([
  [refusing, lacking],
  [lacking, refusing],
])(
  'a shard that refused says nothing of another one that had no primary, whichever vtgate names first',
  async (...parts) => {
    const error = vtgateError(parts.join('\n'), { errno: 1062, code: 'ER_DUP_ENTRY' })
    expect(explainVtgate(error)).toEqual({
      ...{ type: 'lost', lacksPrimary: true },
      why: 'shard message_db/80- had no primary that could carry it out: Lost connection to MySQL server during query',
    })
    await expect(translatingVtgate(target, () => Promise.reject(error))).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      faults: [{ why: 'Shard message_db/80-: Lost connection to MySQL server during query.' }],
    })
  },
)

it('what each shard has refused stays refused', () => {
  const error = vtgateError([refusing, refusing.replace('-80', '80-')].join('\n'), { errno: 1062 })
  expect(explainVtgate(error)).toMatchObject({ type: 'refused' })
})

it('a value that imitates the answer of another shard does not hide a refusal', () => {
  const value = 'a\ntarget: k.0.primary: primary is not serving: Sql: '
  const desc = `Duplicate entry '${value}' for key 'k' (errno 1062) (sqlstate 23000) (CallerID: u): Sql: "insert", BindVars: {}`
  expect(explainVtgate(vtgateError(`${tablet} AlreadyExists desc = ${desc}`, { errno: 1062 }))).toMatchObject({
    type: 'refused',
  })
})
