import type { FileRule } from '../rule.ts'

export const sessionNotReset: FileRule = {
  code: 'SESSION_NOT_RESET',
  looksAt: 'file',
  severity: 'hint',
  family: 'options',
  title: { en: 'A session variable that the file does not reset', zh: '文件没有恢复的会话开关' },
  why: {
    en: 'It applies to every later statement of the file, including statements that are added later.',
    zh: '它对文件中之后的所有语句都有效，包括以后追加的语句。',
  },
  fix: {
    en: 'Reset it after the statement that needs it: SET x = DEFAULT.',
    zh: '请在需要它的语句之后恢复：SET x = DEFAULT。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/set-variable.html',
  fixtures: {
    found: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY)', sql: 'SET foreign_key_checks = 0; DELETE FROM a WHERE id = 1' },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        sql: 'SET foreign_key_checks = 0; DELETE FROM a WHERE id = 1; SET foreign_key_checks = 1',
      },
      { sql: 'SET @x = 1' },
    ],
  },
  find: ({ file }) => {
    const statementsOf = new Map<string, number>()
    for (const { statement } of file.up) {
      for (const name of new Set(statement.sessionVariables)) statementsOf.set(name, (statementsOf.get(name) ?? 0) + 1)
    }
    return file.up.flatMap(({ statement }) => {
      const names = statement.verb === 'SET' ? statement.sessionVariables.filter((name) => switches.includes(name)) : []
      const open = names.filter((name) => statementsOf.get(name) === 1)
      return open.map((name) => ({
        statement,
        message: {
          en: `\`${name}\` stays changed to the end of the file.`,
          zh: `\`${name}\` 直到文件末尾都保持改变。`,
        },
      }))
    })
  },
}

const switches = [
  'foreign_key_checks',
  'unique_checks',
  'sql_mode',
  'sql_safe_updates',
  'sql_require_primary_key',
  'sql_generate_invisible_primary_key',
  'time_zone',
  'autocommit',
]
