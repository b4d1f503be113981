import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { readCreatedTable } from '../../../src/ddl/created-table.ts'
import { firstIdOf, renderShard, withSiblings } from '../../../src/shards/render-shard.ts'
import { inspectTemplates } from '../../../src/shards/templates/read-families.ts'
import { classifyStatement } from '../../../src/sql/classify.ts'
import { scan } from '../../../src/sql/scanner.ts'
import { tokenize } from '../../../src/sql/tokens.ts'

const schemas = new Map([
  ['message_db', 'pr_7_message_db'],
  ['instance_db', 'we`ird'],
])

/** Families of templates, each given as its lines. */
function familiesOf(templates: Readonly<Record<string, readonly string[]>>): readonly ShardFamily[] {
  const texts = Object.entries(templates).map(([family, lines]) => {
    const file = `shard-templates/message_db/${family}.sql`
    return { database: 'message_db', family, file, text: lines.join('\n') }
  })
  const databases = [...schemas.keys()].map((name) => ({ name, server: { label: 'here' } }))
  const { families, faults } = inspectTemplates(texts, { databases, rotation: { archive: '/a', overrides: [] } })
  expect(faults).toEqual([])
  return families
}

/** The text of a shard of the last family. */
function render(families: readonly ShardFamily[], key: string): string {
  const family = families.at(-1)
  if (family === undefined) throw new Error('no family')
  return renderShard(family, { key }, { schemas, families }).text
}

const month = ['-- wwdb:period month', '-- wwdb:name messages_{YYYYMM}']
const keyed = (name: string) => ['-- wwdb:keys instance_db.wework_instances(id)', `-- wwdb:name ${name}_{key}`]

describe('a shard', () => {
  it('is its template with the name filled in, and made only once', () => {
    const families = familiesOf({
      messages: [...month, 'CREATE TABLE {{table}} (', '  id INT -- {{no}}', ') COMMENT="x";'],
    })
    expect(render(families, '2026-12')).toBe(
      'CREATE TABLE IF NOT EXISTS `messages_202612` (\n  id INT -- {{no}}\n) COMMENT="x"',
    )
  })

  it('keeps IF NOT EXISTS where it is written', () => {
    const families = familiesOf({ messages: [...month, 'create table if  not exists {{table}} (id INT)'] })
    expect(render(families, '2026-12')).toBe('create table if  not exists `messages_202612` (id INT)')
  })

  it('fills in names that are part of others, quoted or not', () => {
    const text =
      'CREATE TABLE `{{table}}` (a INT, CONSTRAINT {{table}}_pos CHECK (a > 0), CONSTRAINT `{{table}} ok` CHECK (a < 9))'
    expect(render(familiesOf({ messages: [...month, text] }), '2026-12')).toBe(
      'CREATE TABLE IF NOT EXISTS `messages_202612` (a INT, CONSTRAINT `messages_202612_pos` CHECK (a > 0), CONSTRAINT `messages_202612 ok` CHECK (a < 9))',
    )
  })

  it('begins its ids at its period', () => {
    const body = 'CREATE TABLE {{table}} (id BIGINT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB'
    const families = familiesOf({ messages: [...month, '-- wwdb:ids YYYYMM x 10000000000', body] })
    expect(render(families, '2026-12')).toBe(
      'CREATE TABLE IF NOT EXISTS `messages_202612` (id BIGINT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=2026120000000000 ENGINE=InnoDB',
    )
  })

  it.each([
    ['day', 'd_{YYYYMMDD}', 'YYYYMMDD', '2026-12-01', 20_261_201n],
    ['week', 'd_{GGGG}w{WW}', 'GGGGWW', '2026-W09', 202_609n],
    ['quarter', 'd_{YYYY}q{Q}', 'YYYYQ', '2026-Q4', 20_264n],
    ['year', 'd_{YYYY}', 'YYYY', '2026', 2026n],
  ])('AUTO_INCREMENT of a %s counts by its digits', (kind, pattern, digits, key, number) => {
    const lines = [`-- wwdb:period ${kind}`, `-- wwdb:name ${pattern}`, `-- wwdb:ids ${digits} x 1000`]
    const families = familiesOf({ d: [...lines, 'CREATE TABLE {{table}} (id BIGINT AUTO_INCREMENT PRIMARY KEY)'] })
    expect(families.map((family) => firstIdOf(family, key))).toEqual([number * 1000n])
    expect(render(families, key)).toContain(`AUTO_INCREMENT=${number}000`)
  })

  it('has foreign keys to shared tables only where they are physical', () => {
    const lines = [
      '-- wwdb:reference (a, b) instance_db.accounts(x, `y z`) on delete set null',
      '-- wwdb:reference (a) message_db.tasks(id)',
      'CREATE TABLE {{table}} (a INT, b INT /* last */) ENGINE=InnoDB',
    ]
    const logical = familiesOf({ messages: [...month, ...lines] })
    const physical = familiesOf({ messages: [...month, '-- wwdb:references physical', ...lines] })
    expect(render(logical, '2026-12')).toBe(
      'CREATE TABLE IF NOT EXISTS `messages_202612` (a INT, b INT /* last */) ENGINE=InnoDB',
    )
    expect(render(physical, '2026-12').split('\n')).toEqual([
      'CREATE TABLE IF NOT EXISTS `messages_202612` (a INT, b INT,',
      '  FOREIGN KEY (`a`, `b`) REFERENCES `we``ird`.`accounts` (`x`, `y z`) ON DELETE SET NULL,',
      '  FOREIGN KEY (`a`) REFERENCES `pr_7_message_db`.`tasks` (`id`) /* last */) ENGINE=InnoDB',
    ])
  })

  it('has what a sharded keyspace needs beside its statement, in the schema of the sequence', () => {
    const families = familiesOf({
      messages: [
        ...month,
        '-- wwdb:vindex by_sender (sender) USING xxhash',
        '-- wwdb:sequence id USING instance_db.message_ids',
        'CREATE TABLE {{table}} (id BIGINT, sender BIGINT)',
      ],
    })
    const [family] = families
    if (family === undefined) throw new Error('no family')
    const { vschema = [] } = renderShard(family, { key: '2026-12' }, { schemas, families })
    expect(vschema.map(({ text }) => text)).toEqual([
      'ALTER VSCHEMA ON `messages_202612` ADD VINDEX `by_sender` (`sender`) USING xxhash',
      'ALTER VSCHEMA ON `messages_202612` ADD AUTO_INCREMENT `id` USING `we``ird`.`message_ids`',
    ])
    for (const { text, objects } of vschema) expect(classifyStatement(text).objects).toEqual(objects)
  })

  it('refers to the shards of its siblings, which are made before it', () => {
    const families = familiesOf({
      members: [
        ...keyed('members'),
        'CREATE TABLE {{table}} (g INT, FOREIGN KEY (g) REFERENCES {{sibling:groups}} (id))',
      ],
      groups: [...keyed('groups'), 'CREATE TABLE {{table}} (id INT PRIMARY KEY)'],
    })
    const [groups, members] = families
    if (groups === undefined || members === undefined) throw new Error('two families')
    const { table, text, after } = renderShard(members, { key: '42' }, { schemas, families })
    expect({ table, after }).toEqual({ table: 'members_42', after: ['groups_42'] })
    expect(text).toContain('REFERENCES `groups_42` (id)')
    expect(withSiblings(members, families)).toEqual([groups, members])
  })

  it.each(['1; DROP TABLE x', '`', "'", '', '-1', '01', '1e3', '../1', '18446744073709551616', '一', '9'.repeat(65)])(
    'of the key %j is refused',
    (key) => {
      const families = familiesOf({ contacts: [...keyed('contacts'), 'CREATE TABLE {{table}} (id INT)'] })
      expect(() => render(families, key)).toThrow(/is not a shard key/)
    },
  )
})

describe('any template', () => {
  const column = fc.constantFrom(
    '`a` INT NOT NULL',
    "b VARCHAR(9) DEFAULT '{{name}}' COMMENT 'it''s; -- no end'",
    'c BIGINT /* {{table}} */ UNSIGNED',
    'd JSON /*!80000 NULL */',
    'e DECIMAL(10,2) # {{table}}\n',
    'g INT CHECK (g > 0)',
    'CONSTRAINT {{table}}_x CHECK (`a` <> 1)',
    'CONSTRAINT `fk {{table}}` FOREIGN KEY (`a`) REFERENCES {{sibling:groups}} (id)',
    'KEY `{{table}}` (`a`)',
  )
  const option = fc.constantFrom(
    'ENGINE=InnoDB',
    "COMMENT='群聊; {{x}}'",
    'ROW_FORMAT=DYNAMIC',
    '-- end',
    '/* {{table}} */',
  )
  const key = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)

  it('a shard is one CREATE TABLE of its own name, and no name in it is left open', () => {
    const groups = [...keyed('groups'), 'CREATE TABLE {{table}} (id INT PRIMARY KEY)']
    fc.assert(
      fc.property(
        fc.uniqueArray(column),
        fc.uniqueArray(option),
        key,
        fc.boolean(),
        (columns, options, shard, physical) => {
          const families = familiesOf({
            groups,
            contacts: [
              ...keyed('contacts'),
              `-- wwdb:references ${physical ? 'physical' : 'logical'}`,
              '-- wwdb:reference (z) instance_db.accounts(id)',
              `CREATE TABLE {{table}} (${['z INT', ...columns].join(', ')}) ${options.join('\n')}\n;`,
            ],
          })
          const text = render(families, shard)
          const statements = scan(`${text}\n;`, { file: 'x.sql' }).filter((piece) => piece.type === 'statement')
          expect(statements).toHaveLength(1)
          expect(tokenize(text).filter((token) => token.type === 'name' && token.text.includes('{{'))).toEqual([])
          expect(classifyStatement(text)).toMatchObject({
            verb: 'CREATE TABLE',
            idempotent: true,
            objects: [{ type: 'table', schema: null, name: `contacts_${shard}` }],
          })
          expect(readCreatedTable(text)?.definitions).toHaveLength(columns.length + (physical ? 2 : 1))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('a damaged template is refused with a sentence, or its shards are still tables of their own names', () => {
    const whole = [
      ...keyed('contacts'),
      '-- wwdb:keep 30 days',
      '-- wwdb:archive none',
      '-- wwdb:reference (a) instance_db.accounts(id)',
      "CREATE TABLE {{table}} (a BIGINT NOT NULL COMMENT 'x; {{y}}', KEY `k` (a), CONSTRAINT {{table}}_p CHECK (a > 0))",
      "ENGINE=InnoDB COMMENT='群聊';",
    ].join('\n')
    const scrap = fc.constantFrom(
      '',
      ';',
      "'",
      '`',
      '"',
      '(',
      ')',
      '{{table}}',
      '{{',
      '--',
      '-- ',
      '/*',
      '*/',
      '#',
      '\n',
      '\0',
      ',',
      'x',
    )
    const damage = fc.tuple(fc.nat(whole.length), fc.nat(12), scrap)
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const text = damages.reduce((all, [at, cut, put]) => all.slice(0, at) + put + all.slice(at + cut), whole)
        const template = { database: 'message_db', family: 'contacts', file: 'c.sql', text }
        const databases = [...schemas.keys()].map((name) => ({ name, server: { label: 'here' } }))
        const { families, faults } = inspectTemplates([template], {
          databases,
          rotation: { archive: null, overrides: [] },
        })
        expect(faults.every((fault) => fault.what !== '' && fault.where?.file === 'c.sql')).toBe(true)
        const [family] = families
        if (faults.length > 0 || family?.division.type !== 'key') return
        const { text: made, table } = renderShard(family, { key: '7' }, { schemas, families })
        expect(classifyStatement(made)).toMatchObject({
          verb: 'CREATE TABLE',
          objects: [{ schema: null, name: table }],
        })
        expect(scan(`${made}\n;`, { file: 'x.sql' }).filter((piece) => piece.type === 'statement')).toHaveLength(1)
        expect(table).toMatch(/7/)
      }),
      { numRuns: 3000 },
    )
  })
})
