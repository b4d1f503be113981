import { readAlterations } from '../../sql/clauses.ts'
import { tableBefore } from '../find-keys.ts'
import { offlineAlgorithm } from '../offline-algorithm.ts'
import type { FileRule } from '../rule.ts'

export const severalAlters: FileRule = {
  code: 'SEVERAL_ALTERS',
  looksAt: 'file',
  severity: 'hint',
  family: 'blocking',
  title: {
    en: 'Several `ALTER TABLE` statements for one table in one file',
    zh: '同一文件中对同一张表的多条 `ALTER TABLE`',
  },
  why: {
    en: 'Each may rewrite the table: one statement with all changes rewrites it once.',
    zh: '每条都可能重写整张表：合并为一条语句只需重写一次。',
  },
  fix: {
    en: 'Write the changes that are not instant as one ALTER TABLE.',
    zh: '请把不能瞬间完成的变更合并成一条 ALTER TABLE。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, m INT)',
        sql: 'ALTER TABLE a MODIFY n BIGINT; ALTER TABLE a MODIFY m BIGINT',
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, m INT)',
        sql: 'ALTER TABLE a ADD x INT; ALTER TABLE a ADD y INT',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE TABLE b (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a MODIFY n BIGINT; ALTER TABLE b MODIFY n BIGINT',
      },
    ],
  },
  find: ({ file, target }) => {
    const made = new Set(
      file.up
        .filter(({ statement }) => statement.verb === 'CREATE TABLE')
        .map(({ statement }) => statement.objects[0]?.name),
    )
    const seen = new Set<string>()
    return file.up.flatMap((read) => {
      const name = read.statement.verb === 'ALTER TABLE' ? read.statement.objects[0]?.name : undefined
      if (name === undefined || made.has(name)) return []
      const clauses = readAlterations(read.tokens)
      const facts = { table: tableBefore(read), version: target }
      if (!clauses.some((clause) => offlineAlgorithm(clause, clauses, facts)?.algorithm === 'COPY')) return []
      const isSecond = seen.has(name)
      seen.add(name)
      const message = { en: `\`${name}\` is copied again by this statement.`, zh: `该语句会再次复制 \`${name}\`。` }
      return isSecond ? [{ statement: read.statement, message }] : []
    })
  },
}
