import type { InBoth } from '../../core/in-both.ts'
import { nothingKnown } from '../../ddl/schema.ts'
import { listNames } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import { type Token, tokenize } from '../../sql/tokens.ts'
import { listInner } from '../inner-statements.ts'
import { listCascades } from '../removed-rows.ts'
import type { HazardContext, HazardFinding, HazardRule } from '../rule.ts'
import { risksOldRows } from '../taken-rows.ts'
import { readDeletedTables } from '../written-tables.ts'

export const deleteCascades: HazardRule = {
  code: 'DELETE_CASCADES',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`DELETE` or `REPLACE` in a table that other tables reference with `ON DELETE CASCADE` or `SET NULL`, or whose triggers delete rows of other tables',
    zh: '在被其他表以 `ON DELETE CASCADE` 或 `SET NULL` 引用、或其触发器会删除其他表中的行的表上执行 `DELETE` 或 `REPLACE`',
  },
  why: {
    en: 'The server deletes or changes the rows that reference a deleted row, to any depth. The statement does not name those tables, and its row count does not include them.',
    zh: '服务器会层层删除或修改引用被删行的行；语句既不写出这些表，也只统计自己的行数。',
  },
  fix: {
    en: 'Delete the rows of the other tables first, in separate statements.',
    zh: '请先用单独的语句删除其他表中的行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY, a_id INT, KEY k (a_id), FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE CASCADE); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1)',
        sql: 'DELETE FROM a WHERE id = 1',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM b', answer: '0' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)',
        sql: 'DELETE FROM a WHERE id = 1',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const tables = listAffected(tokens, statement, context)
    const fired = listDeletedByTriggers(statement, context)
    const byKeys: HazardFinding = {
      message: {
        en: `Along with the rows that it deletes, foreign keys (ON DELETE CASCADE or SET NULL) delete or change rows of ${listNames(tables)}.`,
        zh: `外键（ON DELETE CASCADE 或 SET NULL）会随被删除的行删除或修改 \`${tables.join('`、`')}\` 中的行。`,
      },
      fix: deleteFirst(tables),
    }
    const byTriggers: HazardFinding = {
      message: {
        en: `Along with the rows that it deletes, triggers delete rows of ${listNames(fired)}.`,
        zh: `触发器会随被删除的行删除 \`${fired.join('`、`')}\` 中的行。`,
      },
      fix: deleteFirst(fired),
    }
    return [...(tables.length === 0 ? [] : [byKeys]), ...(fired.length === 0 ? [] : [byTriggers])]
  },
}

function deleteFirst(tables: readonly string[]): InBoth {
  return {
    en: `Delete the rows of ${listNames(tables)} first, in separate statements.`,
    zh: '请先用单独的语句删除其他表中的行。',
  }
}

/** The tables that reference the deleted rows; where the server was asked, tables without such rows are left out. */
function listAffected(tokens: readonly Token[], statement: Statement, context: HazardContext): readonly string[] {
  const { verb, objects } = statement
  const { tables: known = nothingKnown, taken, removed } = context
  if (verb !== 'DELETE' && verb !== 'REPLACE') return []
  if (taken?.cascades !== undefined) return [...new Set(taken.cascades)]
  const parents = verb === 'REPLACE' ? objects : (readDeletedTables(tokens) ?? []).map(({ table }) => table)
  const names = parents.flatMap((parent) => listCascades(parent, known, removed ?? null).map(({ table }) => table.name))
  return [...new Set(names)]
}

/** The tables from which a trigger on DELETE deletes rows from before the run. */
function listDeletedByTriggers(statement: Statement, context: HazardContext): readonly string[] {
  if (statement.verb !== 'DELETE' && statement.verb !== 'REPLACE') return []
  const names = listInner(statement, context.tables).flatMap(({ statement: inner, tables, trigger }) => {
    if (trigger?.event !== 'DELETE' || inner.verb !== 'DELETE') return []
    const tokens = tokenize(inner.text)
    if (!risksOldRows(tokens, inner, 'DELETE', { ...context, tables })) return []
    return (readDeletedTables(tokens) ?? []).map(({ table }) => table.name)
  })
  return [...new Set(names)]
}
