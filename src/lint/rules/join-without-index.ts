import { findObject, type Schema } from '../../ddl/schema.ts'
import { findJoins, type Join, type JoinedColumn, joiningVerbs, keptQueries } from '../joined-columns.ts'
import type { HistoryRule } from '../rule.ts'
import type { ReadStatement } from '../subjects.ts'
import { isIndexed } from '../written-conditions.ts'

export const joinWithoutIndex: HistoryRule = {
  code: 'JOIN_WITHOUT_INDEX',
  looksAt: 'history',
  severity: 'warning',
  family: 'keys',
  title: {
    en: 'A join in a view or routine on a reference column (`..._id`) without an index, or with no index on either side',
    zh: '视图或存储程序用来连接表的引用列（`..._id`）没有索引，或连接的两侧都没有索引',
  },
  why: {
    en: 'For each row of the other table the server reads this whole table, or builds a hash table of it.',
    zh: '服务器要为另一张表的每一行读完整张表，或为它建立哈希表。',
  },
  fix: { en: 'Add an index that starts with the column.', zh: '请添加以该列开头的索引。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/mysql-indexes.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20)); CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT)',
        sql: 'CREATE VIEW v AS SELECT c.name, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id',
      },
      {
        sql: "CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20)); CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT); CREATE PROCEDURE r() SELECT o.id FROM customers c, orders o WHERE c.id = o.customer_id AND c.name = 'x'",
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, code INT); CREATE TABLE b (id INT PRIMARY KEY, code INT, n INT)',
        sql: 'UPDATE a JOIN b ON a.code = b.code SET b.n = 1 WHERE a.id = 1',
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20)); CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT, KEY k (customer_id))',
        sql: 'CREATE VIEW v AS SELECT c.name, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id',
      },
      {
        sql: 'CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20)); CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT); CREATE VIEW v AS SELECT c.name, o.id FROM customers c JOIN orders o ON o.customer_id = c.id; CREATE INDEX k ON orders (customer_id)',
      },
      {
        setup:
          'CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20)); CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT, name VARCHAR(20))',
        sql: 'UPDATE orders o JOIN customers c ON c.id = o.customer_id SET o.name = c.name WHERE o.id < 1000',
      },
    ],
  },
  find: ({ files, judged, schema }) => {
    const seen = new Set<string>()
    return files
      .filter(({ file }) => judged.has(file))
      .flatMap(({ up }) => up.filter(({ statement }) => joiningVerbs.includes(statement.verb)))
      .flatMap((read) =>
        findJoins(read.statement, read.before).flatMap((join) =>
          listUnserved(read, join, schema).flatMap(({ table, column }) => {
            const quoted = `\`${table.name}\`.\`${column.name}\``
            if (seen.has(quoted)) return []
            seen.add(quoted)
            const message = {
              en: `${quoted} is used in a join and has no index.`,
              zh: `${quoted} 用于连接，却没有索引。`,
            }
            return [{ statement: read.statement, ...(join.at === null ? {} : { at: join.at }), message }]
          }),
        ),
      )
  },
}

/** The sides of a join that should have an index: for a stored query, by the final state. */
function listUnserved({ statement, before }: ReadStatement, { sides }: Join, schema: Schema) {
  const isKept = keptQueries.includes(statement.verb)
  const bare = sides.filter((side) => !hasIndex(side, isKept ? schema : before))
  if (!isKept) return bare.length === 2 && bare.every(({ table }) => table.at?.file !== statement.file) ? bare : []
  return bare.filter(({ column }) => bare.length === 2 || /_id$|[a-z]I[dD]$/.test(column.name))
}

function hasIndex({ table, column }: JoinedColumn, schema: Schema): boolean {
  const now = findObject(schema, { schema: null, name: table.name })
  // A table that is dropped in the end needs none.
  return now.type !== 'table' || isIndexed(now.table, column)
}
