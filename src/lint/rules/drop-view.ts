import type { FileRule } from '../rule.ts'

export const dropView: FileRule = {
  code: 'DROP_VIEW',
  looksAt: 'file',
  severity: 'warning',
  family: 'compatibility',
  title: { en: '`DROP VIEW` without a new view in the same file', zh: '`DROP VIEW` 后文件中没有重新创建' },
  why: { en: 'Running code that reads the view fails immediately.', zh: '读取该视图的运行中代码会立即失败。' },
  fix: {
    en: 'Drop it in a later release, when no query has used it for a while.',
    zh: '请在之后的版本、确认一段时间无人使用后再删除。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/drop-view.html',
  fixtures: {
    found: [{ setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT id FROM a', sql: 'DROP VIEW v' }],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT id FROM a',
        sql: 'DROP VIEW v; CREATE VIEW v AS SELECT id, 1 AS n FROM a',
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT id FROM a; DROP VIEW v' },
    ],
  },
  find: ({ file }) => {
    const made = new Set(
      file.up
        .filter(({ statement: { verb } }) => verb === 'CREATE VIEW')
        .map(({ statement: { objects } }) => objects[0]?.name),
    )
    return file.up.flatMap(({ statement }) => {
      if (statement.verb !== 'DROP VIEW') return []
      return statement.objects
        .filter(({ name }) => !made.has(name))
        .map(({ name }) => ({
          statement,
          message: {
            en: `The view \`${name}\` is gone for running code.`,
            zh: `运行中的代码将找不到视图 \`${name}\`。`,
          },
        }))
    })
  },
}
