import { expect, it } from 'vitest'
import { explainDenied, readDenied } from '../../../src/mysql/table-acl.ts'

const denied = (message: string) =>
  readDenied(Object.assign(new Error(message), { errno: 1045, code: 'ER_ACCESS_DENIED_ERROR' }))
const said = (plan: string): string =>
  `target: user_db.0.primary: vttablet: rpc error: code = PermissionDenied desc = ${plan} command denied to user 'wwdb', in groups [a, b], for table 'wwdb_lease' (ACL check error) (CallerID: wwdb): Sql: "insert into wwdb_lease values ('secret')", BindVars: {}`

it.each([
  ['Insert', 'write to', 'writers'],
  ['UpdateLimit', 'write to', 'writers'],
  ['Nextval', 'write to', 'writers'],
  ['SelectImpossible', 'read', 'readers'],
  ['DDL', 'create, alter or drop', 'admins'],
])(
  'a %s that a table ACL refuses is told by what the user may not do, and where that is written',
  (plan, does, list) => {
    const found = denied(said(plan))
    const text = found === null ? '' : explainDenied(found)
    expect(text).toContain(
      `the user \`wwdb\` of vtgate may not ${does} \`wwdb_lease\`, by the table ACL of the tablet of shard 0: add \`wwdb\` to \`${list}\` of the entry that has \`wwdb_lease\``,
    )
    expect(text).not.toContain('secret')
  },
)

it('no other refusal is one', () => {
  expect(denied("INSERT command denied to user 'a'@'b' for table 'wwdb_lease'")).toBeNull()
  expect(
    denied(
      "target: a.0.primary: desc = x (CallerID: y): Sql: \"Insert command denied to user 'a' for table 't' (ACL check error)\"",
    ),
  ).toBeNull()
})
