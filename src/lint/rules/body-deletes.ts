import { classifyStatement } from '../../sql/classify.ts'
import { listNames } from '../../sql/clauses.ts'
import { readBody } from '../../sql/procedures/read-body.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { noTablesKnown } from '../../sql/table-state.ts'
import { tokenize } from '../../sql/tokens.ts'
import { printName, tablesWithData } from '../existing-data.ts'
import { readKnownCall } from '../follow-calls.ts'
import { followTables } from '../follow-tables.ts'
import { isOwnTable } from '../plain-rows.ts'
import type { HazardContext, HazardRule } from '../rule.ts'
import { bodyOf } from '../stored-body.ts'
import { describeTaken, risksOldRows, selectionOf } from '../taken-rows.ts'
import { readDeletedTables, readUpdatedTables } from '../written-tables.ts'

export const bodyDeletes: HazardRule = {
  code: 'BODY_DELETES',
  kind: 'destructive',
  about: {
    severity: 'error',
    family: 'data-loss',
    title: {
      en: 'An event, trigger or function that deletes or overwrites rows without a choice, or a `CALL` of a procedure that does',
      zh: '会不加选择地删除或覆盖行的事件、触发器或函数，以及对这类存储过程的 `CALL`',
    },
    why: {
      en: 'The statement itself shows nothing of it: the body takes the rows later, each time it runs.',
      zh: '语句本身看不出来：主体会在之后每次执行时取走这些行。',
    },
    fix: {
      en: 'Select the rows in the body by a value, such as the key of the row that a trigger is for.',
      zh: '请在主体中按值选择行，例如触发器所针对的行的键。',
    },
    manual: 'https://dev.mysql.com/doc/refman/9.7/en/stored-objects.html',
    fixtures: {
      found: [
        {
          setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO b VALUES (1)',
          sql: 'CREATE TRIGGER g AFTER INSERT ON a FOR EACH ROW DELETE FROM b',
        },
        {
          setup: 'CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO b VALUES (1); CREATE PROCEDURE p() DELETE FROM b',
          sql: 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM b WHERE id > 0',
        },
      ],
      clean: [
        {
          setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)',
          sql: 'CREATE TRIGGER g AFTER DELETE ON a FOR EACH ROW DELETE FROM b WHERE id = OLD.id',
        },
      ],
    },
  },
  find: (_tokens, statement, context) => {
    const isCall = statement.class === 'call'
    const found = isCall ? findInCall(statement, context) : findInBody(statement, context)
    // Those of wwdb itself are found by WRITE_JOURNAL, whatever is done to them.
    const losses = found.filter((names) => names.length === 0 || names.some(({ name }) => !isOwnTable(name)))
    if (losses.length === 0) return []
    const names = [...new Set(losses.flatMap((loss) => loss.map(printName)))]
    const tables = names.length === 0 ? 'tables' : listNames(names)
    return [
      {
        why: isCall
          ? `The procedure deletes or overwrites rows of ${tables}, and nothing shows that it leaves any out.`
          : `Its body deletes or overwrites rows of ${tables} whenever it runs, and nothing shows that it leaves any out.`,
        zh: isCall
          ? `该存储过程会删除或覆盖 \`${names.join('`、`')}\` 的行，且无法证明会保留任何一行。`
          : `其主体每次执行都会删除或覆盖 \`${names.join('`、`')}\` 的行，且无法证明会保留任何一行。`,
        instead: 'Select the rows in the body by a value, such as the key of the row that a trigger is for.',
      },
    ]
  },
}

const bodies = ['CREATE TRIGGER', 'CREATE EVENT', 'ALTER EVENT', 'CREATE FUNCTION']

/** The tables that lose rows, for each statement of the body that takes them. */
function findInBody({ verb, text }: Statement, context: HazardContext): readonly (readonly ObjectName[])[] {
  if (!bodies.includes(verb)) return []
  const temporary = new Set<string>()
  return readBody(bodyOf(verb, text)).statements.flatMap((one) => {
    const facts = classifyStatement(one)
    if (facts.verb === 'CREATE TEMPORARY TABLE') for (const { name } of facts.objects) temporary.add(name.toLowerCase())
    const lost = findLost({ ...facts, text: one }, context, verb.endsWith('EVENT'))
    const kept = lost?.filter(({ name }) => !temporary.has(name.toLowerCase())) ?? []
    return lost === null || (lost.length > 0 && kept.length === 0) ? [] : [kept]
  })
}

/** The same for the procedures that a CALL reaches: what they make themselves is their own. */
function findInCall(statement: Statement, context: HazardContext): readonly (readonly ObjectName[])[] {
  let tables = context.tables ?? noTablesKnown
  return (readKnownCall(tables, statement)?.statements ?? []).flatMap((one) => {
    const lost = one.class === 'call' || one.class === 'execute' ? null : findLost(one, { ...context, tables }, false)
    tables = followTables(tables, one)
    return lost === null ? [] : [lost]
  })
}

type InnerStatement = Parameters<typeof followTables>[1]

/**
 * The tables whose rows a statement of a body takes; null where it takes none from before the run, or chooses them.
 * @param lasts for an event, which deletes for ever: there a range is no choice
 */
function findLost(one: InnerStatement, context: HazardContext, lasts: boolean): readonly ObjectName[] | null {
  const inner: Statement = { ...one, file: '', line: 1, column: 1, index: 0, hash: '' }
  const { verb } = inner
  if (verb === 'TRUNCATE TABLE' || verb === 'DROP TABLE')
    return tablesWithData(inner, context).length > 0 ? inner.objects : null
  if (verb !== 'DELETE' && verb !== 'UPDATE') return null
  const tokens = tokenize(inner.text)
  if (!risksOldRows(tokens, inner, verb, context)) return null
  const { taken: _taken, ...known } = context
  const takes = describeTaken(tokens, verb, known) !== null
  const ranges = lasts && verb === 'DELETE' && selectionOf(tokens, verb, context.tables) === 'chosen'
  if (!takes && !ranges) return null
  const named = verb === 'DELETE' ? readDeletedTables(tokens) : readUpdatedTables(tokens, context.tables)
  return (named ?? []).map(({ table }) => table)
}
