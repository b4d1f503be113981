import { kindOf } from '../../ddl/read-parts.ts'
import type { Index } from '../../ddl/table.ts'
import { findIndexes, hasColumnsOnly, indexVerbs, printParts } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const duplicateIndex: StatementRule = {
  code: 'DUPLICATE_INDEX',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'warning',
  family: 'keys',
  title: { en: 'An index on the same columns as another one', zh: '与另一个索引列完全相同的索引' },
  why: {
    en: 'Every write maintains both, and no query benefits from the second one; MySQL gives a warning.',
    zh: '每次写入都要维护两个索引，而第二个对任何查询都没有用；MySQL 会给出警告。',
  },
  fix: { en: 'Leave it out.', zh: '请去掉它。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-index.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, b INT, KEY i (b), KEY j (b))',
        claims: { server: 'warns', number: 1831 },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, b VARCHAR(20), UNIQUE KEY u (b))', sql: 'CREATE INDEX i ON a (b)' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, UNIQUE KEY u (id))' },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, b INT, c INT, KEY i (b), KEY j (c), UNIQUE KEY u (b, c), KEY k (c, b))',
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, b VARCHAR(99), KEY i (b), FULLTEXT KEY f (b))' },
    ],
  },
  find: (subject) =>
    findIndexes(subject, (index, table) => {
      if (!hasColumnsOnly(index)) return null
      const others = table.indexes.slice(0, table.indexes.indexOf(index))
      const twin = [...others, ...table.indexes.filter(({ name }) => name === 'PRIMARY')].find(
        (other) => other !== index && isSameUse(other, index) && printParts(other) === printParts(index),
      )
      if (twin === undefined) return null
      const name = twin.name === 'PRIMARY' ? 'the primary key' : `\`${twin.name}\``
      return {
        en: `has the same columns as ${name}`,
        zh: `与${twin.name === 'PRIMARY' ? '主键' : ` \`${twin.name}\` `}的列相同`,
      }
    }),
}

/** A non-unique index adds nothing to a unique one; a unique index on the columns of a plain one has its own meaning. */
function isSameUse(other: Index, index: Index): boolean {
  const kinds = ['FULLTEXT', 'SPATIAL']
  const [kind, own] = [kindOf(other), kindOf(index)]
  if (kinds.includes(kind) || kinds.includes(own)) return kind === own
  return own === 'INDEX' || kind !== 'INDEX'
}
