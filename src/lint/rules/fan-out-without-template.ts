import type { InBoth } from '../../core/in-both.ts'
import { printType, readColumnType } from '../../ddl/column-type.ts'
import {
  readAdded,
  readAddedKeys,
  readColumnDefinition,
  readDroppedColumn,
  readDroppedKeys,
} from '../../ddl/read-alterations.ts'
import { tokensOf } from '../../ddl/read-parts.ts'
import { readTable } from '../../ddl/read-table.ts'
import { hasWords, readAlterations } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import type { PlacedFinding, ProjectRule } from '../rule.ts'
import type { LintFile, LintTemplate } from '../subjects.ts'

const template =
  '-- wwdb:period month\n-- wwdb:name logs_{YYYYMM}\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, at DATETIME NOT NULL, note INT, KEY by_note (note));'

export const fanOutWithoutTemplate: ProjectRule = {
  code: 'FAN_OUT_WITHOUT_TEMPLATE',
  looksAt: 'project',
  severity: 'error',
  family: 'shards',
  title: { en: 'A change of all shards that is missing in their template', zh: '对所有分表的变更没有写进模板' },
  why: {
    en: 'Rotation creates the next shard from the template: it would lack the change, and `migrate` refuses to start if the two differ.',
    zh: '轮换按模板创建下一个分表：它会缺少该变更；二者不同时 `migrate` 会拒绝开始。',
  },
  fix: {
    en: 'Make the same change in the template, in the same commit.',
    zh: '请在同一次提交中把同样的变更写进模板。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        templates: { logs: template },
        headers: '-- wwdb:shards logs',
        sql: 'ALTER TABLE {{table}} ADD COLUMN kind INT',
      },
      {
        templates: { logs: template },
        headers: '-- wwdb:shards logs',
        sql: 'ALTER TABLE {{table}} MODIFY note BIGINT',
      },
      { templates: { logs: template }, headers: '-- wwdb:shards logs', sql: 'ALTER TABLE {{table}} DROP COLUMN note' },
      { templates: { logs: template }, headers: '-- wwdb:shards logs', sql: 'CREATE INDEX by_time ON {{table}} (at)' },
      { templates: { logs: template }, headers: '-- wwdb:shards logs', sql: 'ALTER TABLE {{table}} DROP KEY by_note' },
    ],
    clean: [
      {
        templates: { logs: template },
        headers: '-- wwdb:shards logs',
        sql: 'ALTER TABLE {{table}} ADD COLUMN note INT, ADD KEY by_note (note)',
      },
      {
        templates: { logs: template },
        headers: '-- wwdb:shards logs',
        sql: 'ALTER TABLE {{table}} ADD COLUMN kind INT; ALTER TABLE {{table}} RENAME COLUMN kind TO note; DELETE FROM {{table}} WHERE note = 1',
      },
      { templates: { logs: template }, sql: 'CREATE TABLE notes (id INT PRIMARY KEY); ALTER TABLE notes ADD kind INT' },
    ],
  },
  find: ({ databases, templates }) =>
    templates.flatMap((each) => {
      const files = databases.get(each.database)?.files ?? []
      return compare(
        each,
        files.filter(({ shards }) => shards === each.family),
      )
    }),
}

/** What remains under one name after all changes. */
interface Effect {
  readonly statement: Statement
  readonly file: string
  readonly name: string
  readonly what: 'column' | 'index'
  /** For a column its type; `''` for an index, null for a dropped one. */
  readonly left: string | null
}

function compare(family: LintTemplate, files: readonly LintFile[]): readonly PlacedFinding[] {
  const effects = new Map<string, Effect>()
  for (const { file, up } of files)
    for (const { statement, tokens } of up)
      for (const [what, name, left] of readEffects(tokens))
        effects.set(`${what} ${name.toLowerCase()}`, { statement, file, name, what, left })
  const table = readTable(family.statement, family.tokens)
  const columns = table.columns.map(
    (column) => [`column ${column.name.toLowerCase()}`, writtenType(tokensOf(column))] as const,
  )
  const present = new Map<string, string>([
    ...columns,
    ...table.indexes.map(({ name }) => [`index ${name.toLowerCase()}`, ''] as const),
  ])
  return [...effects].flatMap(([key, effect]) => {
    const message = describe(effect, present.get(key), family.family)
    return message === null ? [] : [{ file: effect.file, statement: effect.statement, message }]
  })
}

function describe({ what, name, left }: Effect, found: string | undefined, family: string): InBoth | null {
  const kind = what === 'column' ? { en: 'column', zh: '列' } : { en: 'index', zh: '索引' }
  if (left === null) {
    if (found === undefined) return null
    return {
      en: `The template of \`${family}\` still has the ${kind.en} \`${name}\`.`,
      zh: `\`${family}\` 的模板仍有${kind.zh} \`${name}\`。`,
    }
  }
  if (found === undefined) {
    return {
      en: `The template of \`${family}\` has no ${kind.en} \`${name}\`.`,
      zh: `\`${family}\` 的模板没有${kind.zh} \`${name}\`。`,
    }
  }
  if (left === found || left === '' || found === '') return null
  return {
    en: `\`${name}\` is ${left} here, and ${found} in the template of \`${family}\`.`,
    zh: `\`${name}\` 在此处为 ${left}，在 \`${family}\` 的模板中为 ${found}。`,
  }
}

type Change = readonly [what: Effect['what'], name: string, left: string | null]

function readEffects(tokens: readonly Token[]): readonly Change[] {
  const columns = readAlterations(tokens).flatMap((clause): readonly Change[] => {
    if (hasWords(clause, 0, 'RENAME', 'COLUMN')) return renamed(clause[2]?.text, clause[4]?.text, '')
    const changed = readColumnDefinition(clause)
    if (changed !== null) return renamed(changed.column, changed.renamed, writtenType(changed.definition))
    const dropped = readDroppedColumn(clause)
    if (dropped !== null) return [['column', dropped, null]]
    return readAdded(clause).map(([name, definition]) => ['column', name, writtenType(definition)] as const)
  })
  const gone = readDroppedKeys(tokens).filter(({ kind }) => kind === 'INDEX')
  const added = readAddedKeys(tokens).indexes.filter(({ name }) => name !== 'PRIMARY')
  return [
    ...columns,
    ...gone.map(({ name }) => ['index', name, null] as const),
    ...added.map(({ name }) => ['index', name, ''] as const),
  ]
}

function renamed(from = '', to = '', type: string): readonly Change[] {
  const left: Change = ['column', to, type]
  return from.toLowerCase() === to.toLowerCase() ? [left] : [['column', from, null], left]
}

function writtenType(definition: readonly Token[]): string {
  const type = readColumnType(definition)
  return type === null ? '' : printType(type)
}
