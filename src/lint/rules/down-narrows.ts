import { printType } from '../../ddl/column-type.ts'
import { readColumnDefinition } from '../../ddl/read-alterations.ts'
import { typeOf } from '../../ddl/read-parts.ts'
import { findKnownColumn } from '../../ddl/table.ts'
import { readAlterations } from '../../sql/clauses.ts'
import { columnSentence } from '../find-columns.ts'
import { tableAfter, tableBefore } from '../find-keys.ts'
import { findNarrowing } from '../narrowing.ts'
import type { StatementRule } from '../rule.ts'

export const downNarrows: StatementRule = {
  code: 'DOWN_NARROWS',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  parts: 'down',
  severity: 'hint',
  family: 'data-loss',
  title: {
    en: 'A down part that changes a column to a type which cannot store every value of the current one',
    zh: 'down 部分把列改成存不下现有类型所有值的类型',
  },
  why: {
    en: 'Values written since the up part may not fit: a rollback fails in the middle of a table copy, or loses them if sql_mode is not strict.',
    zh: 'up 部分执行之后写入的值可能放不下：回滚会在复制表的中途失败，在非严格的 sql_mode 下则会丢失这些值。',
  },
  fix: {
    en: 'Keep the wider type in the down part: the previous code works with it, too.',
    zh: '请在 down 部分保留较宽的类型：原来的代码用它同样能运行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(20)) CHARSET=utf8mb4',
        sql: 'ALTER TABLE a MODIFY name VARCHAR(60)',
        down: 'ALTER TABLE a MODIFY name VARCHAR(20)',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT NULL)',
        sql: 'ALTER TABLE a ADD m INT',
        down: 'ALTER TABLE a DROP m, CHANGE n n SMALLINT',
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(60)) CHARSET=utf8mb4',
        sql: 'ALTER TABLE a MODIFY name VARCHAR(20)',
        down: 'ALTER TABLE a MODIFY name VARCHAR(60)',
      },
      {
        setup: "CREATE TABLE a (id INT PRIMARY KEY, n INT NULL) COMMENT 'x'",
        sql: "ALTER TABLE a MODIFY n INT NULL COMMENT 'y'",
        down: "ALTER TABLE a MODIFY n INT NULL COMMENT ''",
      },
    ],
  },
  find: (subject) => {
    const [before, after] = [tableBefore(subject), tableAfter(subject)]
    if (before === null || after === null) return []
    const renamed = new Map(
      readAlterations(subject.tokens).flatMap((clause) => {
        const written = readColumnDefinition(clause)
        return written === null ? [] : [[written.column.toLowerCase(), written.renamed] as const]
      }),
    )
    return before.columns.flatMap((column) => {
      const [name, from] = [column.name, typeOf(column)]
      const to = typeOf(findKnownColumn(after, renamed.get(name.toLowerCase()) ?? name))
      const narrows = from !== null && to !== null && column.generated === null && findNarrowing(from, to).length > 0
      if (!narrows) return []
      const reason = { en: findNarrowing(from, to).join('; '), zh: printType(to) }
      const said = { en: `narrows: ${reason.en}`, zh: `变为 ${reason.zh}，存不下现有类型的所有值` }
      return [{ message: columnSentence(before.name, name, said) }]
    })
  },
}
