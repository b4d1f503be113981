import fc from 'fast-check'
import { randomColumn } from './random-columns.ts'

/** Statements of a random schema, valid on 8.0.12 and later. */
export interface RandomSchema {
  readonly statements: readonly string[]
}

const columnNames = ['a', 'b', 'order', 'odd`name', 'spaced name', 'Mixed', '列', 'key', 'c1', 'c2'] as const
const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``

const table = (isNewer: boolean) =>
  fc.record({
    columns: fc
      .uniqueArray(fc.constantFrom(...columnNames), { minLength: 1, maxLength: 8 })
      .chain((names) =>
        fc.tuple(...names.map((name) => randomColumn(isNewer).map((definition) => ({ name, definition })))),
      ),
    generated: fc.constantFrom(
      '',
      '`g` INT AS (`base` + 1) STORED',
      '`g` INT AS (`base` * 2) VIRTUAL NOT NULL',
      '`g` BIGINT AS (`base` DIV 3) VIRTUAL UNIQUE',
      "`g` JSON AS (JSON_OBJECT('b', `base`)) VIRTUAL",
      "`g` VARCHAR(20) CHARACTER SET utf8mb4 AS (CONCAT('n', `base`)) STORED COMMENT 'made'",
    ),
    indexes: fc.array(fc.tuple(fc.nat(7), fc.nat(7), fc.boolean(), fc.nat(9)), { maxLength: 4 }),
    options: fc.constantFrom(
      '',
      ' ENGINE=InnoDB ROW_FORMAT=DYNAMIC',
      ' ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8',
      ' ROW_FORMAT=REDUNDANT STATS_AUTO_RECALC=0 STATS_SAMPLE_PAGES=20',
      ' DEFAULT CHARSET=latin1',
      ' DEFAULT CHARSET=utf8 COLLATE=utf8_unicode_ci',
      ' DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin MAX_ROWS=1000 MIN_ROWS=10',
      " COMMENT='a table''s'",
      ' AUTO_INCREMENT=500 STATS_PERSISTENT=1',
      ' CHECKSUM=1 DELAY_KEY_WRITE=1 AVG_ROW_LENGTH=70 PACK_KEYS=1',
    ),
    parent: fc.option(fc.nat(60), { nil: null }),
    more: isNewer
      ? fc.constantFrom(
          '',
          '',
          'CONSTRAINT `positive_{name}` CHECK (`base` > 0)',
          'CHECK (`base` <> 7 OR `base` IN (1, 2)) NOT ENFORCED',
          'KEY `by expression` ((`base` + 1) DESC, `id`)',
          "KEY `lower` ((LOWER(CONCAT(`base`, 'x'))))",
        )
      : fc.constant(''),
    partitioned: fc.constantFrom(
      '',
      '',
      '',
      '',
      ' PARTITION BY HASH (id) PARTITIONS 3',
      ' PARTITION BY LINEAR KEY (id) PARTITIONS 2',
      ' PARTITION BY LIST (id MOD 3) (PARTITION p0 VALUES IN (0, NULL), PARTITION p1 VALUES IN (1, 2))',
      " PARTITION BY RANGE COLUMNS (id) (PARTITION p0 VALUES LESS THAN (10) COMMENT = 'few', PARTITION p1 VALUES LESS THAN (MAXVALUE))",
      ' PARTITION BY RANGE (id) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)',
      ' PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)',
    ),
  })

type RandomTable = ReturnType<typeof table> extends fc.Arbitrary<infer T> ? T : never

const isSpatial = (definition: string): boolean => /^(?:MULTI)?(?:POINT|GEOMETRY|LINESTRING|POLYGON)/.test(definition)
const indexOptions = ['', '', '', '', ' INVISIBLE', " COMMENT 'it''s'", ' USING BTREE', ' KEY_BLOCK_SIZE=4'] as const

/** An index of one or two columns, as far as they can have one; on text alone it may be FULLTEXT. */
function makeIndex(
  columns: RandomTable['columns'],
  [first, second, isDescending, option]: RandomTable['indexes'][number],
  at: number,
  isPartitioned: boolean,
): readonly string[] {
  const chosen = [...new Set([columns[first % columns.length], columns[second % columns.length]])]
  const usable = chosen.flatMap((one) =>
    one === undefined || /^(?:JSON|VECTOR)/.test(one.definition) || isSpatial(one.definition) ? [] : [one],
  )
  if (usable.length === 0) return []
  const charsets = new Set(usable.map(({ definition }) => /CHARACTER SET \w+|COLLATE \w+/.exec(definition)?.[0] ?? ''))
  const isText = usable.every(({ definition }) => /^(?:\w*TEXT|VARCHAR)/.test(definition)) && charsets.size === 1
  if (option === 9 && isText && !isPartitioned)
    return [
      `FULLTEXT KEY \`k${at}\` (${usable.map(({ name }) => quote(name)).join(', ')})${second % 2 === 0 ? ' WITH PARSER ngram' : ''}`,
    ]
  const parts = usable.map(({ name, definition }) => {
    const needsPrefix = /TEXT|BLOB|VARCHAR\(300\)|VARBINARY\(300\)/.test(definition)
    return `${quote(name)}${needsPrefix ? '(10)' : ''}${isDescending ? ' DESC' : ''}`
  })
  const isUnique = option === 8
  const own = isUnique && isPartitioned ? [...parts, '`id`'] : parts
  return [`${isUnique ? 'UNIQUE ' : ''}KEY \`k${at}\` (${own.join(', ')})${indexOptions[option] ?? ''}`]
}

function makeTable(name: string, made: RandomTable, parents: number): readonly string[] {
  const { generated, indexes, options, parent, partitioned, more } = made
  const isPartitioned = partitioned !== ''
  // A partitioned table holds no geometry.
  const columns = made.columns.filter(({ definition }) => !isPartitioned || !isSpatial(definition))
  const lines = [
    '`id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT',
    '`base` INT',
    ...columns.map((one) => `${quote(one.name)} ${one.definition}`),
    ...(generated === '' ? [] : [isPartitioned ? generated.replace(' UNIQUE', '') : generated]),
  ]
  const keys = [
    ...indexes.flatMap((one, at) => makeIndex(columns, one, at, isPartitioned)),
    ...(more === '' ? [] : [more.replace('{name}', name)]),
  ]
  const actions = ['CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION'] as const
  const hasParent = parent !== null && parents > 0 && !isPartitioned
  const reference = hasParent
    ? [
        '`parent_id` BIGINT UNSIGNED NULL',
        `CONSTRAINT \`fk_${name}\` FOREIGN KEY (\`parent_id\`) REFERENCES \`t${parent % parents}\` (\`id\`) ON DELETE ${actions[parent % 4]} ON UPDATE ${actions[(parent >> 2) % 4]}`,
      ]
    : []
  // Compressed rows are short: what does not fit is refused by the server.
  return [
    `CREATE TABLE \`${name}\` (${[...lines, ...reference.slice(0, 1), 'PRIMARY KEY (`id`)', ...keys, ...reference.slice(1)].join(', ')})${options}${partitioned}`,
  ]
}

const viewKinds = ['', 'ALGORITHM=MERGE ', 'ALGORITHM=TEMPTABLE ', 'SQL SECURITY INVOKER '] as const
const triggerBodies = [
  'SET @wwdb = 1',
  "BEGIN IF NEW.id > 1 THEN SET @note = 'a;b'; END IF; END",
  'SET NEW.base = NEW.base + 1',
] as const
const routines = [
  'FUNCTION `{name}` (n INT) RETURNS VARCHAR(20) CHARSET utf8mb4 DETERMINISTIC RETURN n',
  "FUNCTION `{name}` () RETURNS DECIMAL(9,2) NO SQL SQL SECURITY INVOKER COMMENT 'it''s' RETURN 1.5",
  'PROCEDURE `{name}` (INOUT n INT(11)) BEGIN SET n = n + 1; SET n = 2; END',
  'PROCEDURE `{name}` (IN a VARCHAR(20), OUT b JSON) MODIFIES SQL DATA BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END; SET b = JSON_OBJECT(a, 1); END',
] as const
const schedules = [
  "EVERY 2 HOUR STARTS '2030-01-01 00:00:00' DISABLE",
  "EVERY '1:30' HOUR_MINUTE STARTS '2030-01-01 00:00:00' ENDS '2031-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'by night'",
  "AT '2035-05-05 05:05:05' ON COMPLETION PRESERVE DISABLE",
] as const

const code = fc.record({
  views: fc.array(fc.nat(30), { maxLength: 8 }),
  triggers: fc.array(fc.nat(30), { maxLength: 5 }),
  routines: fc.array(fc.nat(routines.length - 1), { maxLength: 5 }),
  events: fc.array(fc.nat(schedules.length - 1), { maxLength: 2 }),
})

type RandomCode = typeof code extends fc.Arbitrary<infer T> ? T : never

/** Views stand on tables and on earlier views, whose names sort before and after theirs; triggers of one moment have an order. */
function makeCode(extra: RandomCode, tables: number): readonly string[] {
  const view = (at: number): string => `${at % 2 === 0 ? 'v' : 'a'}_view${at}`
  const views = extra.views.map((pick, at) => {
    const source = at > 0 && pick % 3 === 0 ? view(pick % at) : `t${pick % tables}`
    const kind = viewKinds[pick % viewKinds.length] ?? ''
    const check =
      kind.includes('TEMPTABLE') || !source.startsWith('t') ? '' : pick % 5 === 0 ? ' WITH LOCAL CHECK OPTION' : ''
    const columns = pick % 4 === 1 ? ' (`id`, `odd``name`)' : ''
    return `CREATE ${kind}VIEW \`${view(at)}\`${columns} AS SELECT \`id\`, \`id\` > ${pick} AS \`is it\` FROM \`${source}\` WHERE \`id\` > 1${check}`
  })
  const triggers = extra.triggers.map(
    (pick, at) =>
      `CREATE TRIGGER \`tr${9 - at}\` BEFORE ${pick % 2 === 0 ? 'INSERT' : 'UPDATE'} ON \`t${pick % Math.min(2, tables)}\` FOR EACH ROW ${triggerBodies[pick % 3]}`,
  )
  return [
    ...(tables > 0 ? [...views, ...triggers] : []),
    ...extra.routines.map((pick, at) => `CREATE ${routines[pick]?.replace('{name}', `r${at}`)}`),
    ...extra.events.map((pick, at) => `CREATE EVENT \`ev${at}\` ON SCHEDULE ${schedules[pick]} DO SET @x = 1`),
  ]
}

/** The most objects that a schema of this number of tables has, with its code. */
export const objectsBeside = 20

/**
 * Partitioned tables cannot be parents: those come last, and are named apart.
 * @param isNewer with what 8.0.12 cannot make
 */
export function randomSchema(tables: number, isNewer = false): fc.Arbitrary<RandomSchema> {
  return fc
    .tuple(fc.array(table(isNewer), { minLength: 1, maxLength: tables, size: 'max' }), code)
    .map(([made, extra]) => {
      const plain = made.filter(({ partitioned }) => partitioned === '')
      const split = made.filter(({ partitioned }) => partitioned !== '')
      return {
        statements: [
          ...plain.flatMap((one, at) => makeTable(`t${at}`, one, at)),
          ...split.flatMap((one, at) => makeTable(`part${at}`, one, 0)),
          ...makeCode(extra, plain.length),
        ],
      }
    })
}
