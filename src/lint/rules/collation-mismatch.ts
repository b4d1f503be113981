import type { InBoth } from '../../core/in-both.ts'
import { canonicalCharset } from '../../ddl/column-type.ts'
import { type Clause, isMark, isWord, outerTokens } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import { optionsOf } from '../find-keys.ts'
import type { LintFinding, StatementRule } from '../rule.ts'

export const collationMismatch: StatementRule = {
  code: 'COLLATION_MISMATCH',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'types',
  title: { en: 'A collation that does not belong to the character set', zh: '排序规则不属于所写的字符集' },
  why: {
    en: 'A collation belongs to one character set: the server refuses the statement.',
    zh: '一个排序规则只属于一个字符集：服务器会拒绝该语句。',
  },
  fix: {
    en: 'Write a collation of the character set; its name starts with the name of the character set.',
    zh: '请写该字符集的排序规则；其名称以字符集名开头。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/charset-column.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, tag VARCHAR(20) CHARACTER SET utf8mb4 COLLATE latin1_bin)',
        claims: { server: 'refuses', number: 1253 },
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY) CHARACTER SET utf8mb4 COLLATE ascii_bin',
        claims: { server: 'refuses', number: 1253 },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, tag VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, tag VARCHAR(20) CHARACTER SET utf8 COLLATE utf8mb3_bin)' },
    ],
  },
  find: (subject) => [
    ...findColumns(subject, ({ definition }) => {
      const found = readMismatch(definition)
      return found === null ? null : { en: `has ${found.en}`, zh: `的${found.zh}` }
    }),
    ...tableMismatch(subject.tokens, subject.statement.verb),
  ],
}

function tableMismatch(tokens: Clause, verb: string): readonly LintFinding[] {
  const found = verb === 'CREATE TABLE' ? readMismatch(optionsOf(tokens)) : null
  return found === null ? [] : [{ message: { en: `The table has ${found.en}.`, zh: `表的${found.zh}。` } }]
}

function readMismatch(tokens: Clause): InBoth | null {
  const outer = outerTokens(tokens)
  const valueAfter = (at: number): string | undefined => tokens[isMark(tokens[at + 1], '=') ? at + 2 : at + 1]?.text
  const set = outer.find(
    ({ token, at }) => isWord(token, 'CHARSET') || (isWord(token, 'SET') && isWord(tokens[at - 1], 'CHARACTER')),
  )
  const collate = outer.find(({ token }) => isWord(token, 'COLLATE'))
  const [charset, collation] = [set && valueAfter(set.at), collate && valueAfter(collate.at)]
  if (charset === undefined || collation === undefined || collation.toLowerCase() === 'binary') return null
  const owner = canonicalCharset(collation.split('_')[0] ?? '')
  if (owner === canonicalCharset(charset)) return null
  return {
    en: `the collation ${collation}, which does not belong to ${charset}`,
    zh: `排序规则 ${collation} 不属于字符集 ${charset}`,
  }
}
