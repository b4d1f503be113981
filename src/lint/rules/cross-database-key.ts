import type { StatementRule } from '../rule.ts'

export const crossDatabaseKey: StatementRule = {
  code: 'CROSS_DATABASE_KEY',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'hint',
  family: 'shards',
  title: {
    en: 'A foreign key to another logical database, in a file that also runs if references are logical',
    zh: '引用其他逻辑库的外键，而文件在逻辑引用下也会执行',
  },
  why: {
    en: 'If the databases are on different servers, the statement fails.',
    zh: '各库位于不同服务器时，该语句会失败。',
  },
  fix: {
    en: 'Put it into a separate file with `-- wwdb:when references=physical`.',
    zh: '请放进单独的文件并写 `-- wwdb:when references=physical`。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, u INT, CONSTRAINT f FOREIGN KEY (u) REFERENCES {{schema:other}}.users (id))',
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, u INT, CONSTRAINT f FOREIGN KEY (u) REFERENCES p (id))',
      },
    ],
  },
  find: ({ statement, file }) => {
    if (file.conditions.some(({ type }) => type === 'references')) return []
    const other = statement.references.find(
      ({ schema }) => schema?.startsWith('{{schema:') === true && schema !== `{{schema:${file.database}}}`,
    )
    return other === undefined
      ? []
      : [
          {
            message: {
              en: `The parent \`${other.name}\` is in another database.`,
              zh: `父表 \`${other.name}\` 在另一个库中。`,
            },
          },
        ]
  },
}
