import fc from 'fast-check'

/** Statements of a random schema, valid on 8.0.12 and later. */
export interface RandomSchema {
  readonly statements: readonly string[]
}

const textTypes = [
  'CHAR(10)',
  'VARCHAR(50)',
  'VARCHAR(300)',
  'TINYTEXT',
  'TEXT',
  'MEDIUMTEXT',
  'LONGTEXT',
  "ENUM('a','b''c')",
  "SET('x','y')",
] as const
const numberTypes = [
  'TINYINT(1)',
  'TINYINT(3) UNSIGNED',
  'SMALLINT',
  'MEDIUMINT(8)',
  'INT(11)',
  'INT UNSIGNED',
  'INT(6) ZEROFILL',
  'BIGINT(20)',
  'BIGINT UNSIGNED',
  'DECIMAL(12,3)',
  'FLOAT',
  'DOUBLE',
  'DOUBLE(9,2)',
  'BIT(5)',
] as const
const otherTypes = [
  'DATE',
  'TIME(2)',
  'DATETIME',
  'DATETIME(6)',
  'TIMESTAMP NULL',
  'YEAR',
  'JSON',
  'BINARY(8)',
  'VARBINARY(20)',
  'BLOB',
  'MEDIUMBLOB',
  'POINT',
  'GEOMETRY',
] as const

const charset = fc.constantFrom(
  '',
  '',
  ' CHARACTER SET latin1',
  ' CHARACTER SET utf8',
  ' CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  ' COLLATE utf8mb4_0900_as_cs',
  ' CHARACTER SET ascii COLLATE ascii_bin',
)
const comment = fc.constantFrom('', '', " COMMENT 'plain'", " COMMENT 'it''s; -- \\\\ `odd`'", " COMMENT '中文'")
const nullity = fc.constantFrom('', ' NULL', ' NOT NULL')

const textColumn = fc
  .tuple(fc.constantFrom(...textTypes), charset, nullity, fc.constantFrom('', " DEFAULT 'a'", ' DEFAULT NULL'), comment)
  .map(([type, set, nulls, preset, note]) => {
    const permitsDefault = !/TEXT/.test(type)
    const isContradiction = nulls === ' NOT NULL' && preset === ' DEFAULT NULL'
    const value = type.startsWith('SET') ? preset.replace("'a'", "'x,y'") : preset
    return `${type}${set}${nulls}${permitsDefault && !isContradiction ? value : ''}${note}`
  })
const numberColumn = fc
  .tuple(fc.constantFrom(...numberTypes), nullity, fc.constantFrom('', ' DEFAULT 1', " DEFAULT '0'"), comment)
  .map(
    ([type, nulls, preset, note]) =>
      `${type}${nulls}${type.startsWith('BIT') ? preset.replace(/ DEFAULT .*/, " DEFAULT b'11'") : preset}${note}`,
  )
const otherColumn = fc.tuple(fc.constantFrom(...otherTypes), comment).map(([type, note]) => `${type}${note}`)
const clockColumn = fc.constantFrom(
  'DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP',
  'TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)',
  'DATETIME NULL ON UPDATE CURRENT_TIMESTAMP',
)
const column = fc.oneof(
  { weight: 4, arbitrary: textColumn },
  { weight: 4, arbitrary: numberColumn },
  { weight: 2, arbitrary: otherColumn },
  clockColumn,
)

const columnNames = ['a', 'b', 'order', 'odd`name', 'spaced name', 'Mixed', '列', 'key', 'c1', 'c2'] as const
const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``

const table = fc.record({
  columns: fc
    .uniqueArray(fc.constantFrom(...columnNames), { minLength: 1, maxLength: 8 })
    .chain((names) => fc.tuple(...names.map((name) => column.map((definition) => ({ name, definition }))))),
  generated: fc.constantFrom(
    '',
    '`g` INT AS (`base` + 1) STORED',
    '`g` INT AS (`base` * 2) VIRTUAL NOT NULL',
    "`g` VARCHAR(20) CHARACTER SET utf8mb4 AS (CONCAT('n', `base`)) STORED COMMENT 'made'",
  ),
  indexes: fc.array(fc.tuple(fc.nat(7), fc.nat(7), fc.boolean(), fc.boolean()), { maxLength: 4 }),
  options: fc.constantFrom(
    '',
    ' ENGINE=InnoDB ROW_FORMAT=DYNAMIC',
    ' DEFAULT CHARSET=latin1',
    ' DEFAULT CHARSET=utf8 COLLATE=utf8_unicode_ci',
    " COMMENT='a table''s'",
    ' AUTO_INCREMENT=500 STATS_PERSISTENT=1',
  ),
  parent: fc.option(fc.nat(20), { nil: null }),
  partitioned: fc.constantFrom(
    '',
    '',
    '',
    ' PARTITION BY HASH (id) PARTITIONS 3',
    ' PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)',
  ),
})

type RandomTable = typeof table extends fc.Arbitrary<infer T> ? T : never

function makeTable(name: string, made: RandomTable, parents: number): readonly string[] {
  const { generated, indexes, options, parent, partitioned } = made
  // A partitioned table holds no geometry.
  const columns = made.columns.filter(({ definition }) => partitioned === '' || !/^(POINT|GEOMETRY)/.test(definition))
  const lines = [
    '`id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT',
    '`base` INT',
    ...columns.map((one) => `${quote(one.name)} ${one.definition}`),
    ...(generated === '' ? [] : [generated]),
  ]
  const keys = indexes.flatMap(([first, second, isDescending, isHidden], at) => {
    const chosen = [...new Set([columns[first % columns.length], columns[second % columns.length]])]
    const parts = chosen.flatMap((one) => {
      if (one === undefined || /JSON|POINT|GEOMETRY/.test(one.definition)) return []
      const needsPrefix = /TEXT|BLOB|VARCHAR\(300\)/.test(one.definition)
      return [`${quote(one.name)}${needsPrefix ? '(10)' : ''}${isDescending ? ' DESC' : ''}`]
    })
    return parts.length === 0 ? [] : [`KEY \`k${at}\` (${parts.join(', ')})${isHidden ? ' INVISIBLE' : ''}`]
  })
  const hasParent = parent !== null && parents > 0 && partitioned === ''
  const reference = hasParent
    ? [
        '`parent_id` BIGINT UNSIGNED NULL',
        `CONSTRAINT \`fk_${name}\` FOREIGN KEY (\`parent_id\`) REFERENCES \`t${parent % parents}\` (\`id\`) ON DELETE ${parent % 2 === 0 ? 'CASCADE' : 'SET NULL'}`,
      ]
    : []
  return [
    `CREATE TABLE \`${name}\` (${[...lines, ...reference.slice(0, 1), 'PRIMARY KEY (`id`)', ...keys, ...reference.slice(1)].join(', ')})${options}${partitioned}`,
  ]
}

const code = fc.record({
  view: fc.boolean(),
  second: fc.boolean(),
  trigger: fc.constantFrom('', 'SET @wwdb = 1', "BEGIN IF NEW.id > 1 THEN SET @note = 'a;b'; END IF; END"),
  routine: fc.constantFrom(
    '',
    'FUNCTION `f` (n INT) RETURNS VARCHAR(20) CHARSET utf8mb4 DETERMINISTIC RETURN n',
    'PROCEDURE `p` (INOUT n INT(11)) BEGIN SET n = n + 1; SET n = 2; END',
  ),
  event: fc.boolean(),
})

/** Partitioned tables cannot be parents: those come last, and are named apart. */
export function randomSchema(tables: number): fc.Arbitrary<RandomSchema> {
  return fc.tuple(fc.array(table, { minLength: 1, maxLength: tables }), code).map(([made, extra]) => {
    const plain = made.filter(({ partitioned }) => partitioned === '')
    const split = made.filter(({ partitioned }) => partitioned !== '')
    const views =
      plain.length > 0 && extra.view
        ? [
            'CREATE VIEW `v_base` AS SELECT `id` FROM `t0` WHERE `id` > 1',
            ...(extra.second ? ['CREATE VIEW `a_view` AS SELECT COUNT(*) AS `n` FROM `v_base`'] : []),
          ]
        : []
    return {
      statements: [
        ...plain.flatMap((one, at) => makeTable(`t${at}`, one, at)),
        ...split.flatMap((one, at) => makeTable(`part${at}`, one, 0)),
        ...views,
        ...(extra.trigger === '' || plain.length === 0
          ? []
          : [`CREATE TRIGGER \`tr\` BEFORE INSERT ON \`t0\` FOR EACH ROW ${extra.trigger}`]),
        ...(extra.routine === '' ? [] : [`CREATE ${extra.routine}`]),
        ...(extra.event
          ? ["CREATE EVENT `ev` ON SCHEDULE EVERY 2 HOUR STARTS '2030-01-01 00:00:00' DISABLE DO SET @x = 1"]
          : []),
      ],
    }
  })
}
