import { isMark, isWord } from '../../sql/clauses.ts'
import { columnSentence, columnVerbs, definedColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const displayWidth: StatementRule = {
  code: 'DISPLAY_WIDTH',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'hint',
  onByDefault: 'strict',
  family: 'types',
  title: {
    en: 'A display width after an integer type, such as `INT(11)`',
    zh: '整数类型后的显示宽度，例如 `INT(11)`',
  },
  why: {
    en: 'The width does not limit values: INT(3) stores the same range as INT. It has been deprecated since 8.0.17.',
    zh: '宽度不限制取值范围：INT(3) 与 INT 能存的值一样。MySQL 自 8.0.17 起已弃用它。',
  },
  fix: {
    en: 'Write the type without a width. TINYINT(1) may stay: drivers read it as a flag.',
    zh: '请写不带宽度的类型。TINYINT(1) 可以保留：驱动会把它当作布尔值。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/numeric-type-attributes.html',
  fixtures: {
    found: [
      { sql: 'CREATE TABLE a (id INT(11) PRIMARY KEY)', claims: { server: 'warns', number: 1681, since: '8.0.19' } },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        sql: 'ALTER TABLE a ADD n BIGINT(20) UNSIGNED',
        claims: { server: 'warns', number: 1681, since: '8.0.19' },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, flag TINYINT(1), n DECIMAL(11), code CHAR(11))' }],
  },
  find: (subject) =>
    definedColumns(subject).flatMap(({ name, at, definition: [type, open, width, close, next] }) => {
      if (!isWord(type, ...integers) || !isMark(open, '(') || (isWord(type, 'TINYINT') && width?.text === '1'))
        return []
      if (open === undefined || close === undefined || isWord(next, 'ZEROFILL')) return []
      const said = { en: 'has a display width', zh: '指定了显示宽度' }
      const edits = [{ start: open.start, end: close.end, text: '' }]
      return [{ at, edits, message: columnSentence(subject.statement.objects[0]?.name ?? '', name, said) }]
    }),
}

const integers = ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'INTEGER', 'BIGINT']
