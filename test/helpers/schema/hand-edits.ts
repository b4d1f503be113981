import fc from 'fast-check'

/** What a person did to a schema by hand. */
export interface HandEdit {
  readonly statements: readonly string[]
  /** The objects that a comparison has to name: `table order`. */
  readonly objects: readonly string[]
}

const edit = (object: string, ...statements: readonly string[]): HandEdit => ({ statements, objects: [object] })

/** One ALTER TABLE. */
const alter = (table: string, ...clauses: readonly string[]): HandEdit =>
  edit(`table ${table}`, `ALTER TABLE \`${table}\` ${clauses.join(', ')}`)

const oneOf = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const text = oneOf("''", "'x'", "'it''s; -- `odd` \\\\ 中文'", "'a,b'")
const number = fc.integer({ min: 1, max: 99 })

const types = [
  'INT',
  'INT UNSIGNED',
  'BIGINT(20)',
  'TINYINT(1)',
  'DECIMAL(9,4)',
  'FLOAT',
  'DOUBLE(9,2)',
  'BIT(7)',
  'CHAR(7)',
  'VARCHAR(90)',
  'VARCHAR(90) CHARACTER SET latin1',
  'VARCHAR(90) CHARACTER SET utf8 COLLATE utf8_bin',
  'TEXT',
  'LONGTEXT COLLATE utf8mb4_bin',
  'BLOB',
  'VARBINARY(9)',
  'DATE',
  'DATETIME(3)',
  'TIMESTAMP NULL',
  'TIME',
  'YEAR',
  'JSON',
  "ENUM('p','q')",
  "SET('p','q')",
  'POINT',
] as const

/** Columns of `order` that nothing but an index needs. */
const freeColumns = [
  'small',
  'padded',
  'born',
  'ratio',
  'share',
  'bits',
  'raw',
  'packed',
  'note',
  'body',
  'tags',
  'seen',
  'stamp',
  'doc',
  'total',
  'upper_name',
] as const

const place = oneOf('', ' FIRST', ' AFTER `id`', ' AFTER `small`')
const comment = fc.option(text, { nil: null }).map((one) => (one === null ? '' : ` COMMENT ${one}`))

const columns = fc.oneof(
  fc
    .tuple(oneOf(...types), oneOf('', ' NULL'), comment, place)
    .map(([type, nulls, note, at]) => alter('order', `ADD COLUMN \`by hand\` ${type}${nulls}${note}${at}`)),
  fc.tuple(oneOf(...types), comment).map(([type, note]) => alter('parents', `ADD \`Hand\` ${type}${note}`)),
  oneOf('logs', 'hashed', 'parts').map((table) => alter(table, 'ADD extra INT NOT NULL DEFAULT 5')),
  oneOf(...freeColumns).map((name) => alter('order', `DROP COLUMN ${name}`)),
  fc
    .uniqueArray(oneOf('small', 'padded', 'ratio', 'share', 'seen'), { minLength: 2, maxLength: 4 })
    .map((names) => alter('order', ...names.map((name) => `DROP COLUMN ${name}`))),
  fc
    .tuple(oneOf('small', 'share', 'born', 'packed', 'seen', 'doc'), oneOf(...types), place)
    .map(([name, type, at]) =>
      alter('order', `MODIFY ${name} ${type}${at.includes(`\`${name}\``) ? ' FIRST' : at}`, "COMMENT='seen by hand'"),
    ),
  oneOf('small', 'share', 'born', 'note', 'tags', 'raw').map((name) =>
    alter('order', `RENAME COLUMN ${name} TO \`${name} 2\``),
  ),
  fc
    .uniqueArray(oneOf('small', 'share', 'born', 'seen', 'doc', 'body'), { minLength: 1, maxLength: 3 })
    .chain((names) =>
      fc.constant(alter('order', ...names.map((name) => `MODIFY ${name} ${definitions[name] ?? ''} AFTER \`amount\``))),
    ),
  oneOf('CHARACTER SET latin1', 'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci', 'COLLATE utf8mb4_bin').map((set) =>
    alter('order', `MODIFY body MEDIUMTEXT ${set}`),
  ),
)

/** As the schema has them, so that only their places change. */
const definitions: Readonly<Record<string, string>> = {
  small: 'TINYINT(4) UNSIGNED',
  share: 'FLOAT',
  born: 'YEAR',
  seen: 'TIMESTAMP NULL DEFAULT NULL',
  doc: 'JSON',
  body: 'MEDIUMTEXT',
}

const defaults = fc.oneof(
  oneOf('flag', 'amount', 'note', 'state', 'tags', 'raw', 'bits', 'stamp').map((name) =>
    alter('order', `ALTER COLUMN ${name} DROP DEFAULT`),
  ),
  number.map((value) => alter('order', `ALTER COLUMN amount SET DEFAULT ${value}`)),
  number.map((value) => alter('order', `ALTER COLUMN small SET DEFAULT '${value}'`)),
  text.map((value) => alter('order', `ALTER COLUMN note SET DEFAULT ${value}`)),
  text.map((value) => alter('parents', `ALTER COLUMN code SET DEFAULT ${value.replace('中文', 'x')}`)),
  oneOf("b'1'", "b'0'", '7').map((value) => alter('order', `ALTER COLUMN bits SET DEFAULT ${value}`)),
  oneOf("''", '0x00ff', "'x'").map((value) => alter('order', `ALTER COLUMN raw SET DEFAULT ${value}`)),
  oneOf(
    'DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)',
    'DATETIME(3) NULL ON UPDATE CURRENT_TIMESTAMP(3)',
    "DATETIME(3) NOT NULL DEFAULT '2026-01-01 00:00:00.5'",
    'DATETIME(3) NOT NULL',
  ).map((type) => alter('order', `MODIFY at ${type}`)),
  oneOf('NOT NULL', 'NULL DEFAULT NULL').map((nulls) => alter('order', `MODIFY flag TINYINT(1) ${nulls}`)),
)

const generated = fc.oneof(
  number.map((factor) => alter('order', `MODIFY total DECIMAL(12,2) AS (amount * ${factor + 2}) STORED`)),
  fc
    .tuple(number, oneOf('STORED', 'VIRTUAL'), comment, place)
    .map(([value, kind, note, at]) => alter('order', `ADD made INT AS (small + ${value}) ${kind}${note}${at}`)),
  text.map((value) =>
    alter('order', `MODIFY upper_name VARCHAR(60) AS (CONCAT(name, ${value.replace('中文', 'x')})) VIRTUAL`),
  ),
  oneOf('total', 'upper_name').map((name) => alter('order', `DROP COLUMN ${name}`)),
  text
    .filter((value) => value !== "''")
    .map((value) =>
      alter('order', `MODIFY upper_name VARCHAR(60) AS (CONCAT(UPPER(name), '!')) VIRTUAL COMMENT ${value}`),
    ),
  fc.constant(
    edit(
      'table order',
      'ALTER TABLE `order` DROP COLUMN upper_name',
      "ALTER TABLE `order` ADD upper_name VARCHAR(60) AS (CONCAT(UPPER(name), '!')) STORED",
    ),
  ),
  fc.constant(alter('order', 'MODIFY total DECIMAL(12,2) NOT NULL DEFAULT 0')),
  fc.constant(alter('order', 'ADD copy JSON AS (JSON_EXTRACT(doc, \'$."a b"\')) VIRTUAL', 'ADD KEY k_small (small)')),
)

const part = oneOf('small', 'name(7)', 'note(5)', 'amount DESC', 'at', 'body(12)', 'raw', '`id`', 'share')
const indexes = fc.oneof(
  fc
    .tuple(
      fc.uniqueArray(part, { minLength: 1, maxLength: 4 }),
      oneOf('', ' INVISIBLE', " COMMENT 'by ''hand'''", ' KEY_BLOCK_SIZE=4'),
      oneOf('KEY', 'KEY', 'UNIQUE KEY'),
    )
    .map(([parts, option, kind]) => alter('order', `ADD ${kind} \`by hand\` (${parts.join(', ')})${option}`)),
  oneOf('idx_name', 'idx_hidden', 'uq_state', 'ft_body', 'sp_place').map((name) =>
    alter('order', `DROP INDEX ${name}`),
  ),
  oneOf('ALTER INDEX idx_hidden VISIBLE', 'ALTER INDEX idx_name INVISIBLE', 'ALTER INDEX uq_state INVISIBLE').map(
    (clause) => alter('order', clause),
  ),
  oneOf('idx_name', 'uq_state', 'ft_body').map((name) => alter('order', `RENAME INDEX ${name} TO renamed`)),
  oneOf('name(11), at DESC', 'name(10), at', 'at DESC, name(10)', 'name(10)').map((parts) =>
    alter('order', 'DROP INDEX idx_name', `ADD KEY idx_name (${parts})`),
  ),
  oneOf('', ' WITH PARSER ngram').map((parser) => alter('order', `ADD FULLTEXT KEY ft_more (name, body)${parser}`)),
  fc.constant(
    edit(
      'table order',
      'ALTER TABLE `order` DROP INDEX ft_body',
      'ALTER TABLE `order` ADD FULLTEXT KEY ft_body (body)',
    ),
  ),
  oneOf('', " COMMENT 'newer'", ' USING BTREE', ' KEY_BLOCK_SIZE=2', ' INVISIBLE').map((option) =>
    edit(
      'table order',
      'ALTER TABLE `order` DROP INDEX idx_hidden',
      `ALTER TABLE \`order\` ADD KEY idx_hidden (amount)${option}`,
    ),
  ),
  fc.constant(alter('order', 'DROP INDEX uq_state', 'ADD KEY uq_state (state, id)')),
  fc.constant(alter('parts', 'DROP PRIMARY KEY')),
  fc.constant(alter('parts', 'DROP PRIMARY KEY', 'ADD PRIMARY KEY (b, a)')),
  fc.constant(alter('parts', 'DROP PRIMARY KEY', 'ADD UNIQUE KEY (b)')),
  fc.constant(alter('order', 'DROP PRIMARY KEY', 'ADD PRIMARY KEY (id, flag)')),
)

const keys = fc.oneof(
  fc.constant(alter('order', 'DROP FOREIGN KEY fk_parent')),
  fc.constant(alter('order', 'DROP FOREIGN KEY fk_parent', 'DROP KEY fk_parent')),
  oneOf('', ' ON DELETE CASCADE', ' ON DELETE SET NULL ON UPDATE SET NULL', ' ON UPDATE CASCADE').map((action) =>
    edit(
      'table order',
      'ALTER TABLE `order` DROP FOREIGN KEY fk_parent',
      `ALTER TABLE \`order\` ADD CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES parents (id)${action}`,
    ),
  ),
  oneOf('', ' ON DELETE CASCADE').map((action) =>
    alter(
      'parents',
      'ADD up BIGINT UNSIGNED',
      `ADD CONSTRAINT fk_self FOREIGN KEY (up) REFERENCES parents (id)${action}`,
    ),
  ),
  oneOf('DELETE', 'UPDATE').map((event) =>
    alter(
      'order',
      'ADD parent_code VARCHAR(20) CHARACTER SET latin1',
      `ADD CONSTRAINT fk_code FOREIGN KEY (parent_code) REFERENCES parents (code) ON ${event} CASCADE`,
    ),
  ),
  fc.constant(
    edit(
      'table children',
      'CREATE TABLE children (id INT PRIMARY KEY, order_id INT, KEY k (order_id), CONSTRAINT c1 FOREIGN KEY (order_id) REFERENCES `order` (id))',
    ),
  ),
)

const checks = fc.oneof(
  number.map((value) => alter('modern', `ADD CONSTRAINT by_hand CHECK (n < ${value} + 100)`)),
  oneOf('positive', 'unsure').map((name) => alter('modern', `DROP CHECK ${name}`)),
  fc.constant(alter('modern', 'ALTER CHECK positive NOT ENFORCED')),
  fc.constant(alter('modern', 'ALTER CHECK unsure ENFORCED')),
  number.map((value) => alter('modern', 'DROP CHECK positive', `ADD CONSTRAINT positive CHECK (n > ${value})`)),
  text.map((value) => alter('order', `ADD CONSTRAINT c_note CHECK (note <> ${value} AND flag IN (0, 1))`)),
  number.map((value) => alter('modern', 'DROP INDEX idx_expression', `ADD KEY idx_expression ((n + ${value + 1}))`)),
  oneOf(
    'ALTER COLUMN id DROP DEFAULT',
    'ALTER COLUMN hidden SET VISIBLE',
    "ALTER COLUMN label SET DEFAULT (UPPER('z'))",
    'ALTER COLUMN n SET INVISIBLE',
  ).map((clause) => alter('modern', clause)),
)

const partitions = fc.oneof(
  fc
    .integer({ min: 2027, max: 2090 })
    .map((year) =>
      alter(
        'logs',
        `REORGANIZE PARTITION pmax INTO (PARTITION p2 VALUES LESS THAN (TO_DAYS('${year}-01-01')), PARTITION pmax VALUES LESS THAN MAXVALUE)`,
      ),
    ),
  oneOf('p1', 'pmax').map((name) => alter('logs', `DROP PARTITION ${name}`)),
  oneOf('logs', 'hashed', 'parts').map((table) => alter(table, 'REMOVE PARTITIONING')),
  oneOf('ADD PARTITION PARTITIONS 2', 'COALESCE PARTITION 1', 'COALESCE PARTITION 2').map((clause) =>
    alter('hashed', clause),
  ),
  oneOf("'k'", "'it''s'", "'m', 'n'").map((values) =>
    alter('parts', `ADD PARTITION (PARTITION p3 VALUES IN (${values}))`),
  ),
  fc.constant(alter('parts', 'DROP PARTITION p2')),
  oneOf(
    'HASH (a) PARTITIONS 2',
    'LINEAR HASH (a) PARTITIONS 4',
    'KEY ALGORITHM=2 (a) PARTITIONS 2',
    'RANGE COLUMNS (a) (PARTITION q VALUES LESS THAN (10), PARTITION r VALUES LESS THAN (MAXVALUE))',
    'LIST (a) (PARTITION q VALUES IN (1, NULL))',
    'RANGE (a) SUBPARTITION BY HASH (a) SUBPARTITIONS 2 (PARTITION q VALUES LESS THAN MAXVALUE)',
  ).map((by) => alter('hashed', `PARTITION BY ${by}`)),
)

const options = fc.oneof(
  fc
    .tuple(oneOf('parents', 'order', 'logs', 'hashed'), text)
    .map(([table, value]) => alter(table, `COMMENT=${value === "''" && table !== 'parents' ? "'n'" : value}`)),
  oneOf('DYNAMIC', 'REDUNDANT', 'COMPACT').map((format) => alter('parents', `ROW_FORMAT=${format}`)),
  oneOf(
    'STATS_PERSISTENT=0',
    'STATS_AUTO_RECALC=1',
    'STATS_SAMPLE_PAGES=50',
    'MAX_ROWS=1000',
    'AVG_ROW_LENGTH=99',
    'CHECKSUM=1',
    'DELAY_KEY_WRITE=1',
    'PACK_KEYS=1',
  ).map((option) => alter('parents', option)),
  fc.constant(alter('order', 'ROW_FORMAT=DYNAMIC', 'KEY_BLOCK_SIZE=0')),
)

const collations = fc.oneof(
  fc
    .tuple(
      oneOf('parents', 'order', 'hashed', 'logs'),
      oneOf('utf8mb4 COLLATE utf8mb4_unicode_ci', 'latin1', 'utf8', 'utf8mb4 COLLATE utf8mb4_bin'),
    )
    .map(([table, set]) => alter(table, `DEFAULT CHARACTER SET ${set}`)),
  oneOf('utf8mb4', 'latin1 COLLATE latin1_bin', 'utf8mb4 COLLATE utf8mb4_unicode_ci').map((set) =>
    alter('parts', `CONVERT TO CHARACTER SET ${set}, COMMENT 'converted'`),
  ),
  oneOf('utf8mb4 COLLATE utf8mb4_unicode_ci', 'utf8').map((set) => alter('order', `CONVERT TO CHARACTER SET ${set}`)),
  oneOf('latin1', 'utf8mb4 COLLATE utf8mb4_unicode_ci', 'utf8 COLLATE utf8_bin').map((set) =>
    edit('schema app', `ALTER DATABASE CHARACTER SET ${set}`),
  ),
)

const tables = fc.oneof(
  fc
    .tuple(oneOf(...types), oneOf('by hand', 'Upper', 'a`b', 'select'))
    .map(([type, name]) =>
      edit(`table ${name}`, `CREATE TABLE \`${name.replace('`', '``')}\` (id INT PRIMARY KEY, c ${type})`),
    ),
  oneOf('logs', 'parts', 'hashed', 'order').map((name) => edit(`table ${name}`, `DROP TABLE \`${name}\``)),
  oneOf('logs', 'parts', 'parents').map(
    (name): HandEdit => ({
      statements: [`RENAME TABLE ${name} TO ${name}_2`],
      objects: [`table ${name}`, `table ${name}_2`],
    }),
  ),
)

const views = fc.oneof(
  fc
    .tuple(oneOf('', 'ALGORITHM=MERGE ', 'SQL SECURITY INVOKER '), number)
    .map(([option, value]) =>
      edit(
        'view z_base',
        `CREATE OR REPLACE ${option}VIEW z_base AS SELECT id, name, 'y' AS label FROM \`order\` WHERE id > ${value}`,
      ),
    ),
  oneOf('a_top', 'z_base').map((name) => edit(`view ${name}`, `DROP VIEW ${name}`)),
  oneOf('DEFINER', 'INVOKER').map((security) =>
    edit(
      'view by hand',
      `CREATE SQL SECURITY ${security} VIEW \`by hand\` (one, \`t w o\`) AS SELECT id, name FROM z_base`,
    ),
  ),
  oneOf('', ' WITH LOCAL CHECK OPTION').map((check) =>
    edit('view a_top', `ALTER VIEW a_top AS SELECT id, id + 1 AS twice FROM z_base WHERE id > 0${check}`),
  ),
  fc.constant({
    statements: ['DROP VIEW a_top', 'CREATE TABLE a_top (id INT PRIMARY KEY)'],
    objects: ['view a_top', 'table a_top'],
  }),
  fc.constant(edit('view both', 'CREATE VIEW `both` AS SELECT id FROM parents UNION ALL SELECT COUNT(*) FROM a_top')),
)

const routines = fc.oneof(
  oneOf('PROCEDURE work', 'FUNCTION double_it').map((name) =>
    edit(name.toLowerCase().replace('procedure ', 'procedure '), `DROP ${name}`),
  ),
  text
    .filter((value) => value !== "''")
    .map((value) => edit('procedure work', `ALTER PROCEDURE work COMMENT ${value}`)),
  oneOf('SQL SECURITY INVOKER', "COMMENT 'thrice'", 'CONTAINS SQL', 'READS SQL DATA').map((option) =>
    edit('function double_it', `ALTER FUNCTION double_it ${option === 'CONTAINS SQL' ? 'NO SQL' : option}`),
  ),
  number.map((value) =>
    edit(
      'function double_it',
      'DROP FUNCTION double_it',
      `CREATE FUNCTION double_it(n INT) RETURNS INT DETERMINISTIC COMMENT 'twice' RETURN n * ${value + 2}`,
    ),
  ),
  text.map((value) =>
    edit(
      'function by hand',
      `CREATE FUNCTION \`by hand\`(s VARCHAR(20) CHARSET latin1) RETURNS VARCHAR(40) DETERMINISTIC RETURN CONCAT(s, ${value}, "x;")`,
    ),
  ),
  fc.constant(
    edit(
      'procedure hand',
      'CREATE PROCEDURE hand(INOUT n DECIMAL(9,2)) MODIFIES SQL DATA BEGIN -- a note;\n  DECLARE EXIT HANDLER FOR SQLEXCEPTION ROLLBACK; /* another */\n  SET n = n + 1; END',
    ),
  ),
  fc.constant(
    edit(
      'procedure work',
      "SET SESSION sql_mode = 'ANSI_QUOTES'",
      'DROP PROCEDURE work',
      'CREATE PROCEDURE work(IN n INT, OUT result INT) SQL SECURITY INVOKER BEGIN DECLARE i INT DEFAULT 0; WHILE i < n DO SET i = i + 1; END WHILE; SET result = i; END',
      'SET SESSION sql_mode = DEFAULT',
    ),
  ),
)

const triggers = fc.oneof(
  oneOf('first_change', 'a_second').map((name) => edit(`trigger ${name}`, `DROP TRIGGER ${name}`)),
  fc
    .tuple(oneOf('BEFORE', 'AFTER'), oneOf('INSERT', 'UPDATE', 'DELETE'), oneOf('order', 'parents', 'logs'), text)
    .map(([time, event, table, value]) =>
      edit(
        'trigger by hand',
        `CREATE TRIGGER \`by hand\` ${time} ${event} ON \`${table}\` FOR EACH ROW BEGIN SET @x = ${value}; SET @y = 1; END`,
      ),
    ),
  oneOf('FOLLOWS', 'PRECEDES').map((order) =>
    edit(
      'trigger third',
      `CREATE TRIGGER third BEFORE UPDATE ON \`order\` FOR EACH ROW ${order} first_change SET NEW.small = 1`,
    ),
  ),
  fc.constant(
    edit(
      'trigger first_change',
      'DROP TRIGGER first_change',
      'CREATE TRIGGER first_change BEFORE UPDATE ON `order` FOR EACH ROW SET NEW.flag = 1',
    ),
  ),
  number.map((value) =>
    edit(
      'trigger a_second',
      'DROP TRIGGER a_second',
      `CREATE TRIGGER a_second BEFORE UPDATE ON \`order\` FOR EACH ROW SET NEW.small = ${value}`,
    ),
  ),
)

const events = fc.oneof(
  fc.constant(edit('event nightly', 'DROP EVENT nightly')),
  oneOf("COMMENT 'by hand'", 'ON COMPLETION NOT PRESERVE', 'RENAME TO weekly', 'DO DELETE FROM logs', 'ENABLE').map(
    (clause): HandEdit => ({
      statements: [`ALTER EVENT nightly ${clause}`],
      objects: clause.startsWith('RENAME') ? ['event nightly', 'event weekly'] : ['event nightly'],
    }),
  ),
  number.map((days) =>
    edit('event nightly', `ALTER EVENT nightly ON SCHEDULE EVERY ${days + 1} DAY STARTS '2026-01-01 03:00:00'`),
  ),
  oneOf('HOUR', 'MINUTE', 'WEEK').map((unit) =>
    edit(
      'event hand',
      `CREATE EVENT hand ON SCHEDULE EVERY 3 ${unit} STARTS '2031-02-03 04:05:06' ENDS '2032-01-01 00:00:00' DISABLE DO BEGIN SET @a = 1; SET @b = ';'; END`,
    ),
  ),
  fc.constant(edit('event once', "CREATE EVENT once ON SCHEDULE AT '2035-01-01 00:00:00' DISABLE DO SET @a = 1")),
  fc.constant(
    edit(
      'event nightly',
      "SET SESSION time_zone = '+05:00'",
      "ALTER EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 03:00:00'",
      'SET SESSION time_zone = DEFAULT',
    ),
  ),
)

/** Edits of `richSchema`, by what they change. */
export const handEdits: Readonly<Record<string, fc.Arbitrary<HandEdit>>> = {
  tables,
  columns,
  defaults,
  'generated columns': generated,
  indexes,
  'foreign keys': keys,
  partitions,
  options,
  collations,
  views,
  routines,
  triggers,
  events,
}

/** Edits of `newerSchema`: what only later servers have. */
export const newerHandEdits: Readonly<Record<string, fc.Arbitrary<HandEdit>>> = { 'checks and expressions': checks }

/** What changes nothing that a schema says. */
export const harmlessEdits: readonly string[] = [
  'ALTER TABLE parents AUTO_INCREMENT = 900',
  'ALTER TABLE parents FORCE',
  'ANALYZE TABLE parents, `order`',
  'OPTIMIZE TABLE logs',
  "INSERT INTO parents (code) VALUES ('x')",
  'RENAME TABLE parts TO parts_2, parts_2 TO parts',
  'ALTER TABLE `order` MODIFY small TINYINT(3) UNSIGNED',
  'ALTER TABLE `order` ADD z INT',
  'ALTER TABLE `order` DROP z',
  'ALTER TABLE `order` DROP KEY idx_name, ADD KEY idx_name (name(10), at DESC)',
  "CREATE OR REPLACE VIEW z_base AS SELECT `order`.`id` AS `id`, name, 'x' AS label FROM `order` WHERE (flag = 1)",
  'ALTER TABLE logs REBUILD PARTITION p1',
  'ALTER TABLE hashed PARTITION BY KEY (a) PARTITIONS 3',
]
