import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TemplateCheck } from '../../../src/shards/answers.ts'
import type { ShardStore } from '../../../src/shards/ports.ts'
import { checkTemplate } from '../../../src/shards/templates/check-template.ts'
import { inspectTemplates } from '../../../src/shards/templates/read-families.ts'
import { createSchema, type TestSchema } from '../../helpers/servers/schema.ts'
import { isAvailable, type ServerVersion, testServerOf } from '../../helpers/servers/servers.ts'
import { mysqlShards } from '../../helpers/shards/mysql-shards.ts'

const keyed = (name: string) => ['-- wwdb:keys app.wework_instances(id)', `-- wwdb:name ${name}_{key}`]

describe.runIf(isAvailable('mysql'))('wwdb template check on MySQL 9.7', () => proveCheck('9.7'))
describe.runIf(isAvailable('mysql80'))('wwdb template check on MySQL 8.0', () => proveCheck('8.0'))

function proveCheck(version: ServerVersion): void {
  let schema: TestSchema
  let store: ShardStore

  beforeAll(async () => {
    schema = await createSchema('t', await testServerOf(version))
    const { servers, database, timeouts } = mysqlShards(schema)
    store = await servers.open(database, timeouts, false)
  })

  afterAll(async () => {
    await store.close()
    await schema.drop()
  })

  /** Checks the template of `members`, whose statement it is; `groups` is beside it. */
  async function check(statement: string, ...headers: readonly string[]): Promise<TemplateCheck> {
    const templates = {
      groups: [...keyed('groups'), 'CREATE TABLE {{table}} (id INT PRIMARY KEY)'],
      members: [...keyed('members'), ...headers, statement],
    }
    const texts = Object.entries(templates).map(([family, lines]) => {
      return { database: 'app', family, file: `shard-templates/app/${family}.sql`, text: lines.join('\n') }
    })
    const surroundings = {
      databases: [{ name: 'app', server: { label: 'here' } }],
      rotation: { archive: null, overrides: [] },
    }
    const { families, faults } = inspectTemplates(texts, surroundings)
    expect(faults).toEqual([])
    const family = families.find(({ name }) => name === 'members')
    if (family === undefined) throw new Error('no family')
    return checkTemplate(family, store, { schemas: new Map([['app', schema.name]]), families }, Date.UTC(2026, 11, 1))
  }

  it('finds nothing in a template that says what the server keeps', async () => {
    const found = await check(
      "CREATE TABLE {{table}} (a INT PRIMARY KEY, b DECIMAL(5,2) DEFAULT 0, c JSON, d ENUM('x','y'), KEY k (b), FOREIGN KEY (a) REFERENCES {{sibling:groups}} (id))",
    )
    expect(found).toEqual({
      family: 'members',
      database: 'app',
      server: store.target.server,
      file: 'shard-templates/app/members.sql',
      tables: ['members_1', 'members_18446744073709551615'],
      faults: [],
      changes: [],
    })
  })

  it.each([
    ['CREATE TABLE {{table}} (a INT, KEY (a))', 'The server created the index `a`, which is not in the template.'],
    [
      'CREATE TABLE {{table}} (a INT, FOREIGN KEY (a) REFERENCES {{sibling:groups}} (id))',
      'The server created the index `a`, which is not in the template.',
    ],
    ['CREATE TABLE {{table}} (a FLOAT(30))', 'The column `a` became double, but the template says float(30).'],
  ])('tells what the server made of %s', async (statement, change) => {
    expect(await check(statement)).toMatchObject({ faults: [], changes: [change] })
  })

  it('a check names display widths where the server drops them', async () => {
    const { faults, changes } = await check('CREATE TABLE {{table}} (a BIGINT(20) UNSIGNED)')
    expect(faults).toEqual([])
    const dropped = 'The server drops the display width of `a`: bigint(20) unsigned is bigint unsigned.'
    expect(changes).toEqual(version === '8.0' ? [] : [dropped])
  })

  it('finds a column that became of another type', async () => {
    const { faults } = await check('CREATE TABLE {{table}} (a TEXT(70000))')
    expect(faults.map(({ what }) => what)).toEqual([
      'The column `a` became mediumtext, but the template says text(70000).',
    ])
  })

  it('finds a foreign key in a column, which MySQL 8 reads and does not make', async () => {
    const { faults } = await check('CREATE TABLE {{table}} (a INT REFERENCES {{sibling:groups}} (id))')
    const missing = {
      what: 'The table has 0 foreign keys, but the template has 1.',
      where: { file: 'shard-templates/app/members.sql', line: 3 },
    }
    expect(faults).toEqual(version === '8.0' ? [missing] : [])
  })

  it.each([
    ['CREATE TABLE {{table}} (a STRING)', /You have an error in your SQL syntax/],
    ['CREATE TABLE {{table}} (a INT, KEY k (b))', /Key column 'b' doesn't exist/],
    ['CREATE TABLE {{table}} (a VARCHAR(70000))', /Column length too big/],
    [
      'CREATE TABLE {{table}} (a BIGINT, FOREIGN KEY (a) REFERENCES {{sibling:groups}} (id))',
      /incompatible|Cannot add foreign key constraint/,
    ],
  ])('finds what the server refuses: %s', async (statement, why) => {
    const { faults } = await check(statement)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatchObject({
      where: { file: 'shard-templates/app/members.sql', line: 3 },
      why: expect.stringMatching(why),
    })
  })

  it('names the one column that depends on the name of the shard, and not the order of all', async () => {
    const { faults } = await check('CREATE TABLE {{table}} (a DATE, {{table}}_b DATE, c DATE, d DATE)')
    expect(faults).toEqual([
      {
        what: 'members_1 and members_18446744073709551615 are created from one template but differ.',
        where: { file: 'shard-templates/app/members.sql', line: 3 },
        why: 'only members_1 has: column `members_1_b` date NULL; only members_18446744073709551615 has: column `members_18446744073709551615_b` date NULL',
        next: 'Remove everything in the template that depends on the name of the shard.',
      },
    ])
    expect((await check('CREATE TABLE {{table}} (a DATE, b DATE, c DATE, d DATE)')).faults).toEqual([])
  })

  it('leaves no scratch schema and no table behind', async () => {
    await check('CREATE TABLE {{table}} (a INT, FOREIGN KEY (a) REFERENCES {{sibling:groups}} (id))')
    expect(await store.listTables()).toEqual([])
  })
}
