import { typeOf } from '../../ddl/read-parts.ts'
import { readTable } from '../../ddl/read-table.ts'
import type { TemplateRule } from '../rule.ts'

export const archiveLosesType: TemplateRule = {
  code: 'ARCHIVE_LOSES_TYPE',
  looksAt: 'template',
  severity: 'hint',
  family: 'shards',
  title: {
    en: 'A JSON column in an archived shard family: the archive stores JSON as text',
    zh: '要归档的分表族中有 JSON 列：归档中它只是文本',
  },
  why: {
    en: 'An archive preserves values of all other types exactly, but JSON only as text: a DECIMAL that SQL stored in it comes back as a double, a DATE as a string.',
    zh: '归档会原样保留其他所有类型的值；JSON 只保留文本：由 SQL 算入其中的 DECIMAL 恢复后变为 double，DATE 变为字符串。',
  },
  fix: {
    en: 'Store exact numbers and times in separate columns. If only applications write the JSON as text, nothing is lost.',
    zh: '请把精确的数字和时间放在各自的列中。如果 JSON 只由应用以文本写入，则不会有损失。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/json.html',
  fixtures: {
    found: [
      {
        sql: '-- wwdb:period month\n-- wwdb:archive directory\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, at DATETIME NOT NULL, body JSON);',
        template: 'logs',
        claims: {
          server: 'answers',
          query:
            'SELECT JSON_TYPE(CAST(CAST(1.50 AS DECIMAL(5,2)) AS JSON)), JSON_TYPE(CAST(CAST(CAST(CAST(1.50 AS DECIMAL(5,2)) AS JSON) AS CHAR) AS JSON))',
          answer: 'DECIMAL,DOUBLE',
        },
      },
    ],
    clean: [
      {
        sql: '-- wwdb:period month\n-- wwdb:archive directory\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, at DATETIME NOT NULL, ratio DOUBLE, kind ENUM("a", "b"), raw BLOB);',
        template: 'logs',
      },
      {
        sql: '-- wwdb:period month\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, at DATETIME NOT NULL, body JSON);',
        template: 'logs',
      },
    ],
  },
  find: ({ template: { headers, statement, tokens } }) => {
    if (headers.get('archive')?.trim() !== 'directory') return []
    return readTable(statement, tokens)
      .columns.filter((column) => typeOf(column)?.base === 'json')
      .map(({ name }) => ({
        statement,
        message: {
          en: `The archive stores \`${name}\` as text.`,
          zh: `归档只保留 \`${name}\` 的文本。`,
        },
      }))
  },
}
