import { findWords, hasWords } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import type { PlacedFinding, ProjectRule } from '../rule.ts'
import type { LintFile, LintTemplate } from '../subjects.ts'

export const logicalReferenceAction: ProjectRule = {
  code: 'LOGICAL_REFERENCE_ACTION',
  looksAt: 'project',
  severity: 'hint',
  family: 'shards',
  title: {
    en: 'A foreign key to another database with an action that no server executes if references are logical',
    zh: '跨库的键带有动作，而在逻辑引用下没有谁会执行它',
  },
  why: {
    en: 'If `references` is logical, no server creates the key: ON DELETE CASCADE and SET NULL then do nothing, and rows without a parent stay.',
    zh: '当 `references` 为 logical 时，服务器上没有这个键：ON DELETE CASCADE 和 SET NULL 不会起作用，失去父行的数据会留下。',
  },
  fix: {
    en: 'Delete the rows in the application, too, and run `wwdb check references`, which finds those that are left.',
    zh: '请在应用中也删除这些行，并运行 `wwdb check references` 找出遗留的行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        headers: '-- wwdb:when references=physical',
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, user_id INT, KEY by_user (user_id))',
        sql: 'ALTER TABLE a ADD CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES {{schema:other}}.users (id) ON DELETE CASCADE',
      },
      {
        sql: '-- wwdb:period month\n-- wwdb:reference (user_id) other.users(id) on delete cascade\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, user_id INT, at DATETIME NOT NULL);',
        template: 'logs',
      },
    ],
    clean: [
      {
        headers: '-- wwdb:when references=physical',
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, user_id INT, KEY by_user (user_id))',
        sql: 'ALTER TABLE a ADD CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES {{schema:other}}.users (id)',
      },
      {
        sql: '-- wwdb:period month\n-- wwdb:references physical\n-- wwdb:reference (user_id) other.users(id) on delete cascade\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, user_id INT, at DATETIME NOT NULL);',
        template: 'logs',
      },
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE)',
      },
    ],
  },
  find: ({ databases, templates }) => [
    ...[...databases.values()].flatMap(({ files }) => files.flatMap(findInFile)),
    ...templates.flatMap(findInTemplate),
  ],
}

function findInFile({ file, database, up }: LintFile): readonly PlacedFinding[] {
  return up.flatMap(({ statement, tokens }) => {
    const other = statement.references.find(
      ({ schema }) => schema?.startsWith('{{schema:') === true && schema !== `{{schema:${database}}}`,
    )
    const action = actionOf(tokens)
    return other === undefined || action === null ? [] : [{ file, statement, message: sentence(other.name, action) }]
  })
}

function actionOf(tokens: readonly Token[]): string | null {
  const at = findWords(tokens, 'ON', 'DELETE')
  if (at < 0) return null
  if (hasWords(tokens, at + 2, 'CASCADE')) return 'CASCADE'
  return hasWords(tokens, at + 2, 'SET', 'NULL') ? 'SET NULL' : null
}

function findInTemplate({ file, headers, statement }: LintTemplate): readonly PlacedFinding[] {
  if (headers.get('references')?.trim() === 'physical') return []
  return (headers.get('reference') ?? '').split('\n').flatMap((reference) => {
    const [, parent, action] = /\.(\w+)\s*\(.*\bon\s+delete\s+(cascade|set\s+null)/i.exec(reference) ?? []
    return parent === undefined || action === undefined
      ? []
      : [{ file, statement, message: sentence(parent, action.toUpperCase()) }]
  })
}

function sentence(parent: string, action: string) {
  return {
    en: `ON DELETE ${action} of the key to \`${parent}\` is executed only if references are physical.`,
    zh: `指向 \`${parent}\` 的键上的 ON DELETE ${action} 只在物理引用下才会执行。`,
  }
}
