import { optionValue } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const oldRowFormat: StatementRule = {
  code: 'OLD_ROW_FORMAT',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'warning',
  family: 'options',
  title: {
    en: '`ROW_FORMAT` other than `DYNAMIC`, or `KEY_BLOCK_SIZE`',
    zh: '`DYNAMIC` 以外的 `ROW_FORMAT`，或 `KEY_BLOCK_SIZE`',
  },
  why: {
    en: 'REDUNDANT and COMPACT limit indexes to 767 bytes, COMPRESSED needs more memory and CPU, FIXED is refused in strict mode, and none of them gets INSTANT in all cases.',
    zh: 'REDUNDANT 和 COMPACT 的索引限制为 767 字节，COMPRESSED 占双份内存和 CPU，FIXED 在严格模式下被拒绝，且都不一定支持 INSTANT。',
  },
  fix: { en: 'Leave it out: DYNAMIC is the default.', zh: '请去掉它：默认就是 DYNAMIC。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-row-format.html',
  fixtures: {
    found: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE=InnoDB ROW_FORMAT=COMPRESSED', claims: { server: 'accepts' } },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE=InnoDB ROW_FORMAT=FIXED',
        claims: { server: 'refuses', number: 1031 },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE=InnoDB ROW_FORMAT=DYNAMIC' }],
  },
  find: ({ tokens, statement }) => {
    const format = optionValue(tokens, statement.verb, 'ROW_FORMAT')
    const isOld = format !== null && !/^(?:dynamic|default)$/i.test(format)
    const block = optionValue(tokens, statement.verb, 'KEY_BLOCK_SIZE')
    if (!isOld && (block === null || block === '0')) return []
    const what = isOld ? `ROW_FORMAT=${format}` : `KEY_BLOCK_SIZE=${block}`
    return [{ message: { en: `${what} has no advantage over DYNAMIC.`, zh: `${what} 相比 DYNAMIC 没有优势。` } }]
  },
}
