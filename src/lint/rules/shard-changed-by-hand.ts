import type { ProjectRule } from '../rule.ts'
import type { LintTemplate } from '../subjects.ts'

/** Statements that change no rows and no definition. */
const harmless = ['SELECT', 'WITH', 'TABLE', 'ANALYZE TABLE', 'CREATE VIEW']

export const shardChangedByHand: ProjectRule = {
  code: 'SHARD_CHANGED_BY_HAND',
  looksAt: 'project',
  severity: 'error',
  family: 'shards',
  title: {
    en: 'A migration that changes one shard of a family',
    zh: '迁移中直接写了某个分表的表名',
  },
  why: {
    en: 'The shard then differs from the others and from its template, which counts as drift; and rotation and the environment determine whether it still exists when the file runs.',
    zh: '该分表会与其他分表和模板不同，从而算作漂移；文件执行时它是否还存在，还取决于轮换和环境。',
  },
  fix: {
    en: 'Write `-- wwdb:shards FAMILY` and {{table}}: the change then runs on every shard, and the template contains it, too. Rotation creates and drops shards.',
    zh: '请写 `-- wwdb:shards 分表族` 并用 {{table}}：变更会应用到所有分表，模板也要同样修改。分表由轮换创建和删除。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        templates: {
          logs: '-- wwdb:period month\n-- wwdb:name logs_{YYYYMM}\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, at DATETIME NOT NULL);',
        },
        sql: 'ALTER TABLE logs_202601 ADD COLUMN note INT',
      },
      {
        templates: {
          contacts:
            '-- wwdb:keys app.accounts(id)\n-- wwdb:name contacts_{key}\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY);',
        },
        sql: 'DELETE FROM contacts_42 WHERE id = 1',
      },
    ],
    clean: [
      {
        templates: {
          logs: '-- wwdb:period month\n-- wwdb:name logs_{YYYYMM}\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, at DATETIME NOT NULL, note INT);',
        },
        headers: '-- wwdb:shards logs',
        sql: 'ALTER TABLE {{table}} ADD COLUMN note INT',
      },
      {
        templates: {
          logs: '-- wwdb:period month\n-- wwdb:name logs_{YYYYMM}\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, at DATETIME NOT NULL);',
        },
        sql: 'CREATE TABLE logs_by_day (id INT PRIMARY KEY)',
      },
    ],
  },
  find: ({ databases, templates }) =>
    templates.flatMap((template) => {
      const pattern = shardNames(template)
      const files = databases.get(template.database)?.files ?? []
      if (pattern === null) return []
      return files.flatMap(({ file, up }) =>
        up.flatMap(({ statement }) => {
          if (harmless.includes(statement.verb)) return []
          const shard = statement.objects.find(({ schema, name }) => schema === null && pattern.test(name))
          if (shard === undefined) return []
          const message = {
            en: `\`${shard.name}\` is a shard of the family \`${template.family}\`.`,
            zh: `\`${shard.name}\` 是分表族 \`${template.family}\` 的一个分表。`,
          }
          return [{ file, statement, message }]
        }),
      )
    }),
}

/** `messages_{YYYYMM}` as an expression; null for a template without a name. */
function shardNames({ headers }: LintTemplate): RegExp | null {
  const name = headers.get('name')
  if (name === undefined || !name.includes('{')) return null
  const source = name
    .trim()
    .split(/\{(\w+)\}/)
    .map((part, at) => (at % 2 === 0 ? part.replaceAll('$', '\\$') : part === 'key' ? '\\d+' : `\\d{${part.length}}`))
  return new RegExp(`^${source.join('')}$`, 'i')
}
