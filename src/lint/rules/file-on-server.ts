import { isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const fileOnServer: StatementRule = {
  code: 'FILE_ON_SERVER',
  looksAt: 'statement',
  verbs: ['LOAD DATA', 'LOAD XML', 'SELECT'],
  severity: 'warning',
  family: 'options',
  title: {
    en: "A file on the server's disk: `LOAD DATA INFILE` or `INTO OUTFILE`",
    zh: '服务器磁盘上的文件：`LOAD DATA INFILE` 或 `INTO OUTFILE`',
  },
  why: {
    en: 'The file exists on only one server, the statement needs the FILE privilege, and secure_file_priv blocks most paths.',
    zh: '文件只在一台服务器上，需要 FILE 权限，且 secure_file_priv 会拒绝大多数路径。',
  },
  fix: { en: 'Keep rows in the migration or in seeds/.', zh: '请把数据放在迁移或 seeds/ 中。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/load-data.html',
  fixtures: {
    found: [
      { sql: "LOAD DATA INFILE '/var/lib/rows.csv' INTO TABLE a" },
      { sql: "SELECT id FROM a INTO OUTFILE '/var/lib/rows.csv'" },
    ],
    clean: [{ sql: 'SELECT id INTO @x FROM a WHERE id = 1' }],
  },
  find: ({ tokens, statement }) =>
    statement.verb.startsWith('LOAD') || tokens.some((token) => isWord(token, 'OUTFILE', 'DUMPFILE'))
      ? [{ message: { en: 'The statement needs a file on the server.', zh: '该语句需要服务器上的文件。' } }]
      : [],
}
