import { isWord } from '../../sql/clauses.ts'
import { indexVerbs, tableAfter } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const hashIndex: StatementRule = {
  code: 'HASH_INDEX',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'warning',
  family: 'keys',
  title: {
    en: '`USING HASH` on an InnoDB table, which has no hash indexes',
    zh: '在没有哈希索引的 InnoDB 表上使用 `USING HASH`',
  },
  why: { en: 'InnoDB creates a B-tree index instead, with only a note.', zh: 'InnoDB 会改建 B 树，只给出一条提示。' },
  fix: { en: 'Leave USING HASH out.', zh: '请去掉 USING HASH。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-index.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20), KEY i (code) USING HASH) ENGINE=InnoDB',
        claims: { server: 'warns', number: 3502 },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20), KEY i (code) USING BTREE)' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20), KEY i (code) USING HASH) ENGINE=MEMORY' },
    ],
  },
  find: (subject) => {
    const at = subject.tokens.find(
      (token, index) => isWord(token, 'HASH') && isWord(subject.tokens[index - 1], 'USING', 'TYPE'),
    )
    const engine = tableAfter(subject)?.options['ENGINE'] ?? 'InnoDB'
    if (at === undefined || !/^innodb$/i.test(engine)) return []
    return [{ at, message: { en: 'InnoDB creates a B-tree for this index.', zh: 'InnoDB 会把该索引建成 B 树。' } }]
  },
}
