import { hasWords } from '../../sql/clauses.ts'
import { optionsOf, optionValue } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const dataDirectory: StatementRule = {
  code: 'DATA_DIRECTORY',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'warning',
  family: 'options',
  title: {
    en: 'A directory or tablespace of one server in a table definition',
    zh: '表定义中写了某台服务器的目录或表空间',
  },
  why: {
    en: 'The path exists on only one server: on others the statement fails.',
    zh: '该路径只存在于一台服务器：在其他服务器上语句会失败。',
  },
  fix: { en: 'Leave it out, and let the server place its files.', zh: '请去掉它，由服务器安排文件位置。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-create-table-external.html',
  fixtures: {
    found: [
      { sql: "CREATE TABLE a (id INT PRIMARY KEY) DATA DIRECTORY='/mnt/fast'" },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY) TABLESPACE=missing_space',
        claims: { server: 'refuses', number: 3510 },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY) TABLESPACE=innodb_file_per_table' }],
  },
  find: ({ tokens, statement }) => {
    const options = optionsOf(tokens)
    const at = options.findIndex(
      (_, index) => hasWords(options, index, 'DATA', 'DIRECTORY') || hasWords(options, index, 'INDEX', 'DIRECTORY'),
    )
    const space = optionValue(tokens, statement.verb, 'TABLESPACE')
    if (at < 0 && (space === null || /^innodb_(?:file_per_table|system|temporary)$/i.test(space))) return []
    return [
      { message: { en: 'The definition contains a location on one server.', zh: '定义中写了某台服务器的位置。' } },
    ]
  },
}
