import { findColumns } from '../find-columns.ts'
import { addedIndexes } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const nameTooLong: StatementRule = {
  code: 'NAME_TOO_LONG',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'naming',
  title: { en: 'A name of more than 64 characters', zh: '超过 64 个字符的名称' },
  why: { en: 'The server refuses the statement.', zh: '服务器会拒绝该语句。' },
  fix: { en: 'Shorten the name.', zh: '请缩短名称。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/identifier-length.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a_table_whose_name_was_made_by_joining_all_the_words_of_its_description (id INT PRIMARY KEY)',
        claims: { server: 'refuses', number: 1059 },
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa INT)',
        claims: { server: 'refuses', number: 1059 },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a_name_of_exactly_sixty_four_characters_is_still_taken_by_mysql_ (id INT PRIMARY KEY)' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)' },
    ],
  },
  find: (subject) => [
    ...findColumns(subject, ({ name }) =>
      [...name].length > 64
        ? { en: `has a name of ${[...name].length} characters`, zh: `的名称有 ${[...name].length} 个字符` }
        : null,
    ),
    ...[...subject.statement.objects, ...addedIndexes(subject)].flatMap(({ name }) =>
      [...name].length > 64
        ? [
            {
              message: {
                en: `\`${name}\` is a name of ${[...name].length} characters.`,
                zh: `名称 \`${name}\` 有 ${[...name].length} 个字符。`,
              },
            },
          ]
        : [],
    ),
  ],
}
