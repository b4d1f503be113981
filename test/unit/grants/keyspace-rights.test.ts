import { expect, it } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { grantsCheckView } from '../../../src/grants/commands/grants-view.ts'
import { type CheckedKeyspace, checkKeyspace, isProven } from '../../../src/grants/keyspace-rights.ts'
import type { RightAnswer } from '../../../src/grants/ports.ts'
import type { TableAcl } from '../../../src/grants/table-acl.ts'

const group = (names: readonly string[], lists: readonly string[]) => ({
  name: names.join(),
  table_names_or_prefixes: names,
  readers: lists.includes('r') ? ['wwdb'] : [],
  writers: lists.includes('w') ? ['wwdb'] : [],
  admins: lists.includes('a') ? ['wwdb'] : [],
})
const acl: TableAcl = {
  keyspace: 'message_db',
  config: {
    table_groups: [group(['letters', 'later'], ['r', 'w']), group(['wwdb_%'], ['a']), group(['COLUMNS'], ['r'])],
  },
  notes: ['a note.'],
}

const check = async (answers: Readonly<Record<string, RightAnswer>>) => {
  const asked: string[] = []
  const found = await checkKeyspace(acl, {
    listTables: async () => ['letters', 'wwdb_lease', 'wwdb_runs_a', 'others'],
    ask: async (keyspace, table, role) => {
      asked.push(`${keyspace}.${table} ${role}`)
      return answers[`${table} ${role}`] ?? { type: 'allowed' }
    },
    close: async () => {},
  })
  return { asked, found }
}

it('each table that is there is tried for each list that its entry fills, and what is not there is named', async () => {
  const { asked, found } = await check({})
  expect(asked).toEqual([
    'message_db.letters readers',
    'message_db.letters writers',
    'message_db.wwdb_lease admins',
    'message_db.wwdb_runs_a admins',
    'message_db.COLUMNS readers',
  ])
  expect(found).toEqual({
    ...{ keyspace: 'message_db', asked: 5, missing: [], unanswered: [], untried: ['a note.'] },
    absent: ['`later` is not there'],
  })
})

it('what a tablet refuses is missing, and what it does not answer is not counted as tried', async () => {
  const { found } = await check({
    'letters writers': { type: 'denied', why: 'the user may not' },
    'COLUMNS readers': { type: 'unknown', why: 'no tablet' },
  })
  expect(found).toEqual({
    keyspace: 'message_db',
    asked: 4,
    missing: ['the user may not'],
    absent: ['`later` is not there'],
    untried: ['a note.'],
    unanswered: ['`COLUMNS` for `readers`: no tablet'],
  })
})

const seen: CheckedKeyspace = {
  keyspace: 'message_db',
  asked: 3,
  missing: [],
  absent: ['`later` is not there'],
  unanswered: [],
  untried: ['A note.'],
}

it.each<readonly [string, Partial<CheckedKeyspace>, string, boolean]>([
  ['all is allowed', {}, '✓ message_db 0 rights missing of 3 that were tried.', true],
  ['one is missing', { missing: ['no'] }, '✗ message_db 1 right missing of 3 that were tried.', false],
  [
    'one was not answered',
    { unanswered: ['`letters` for `admins`: why'] },
    '! message_db 0 rights missing of 3 that were tried, and 1 not answered.',
    false,
  ],
  ['nothing was seen', { asked: 0 }, '! message_db no right was seen.', false],
])('a check mark stands where all of it was seen and allowed: %s', (_what, changes, line, proven) => {
  const checked = { ...seen, ...changes }
  const answer = { kind: 'grants-check', accounts: [], keyspaces: [checked] } as const
  expect([isProven(checked), grantsCheckView.succeeded?.(answer)]).toEqual([proven, proven])
  const lines = [...grantsCheckView.render(answer, { columns: 200, verbose: false })].map((one) =>
    one.map((span) => (typeof span === 'string' ? span : span.text)).join(''),
  )
  expect(lines[0]).toBe(line)
  expect(lines.join(' ')).toContain('Not tried: `later` is not there.   Not tried: A note.')
  for (const why of checked.unanswered) expect(lines.join(' ')).toContain(`Not answered: ${why}.`)
})

it('a keyspace whose tables are not told is one that did not answer, and a lost connection ends all', async () => {
  const refuse = (code: 'SERVER_REFUSED' | 'CONNECTION_LOST') =>
    checkKeyspace(acl, {
      listTables: () => Promise.reject(new ToolError(code, { what: 'No.', why: 'It is away.' })),
      ask: async () => ({ type: 'allowed' }),
      close: async () => {},
    })
  const found = await refuse('SERVER_REFUSED')
  expect([isProven(found), found.unanswered]).toEqual([false, [expect.stringContaining('It is away')]])
  await expect(refuse('CONNECTION_LOST')).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
})
