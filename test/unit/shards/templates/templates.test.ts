import { describe, expect, it } from 'vitest'
import {
  inspectTemplates,
  type TemplateContext,
  type TemplateInspection,
  type TemplateText,
  type WrittenOverride,
} from '../../../../src/shards/templates/read-families.ts'

const body = 'CREATE TABLE {{table}} (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, account_id BIGINT NOT NULL);'
const month = ['-- wwdb:period month', '-- wwdb:name messages_{YYYYMM}']
const byKey = ['-- wwdb:keys instance_db.wework_instances(id)', '-- wwdb:name contacts_{key}']

function templateOf(family: string, lines: readonly string[], database = 'message_db'): TemplateText {
  return { database, family, file: `shard-templates/${database}/${family}.sql`, text: lines.join('\n') }
}

const surroundings: TemplateContext = {
  databases: ['message_db', 'instance_db'].map((name) => ({ name, server: { label: '127.0.0.1:3306' } })),
  rotation: { archive: '/archives', overrides: [] },
}

function inspect(templates: readonly TemplateText[], changes: Partial<TemplateContext> = {}): TemplateInspection {
  return inspectTemplates(templates, { ...surroundings, ...changes })
}

/** The faults of a template of messages, as `line:column what`. */
function faultsOf(lines: readonly string[], changes: Partial<TemplateContext> = {}): readonly string[] {
  return told(inspect([templateOf('messages', lines)], changes))
}

function told({ faults }: TemplateInspection): readonly string[] {
  return faults.map(({ what, where }) => `${where?.line ?? ''}:${where?.column ?? ''} ${what}`)
}

describe('a template', () => {
  it('is a family: what is not said has a value', () => {
    const { families, faults } = inspect([templateOf('messages', [...month, body])])
    expect(faults).toEqual([])
    expect(families).toEqual([
      {
        name: 'messages',
        database: 'message_db',
        division: { type: 'period', kind: 'month', zone: 'UTC' },
        pattern: 'messages_{YYYYMM}',
        template: {
          file: 'shard-templates/message_db/messages.sql',
          text: body.slice(0, -1),
          line: 3,
          checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
          siblings: [],
          sharedReferences: [],
          idBase: null,
        },
        policy: {
          premake: { periods: 3, days: 0 },
          late: 172_800_000,
          keep: null,
          grace: 1_209_600_000,
          archive: 'none',
          references: 'logical',
          view: null,
          cap: 40,
          share: 0.25,
        },
      },
    ])
  })

  it('has the checksum of its statement alone: comments and headers may change', () => {
    const one = inspect([templateOf('messages', [...month, body])]).families[0]
    const other = inspect([templateOf('messages', ['# ours', ...month, '-- wwdb:cap 3', '', body, '-- end'])])
      .families[0]
    expect(other?.template.checksum).toBe(one?.template.checksum)
    expect(other?.template.line).toBe(6)
  })

  it.each<readonly [string, readonly string[], readonly string[]]>([
    ['is empty', [''], ['1: The template has no CREATE TABLE statement.']],
    ['has no division', ['-- wwdb:name a_{YYYYMM}', body], ['1: The template does not define how it is partitioned.']],
    ['has no name', ['-- wwdb:period month', body], ['1: The template does not define the names of its shards.']],
    [
      'is cut by two things',
      [...month, '-- wwdb:keys instance_db.wework_instances(id)', body],
      ['3:14 The header `wwdb:keys` contradicts `period`: a family can be partitioned by only one of the two.'],
    ],
    [
      'doubles a header',
      [...month, '-- wwdb:cap 3', '-- wwdb:cap 4', body],
      ['4:13 The header `wwdb:cap` is repeated here; the first is on line 3.'],
    ],
    [
      'has a name that two periods share',
      ['-- wwdb:period month', '-- wwdb:name messages_{YYYY}', body],
      ['2:14 The naming pattern "messages_{YYYY}" cannot be used.'],
    ],
    [
      'mixes the calendar year with ISO weeks',
      ['-- wwdb:period week', '-- wwdb:name messages_{YYYY}w{WW}', body],
      ['2:14 The naming pattern "messages_{YYYY}w{WW}" cannot be used.'],
    ],
    [
      'has several faults at once',
      ['-- wwdb:period month', '-- wwdb:kep 3 months', '-- wwdb:late 2', '-- wwdb:name m_{YYYYMM}', body, 'SELECT 1;'],
      [
        '2:13 The header `wwdb:kep` is not a header of templates.',
        '3:14 The header `wwdb:late` is "2", a number without a unit.',
        '6:1 A second statement follows, but a template must have only one.',
      ],
    ],
    [
      'looks like headers where there are none',
      [...month, '-- wwdb: cap 3', '# wwdb:cap 3', '  -- WWDB:cap 3', body],
      [
        '3:1 This comment looks like a header but is not one.',
        '4:1 This comment looks like a header but is not one.',
        '5:3 This comment looks like a header but is not one.',
      ],
    ],
    [
      'has a header in its statement',
      [...month, 'CREATE TABLE {{table}} (id INT', '-- wwdb:cap 3', ');'],
      ['4:1 A header is inside the statement, where it is not read.'],
    ],
    [
      'has a header below its statement',
      [...month, body, '-- wwdb:cap 3'],
      ['4:1 The header `wwdb:cap` is below the statement.'],
    ],
    ['is a migration', [...month, '-- migrate:up', body], ['3:1 A template has no up and down parts.']],
    [
      'names its table',
      [...month, 'CREATE TABLE messages (id INT);'],
      ['3:14 The template creates the table messages, which is the same name for every shard.'],
    ],
    [
      'names a schema',
      [...month, 'CREATE TABLE {{schema:message_db}}.{{table}} (id INT);'],
      [
        '3:14 The template creates the table {{schema:message_db}}.{{table}}, which is the same name for every shard.',
        '3:14 {{schema:message_db}} is not a placeholder of templates.',
      ],
    ],
    [
      'copies a table',
      [...month, 'CREATE TABLE {{table}} LIKE messages;'],
      ['3:1 This CREATE TABLE lists no columns.'],
    ],
    [
      'copies a table in parentheses',
      [...month, 'CREATE TABLE {{table}} (LIKE messages);'],
      ['3:1 This CREATE TABLE lists no columns.'],
    ],
    ['copies rows', [...month, 'CREATE TABLE {{table}} AS SELECT 1;'], ['3:1 This CREATE TABLE lists no columns.']],
    [
      'copies rows behind its columns',
      [...month, 'CREATE TABLE {{table}} (id INT) SELECT 1 AS id;'],
      ['3:33 A query follows the columns.'],
    ],
    [
      'is temporary',
      [...month, 'CREATE TEMPORARY TABLE {{table}} (id INT);'],
      ['3:1 A template must have a CREATE TABLE, not CREATE TEMPORARY TABLE.'],
    ],
    [
      'is another statement',
      [...month, 'DROP TABLE {{table}};'],
      ['3:1 A template must have a CREATE TABLE, not DROP TABLE.'],
    ],
    [
      'has an unknown placeholder',
      [...month, 'CREATE TABLE {{table}} (', '  {{column}} INT', ');'],
      ['4:3 {{column}} is not a placeholder of templates.'],
    ],
    [
      'has a placeholder in a string',
      [...month, "CREATE TABLE {{table}} (id INT COMMENT 'of {{table}}, for {{name}}');"],
      ['3:44 {{table}} is inside a string.'],
    ],
    [
      'has a key to a shared table',
      [...month, 'CREATE TABLE {{table}} (a INT, FOREIGN KEY (a) REFERENCES `users` (id));'],
      ['3:59 The foreign key to users references a table outside the family.'],
    ],
    [
      'has a key to a table of a schema, in a column',
      [...month, 'CREATE TABLE {{table}} (id INT, a INT REFERENCES x.`id` (id));'],
      ['3:50 The foreign key to x.id references a table outside the family.'],
    ],
    [
      'has a constraint of one name',
      [...month, 'CREATE TABLE {{table}} (a INT, CONSTRAINT positive CHECK (a > 0));'],
      ['3:43 The constraint positive would have the same name in every shard, but must be unique in a schema.'],
    ],
    [
      'has a constraint whose name gets too long',
      [...month, `CREATE TABLE {{table}} (a INT, CONSTRAINT {{table}}_${'x'.repeat(50)} CHECK (a > 0));`],
      [`3:43 The constraint name {{table}}_${'x'.repeat(50)} has up to 66 characters; MySQL allows 64.`],
    ],
    [
      'has another engine',
      [...month, 'CREATE TABLE {{table}} (a INT) COMMENT="x" ENGINE=MyISAM;'],
      ['3:51 Shards must be InnoDB tables, but the template says MyISAM.'],
    ],
    [
      'refers to itself as to a sibling',
      [...month, 'CREATE TABLE {{table}} (a INT, FOREIGN KEY (a) REFERENCES {{sibling:messages}} (a));'],
      ['3:59 `{{sibling:messages}}` is the family itself.'],
    ],
    [
      'refers to a family that is not there',
      [...month, 'CREATE TABLE {{table}} (a INT, FOREIGN KEY (a) REFERENCES {{sibling:message}} (a));'],
      ['3:59 `{{sibling:message}}` names a family that has no template.'],
    ],
    [
      'refers with a column that is not there',
      [...month, '-- wwdb:reference (acount_id) instance_db.wework_accounts(id)', body],
      ['3:19 The header `wwdb:reference` names the column `acount_id`, which does not exist in the table.'],
    ],
    [
      'refers to a database that is not there',
      [...month, '-- wwdb:reference (account_id) instanc_db.wework_accounts(id)', body],
      ['3:19 The header `wwdb:reference` names the database `instanc_db`, which is not in the configuration.'],
    ],
    [
      'is not closed',
      [...month, "CREATE TABLE {{table}} (a INT COMMENT 'x);"],
      ['3:39 The string opened here is never closed.'],
    ],
  ])('that %s is refused', (_, lines, faults) => {
    expect(faultsOf(lines)).toEqual(faults)
  })

  it('shows the line that a fault is about', () => {
    const { faults } = inspect([templateOf('messages', [...month, '-- wwdb:keep 3', body])])
    expect(faults[0]?.excerpt).toEqual({ text: '-- wwdb:keep 3', line: 3, column: 14 })
  })

  it('keeps double braces in strings that are its own', () => {
    expect(faultsOf([...month, "CREATE TABLE {{table}} (a VARCHAR(9) DEFAULT '{{name}}');"])).toEqual([])
  })
})

describe('a policy', () => {
  const keep = (text: string, ...more: readonly string[]) => [...month, `-- wwdb:keep ${text}`, ...more, body]

  it.each([
    ['30 days', '3:14 The header `wwdb:keep` keeps 30 days, which may be less than one month.'],
    ['4 weeks', '3:14 The header `wwdb:keep` keeps 4 weeks, which may be less than one month.'],
  ])('a policy of %s for a month is refused', (text, fault) => {
    expect(faultsOf(keep(text, '-- wwdb:archive none'))).toEqual([fault])
  })

  it.each(['1 month', '31 days', '5 weeks', '1 quarter', 'forever'])(
    'a policy of %s for a month is accepted',
    (text) => {
      expect(faultsOf(keep(text, '-- wwdb:archive none'))).toEqual([])
    },
  )

  it('says what becomes of the rows', () => {
    expect(faultsOf(keep('3 months'))).toEqual([
      '3:14 The header `wwdb:keep` removes shards without defining what happens to their rows.',
    ])
  })

  it('needs a folder for archives', () => {
    const rotation = { archive: null, overrides: [] }
    expect(faultsOf(keep('3 months', '-- wwdb:archive directory'), { rotation })).toEqual([
      '4:17 The header `wwdb:archive` requires a folder, but the configuration names none.',
    ])
  })

  it('lets no row come later than the shard is kept', () => {
    expect(faultsOf(keep('1 month', '-- wwdb:archive none', '-- wwdb:late 29 days'))).toEqual([
      '5:14 The header `wwdb:late` accepts late rows for longer than the shard is kept.',
    ])
  })

  it('a hold has a grace period in which a person can act', () => {
    expect(faultsOf([...month, '-- wwdb:grace 10 minutes', body])).toEqual([
      '3:15 The header `wwdb:grace` is shorter than an hour.',
    ])
  })

  it.each(['premake 3 periods', 'view recent 2 periods', 'ids YYYYMM x 10'])('a family of keys has no %s', (header) => {
    const name = header.split(' ')[0]
    expect(faultsOf([...byKey, `-- wwdb:${header}`, body])).toEqual([
      expect.stringContaining(`The header \`wwdb:${name}\` has no meaning in a family of keys.`),
    ])
  })
})

describe('first ids', () => {
  const ids = (text: string, statement = body) => faultsOf([...month, `-- wwdb:ids ${text}`, statement])

  it.each([
    ['YYYYMM x 10000000000', body, []],
    ['YYYYMM x 30023997515', body, []],
    ['YYYYMM x 30023997516', body, ['3:13 The header `wwdb:ids` gives ids beyond 2^53 before the year 3000.']],
    ['YYYY x 10', body, ['3:13 The header `wwdb:ids` counts by YYYY, which does not identify each month.']],
    [
      'YYYYMM x 10',
      'CREATE TABLE {{table}} (id BIGINT PRIMARY KEY);',
      ['3:13 The header `wwdb:ids` needs a column with AUTO_INCREMENT, but the table has none.'],
    ],
    [
      'YYYYMM x 10',
      'CREATE TABLE {{table}} (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY);',
      ['3:13 The header `wwdb:ids` needs a BIGINT, but `id` is INT.'],
    ],
    [
      'YYYYMM x 10',
      body.replace(';', ' AUTO_INCREMENT=5;'),
      ['3:13 The header `wwdb:ids` and the option AUTO_INCREMENT of the table contradict each other.'],
    ],
  ])('%s of %s', (text, statement, faults) => {
    expect(ids(text, statement)).toEqual(faults)
  })
})

describe('several templates', () => {
  const sibling = (name: string) =>
    `CREATE TABLE {{table}} (a BIGINT, FOREIGN KEY (a) REFERENCES {{sibling:${name}}} (id));`
  const keyed = (name: string, statement = body) =>
    templateOf(name, ['-- wwdb:keys instance_db.wework_instances(id)', `-- wwdb:name ${name}_{key}`, statement])

  it('come with siblings first', () => {
    const { families, faults } = inspect([keyed('a', sibling('b')), keyed('b', sibling('c')), keyed('c')])
    expect(faults).toEqual([])
    expect(families.map(({ name }) => name)).toEqual(['c', 'b', 'a'])
  })

  it('may not refer to each other in a circle', () => {
    expect(told(inspect([keyed('a', sibling('b')), keyed('b', sibling('c')), keyed('c', sibling('a'))]))).toEqual([
      '3: These families refer to each other in a circle: a to b to c to a.',
    ])
  })

  it('may not refer to a family that is cut otherwise', () => {
    const other = templateOf('b', ['-- wwdb:keys instance_db.other(id)', '-- wwdb:name b_{key}', body])
    expect(told(inspect([keyed('a', sibling('b')), other]))).toEqual([
      '3:62 `b` is not a sibling of `a`: it is partitioned by instance_db.other(id), not by instance_db.wework_instances(id).',
    ])
  })

  it('may not refer to a family of another database', () => {
    const other = templateOf('b', [...byKey, body], 'instance_db')
    expect(told(inspect([keyed('a', sibling('b')), other]))).toEqual([
      '3:62 `b` is not a sibling of `a`: it is in `instance_db`, not in `message_db`.',
    ])
  })

  it('have names of their own', () => {
    const twin = templateOf('messages', [...byKey, body], 'instance_db')
    expect(told(inspect([templateOf('messages', [...month, body]), twin]))).toEqual([
      ': A family called `messages` is already in `shard-templates/message_db/messages.sql`.',
    ])
  })

  it("may not claim each other's tables", () => {
    const keys = templateOf('other', [
      '-- wwdb:keys instance_db.wework_instances(id)',
      '-- wwdb:name messages_{key}',
      body,
    ])
    expect(told(inspect([templateOf('messages', [...month, body]), keys]))).toEqual([
      '2:14 The header `wwdb:name` produces names that also match `messages` (`shard-templates/message_db/messages.sql`).',
    ])
  })

  it('may not call a view like a shard', () => {
    const viewed = templateOf('logs', [
      '-- wwdb:period day',
      '-- wwdb:name logs_{YYYYMMDD}',
      '-- wwdb:view messages_202601 2 periods',
      body,
    ])
    expect(told(inspect([templateOf('messages', [...month, body]), viewed]))).toEqual([
      '3:14 The header `wwdb:view` names the view `messages_202601`, which matches the pattern of the family `messages`.',
    ])
  })

  it('may have physical keys to their own server only', () => {
    const lines = [
      ...month,
      '-- wwdb:references physical',
      '-- wwdb:reference (account_id) instance_db.wework_accounts(id)',
      body,
    ]
    const databases = ['message_db', 'instance_db'].map((name) => ({ name, server: { label: `${name}:3306` } }))
    expect(faultsOf(lines)).toEqual([])
    expect(faultsOf(lines, { databases })).toEqual([
      '4:19 The header `wwdb:reference` cannot be physical: `instance_db` is on instance_db:3306, and `message_db` on message_db:3306.',
    ])
  })
})

describe('overrides of the configuration', () => {
  const override = (family: string, header: string, text: string): WrittenOverride => ({
    family,
    header,
    text,
    name: `rotation.families.${family}.${header}`,
    where: { file: 'wwdb.config.json', line: 9, column: 5 },
  })
  const withOverrides = (...overrides: readonly WrittenOverride[]) =>
    inspect([templateOf('messages', [...month, '-- wwdb:cap 3', body])], { rotation: { archive: null, overrides } })

  it("lines of the configuration replace the template's lines, one by one", () => {
    const { families, faults } = withOverrides(
      override('messages', 'period', 'week'),
      override('messages', 'name', 'messages_{GGGG}w{WW}'),
    )
    expect(faults).toEqual([])
    expect(families[0]).toMatchObject({
      division: { kind: 'week' },
      pattern: 'messages_{GGGG}w{WW}',
      policy: { cap: 3 },
    })
  })

  it('are checked by the same grammar, and named where they stand', () => {
    expect(
      told(withOverrides(override('messages', 'keep', '24'), override('messages', 'name', 'messages_{YYYY}'))),
    ).toEqual([
      '9:5 rotation.families.messages.keep is "24", a number without a unit.',
      '9:5 The naming pattern "messages_{YYYY}" cannot be used.',
    ])
  })

  it('are about families that there are', () => {
    const { faults } = withOverrides(override('mesages', 'keep', '1 year'), override('mesages', 'cap', '3'))
    expect(faults).toEqual([
      {
        what: 'rotation.families.mesages.keep names the family `mesages`, which has no template.',
        where: { file: 'wwdb.config.json', line: 9, column: 5 },
        next: 'Did you mean `messages`?',
      },
    ])
  })
})
