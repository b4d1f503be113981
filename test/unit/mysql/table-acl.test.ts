import { describe, expect, it } from 'vitest'
import { translateRunError } from '../../../src/mysql/refusals.ts'
import { explainDenied, readDenied } from '../../../src/mysql/table-acl.ts'

const errorOf = (message: string, sql?: string) =>
  Object.assign(new Error(message), { errno: 1045, code: 'ER_ACCESS_DENIED_ERROR', ...(sql !== undefined && { sql }) })
const denied = (message: string, sql?: string) => readDenied(errorOf(message, sql))
/** As a tablet says it, without the statement. */
const said = (plan: string, table: string, place = 'user_db.0'): string =>
  `target: ${place}.primary: vttablet: rpc error: code = PermissionDenied desc = ${plan} command denied to user 'wwdb', in groups [a, b], for table '${table}' (ACL check error) (CallerID: wwdb)`
const explain = (message: string, sql?: string): string => {
  const found = denied(message, sql)
  return found === null ? '' : explainDenied(found)
}

it.each([
  ['Insert', "insert into wwdb_lease values ('secret')", 'write to', 'writers'],
  ['UpdateLimit', "UPDATE `wwdb_lease` SET a='secret'", 'write to', 'writers'],
  ['Delete', 'DELETE FROM wwdb_lease WHERE 1=0', 'write to', 'writers'],
  ['Nextval', 'SELECT NEXT VALUE FROM wwdb_lease', 'write to', 'writers'],
  ['SelectImpossible', "SELECT 'secret' FROM wwdb_lease", 'read', 'readers'],
  ['DDL', 'ALTER TABLE user_db.WWDB_LEASE ADD COLUMN a INT', 'create, alter or drop', 'admins'],
])(
  'a %s that a table ACL refuses is told by what the user may not do, and where that is written',
  (plan, sql, does, list) => {
    const text = explain(said(plan, 'wwdb_lease'), sql)
    expect(text).toContain(
      `the user \`wwdb\` of vtgate may not ${does} \`wwdb_lease\`, by the table ACL of the tablet of shard user_db/0: add \`wwdb\` to \`${list}\` of the entry that has \`wwdb_lease\` (`,
    )
    expect(text).not.toContain('secret')
  },
)

describe('the list is that of what the statement does with the table', () => {
  it.each([
    ['Insert', 'b', 'INSERT INTO a SELECT * FROM b', 'readers'],
    ['Insert', 'a', 'INSERT INTO a SELECT * FROM b', 'writers'],
    ['DDL', 't', 'CREATE VIEW v AS SELECT id FROM t', 'readers'],
    ['DDL', 'v', 'CREATE OR REPLACE VIEW v AS SELECT id FROM t', 'admins'],
    ['DDL', 't', 'CREATE TABLE copy AS SELECT id FROM t', 'readers'],
    ['DDL', 'later', 'ALTER TABLE t RENAME TO later', 'admins'],
    ['Select', 't', 'ANALYZE TABLE t', 'writers'],
    ['Update', 'b', 'UPDATE a SET id=1 WHERE id IN (SELECT id FROM b)', 'readers'],
  ])('%s of `%s` by %s', (plan, table, sql, list) => {
    expect(explain(said(plan, table), sql)).toContain(
      `add \`wwdb\` to \`${list}\` of the entry that has \`${table}\` (`,
    )
  })

  it.each([
    ['Insert', 'a', 'INSERT INTO a SELECT id+1 FROM a', '`writers` or `readers`'],
    ['Update', 'a', 'UPDATE a SET id=1 WHERE id IN (SELECT id FROM a)', '`writers` or `readers`'],
    ['Update', 'b', 'UPDATE a JOIN b ON a.id=b.id SET a.id=1', '`writers` or `readers`'],
    ['Insert', 'b', undefined, '`writers` or `readers`'],
    ['Select', 't', undefined, '`readers` or `writers`'],
    ['DDL', 't', undefined, '`admins` or `readers`'],
  ])('%s of `%s` by %s does not tell: both are named', (plan, table, sql, lists) => {
    expect(explain(said(plan, table), sql)).toContain(
      `add \`wwdb\` to ${lists} of the entry that has \`${table}\`, by what the statement does with it`,
    )
  })
})

it('a statement whose tables Vitess cannot tell is refused as well, and no list allows it', () => {
  const message =
    "target: user_db.0.primary: vttablet: rpc error: code = PermissionDenied desc = OtherAdmin command denied to user 'wwdb' for a table set that cannot be determined (ACL check error) (CallerID: wwdb)"
  const text = explain(message, 'OPTIMIZE TABLE letters')
  expect(text).toContain('the user `wwdb` of vtgate may not run this statement')
  expect(text).toContain('no list can allow it')
  expect(text).toContain('--queryserver-config-acl-exempt-acl')
})

it('the refusal of one shard is one, whatever another shard has said before it', () => {
  const other =
    "target: user_db.-80.primary: vttablet: rpc error: code = Unknown desc = Can't DROP 'x' (errno 1091) (sqlstate 42000) (CallerID: wwdb): Sql: \"alter table a drop column x\", BindVars: {}"
  expect(explain(`${other}\n${said('DDL', 'a', 'user_db.80-')}`, 'ALTER TABLE a DROP COLUMN x')).toContain(
    'by the table ACL of the tablet of shard user_db/80-: add `wwdb` to `admins`',
  )
})

it('no other refusal is one', () => {
  expect(denied("INSERT command denied to user 'a'@'b' for table 'wwdb_lease'")).toBeNull()
  expect(
    denied(
      "target: a.0.primary: desc = x (CallerID: y): Sql: \"Insert command denied to user 'a' for table 't' (ACL check error)\"",
    ),
  ).toBeNull()
})

it('a refusal of a statement of wwdb itself has no number of a login, for programs either', () => {
  const target = { database: 'user_db', schema: 'user_db', server: 'vtgate:3306' }
  const cause = Object.assign(errorOf(said('Insert', 'wwdb_lease')), { sqlState: '28000', fatal: false })
  const error = translateRunError(cause, target)
  expect(error).toMatchObject({ code: 'SERVER_REFUSED', faults: [{ next: expect.stringContaining('`writers`') }] })
  expect(error).not.toHaveProperty('faults.0.errno')
})
