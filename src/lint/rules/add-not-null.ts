import { readColumnAttributes } from '../../ddl/column-attributes.ts'
import { readColumnType } from '../../ddl/column-type.ts'
import { readAdded } from '../../ddl/read-alterations.ts'
import { type Clause, isWord, listNames, readAlterations } from '../../sql/clauses.ts'
import { isFirstTableOccupied } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const addNotNull: HazardRule = {
  code: 'ADD_NOT_NULL',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'existing-rows',
  title: {
    en: '`ADD COLUMN ... NOT NULL` without a `DEFAULT`, to a table with rows',
    zh: '向有数据的表 `ADD COLUMN ... NOT NULL` 却没有 `DEFAULT`',
  },
  why: {
    en: 'Existing rows get an implicit default: an empty string or 0, while a date is refused. Every INSERT of running code that does not set the column fails.',
    zh: '已有的行会得到隐式默认值：空字符串或 0，日期则被拒绝；运行中代码里不写该列的 INSERT 都会失败。',
  },
  fix: {
    en: 'Add a DEFAULT, or add the column as NULL, fill it, and make it NOT NULL in a later migration.',
    zh: '请加上 DEFAULT；或先以 NULL 添加该列、填充数据，再在之后的迁移中改为 NOT NULL。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/data-type-defaults.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'ALTER TABLE a ADD COLUMN m INT NOT NULL',
        claims: { server: 'answers', query: 'SELECT m FROM a', answer: '0;0' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'ALTER TABLE a ADD COLUMN since DATE NOT NULL',
        claims: { server: 'refuses', number: 1292 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD COLUMN m INT NOT NULL DEFAULT 0',
      },
      { sql: 'CREATE TABLE b (id INT PRIMARY KEY); ALTER TABLE b ADD COLUMN m INT NOT NULL' },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const names = readAlterations(tokens)
      .flatMap(readAdded)
      .filter(([, definition]) => lacksDefault(definition))
    if (names.length === 0 || !isFirstTableOccupied(statement, context)) return []
    const columns = listNames(names.map(([name]) => name))
    return [
      {
        message: {
          en: `Existing rows get an implicit default as ${columns}: an empty string or 0, while a date is refused. Every INSERT that does not set it fails.`,
          zh: `已有的行会得到隐式默认值作为 \`${names.map(([name]) => name).join('`、`')}\`：空字符串或 0，日期则被拒绝；不写该列的 INSERT 都会失败。`,
        },
      },
    ]
  },
}

function lacksDefault(definition: Clause): boolean {
  const type = readColumnType(definition)
  const { default: value, autoIncrement, generated } = readColumnAttributes(definition)
  return (
    type !== null &&
    !type.nullable &&
    value === null &&
    !autoIncrement &&
    generated === null &&
    !isWord(definition[0], 'SERIAL')
  )
}
