import type { InBoth } from '../../core/in-both.ts'
import { type Clause, listNames } from '../../sql/clauses.ts'
import { type ObjectName, summarizeStatement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'
import { tablesWithData } from '../existing-data.ts'
import { firing, type InnerStatement, listInner } from '../inner-statements.ts'
import { listOverwrittenByTrigger } from '../overwritten-columns.ts'
import { isOwnTable } from '../plain-rows.ts'
import { variesWithEachRun } from '../repeated-rows.ts'
import type { HazardContext, HazardFinding, HazardRule } from '../rule.ts'
import { describeTaken, risksOldRows, selectionOf } from '../taken-rows.ts'
import { onlyCounts, readDeletedTables, readUpdatedTables } from '../written-tables.ts'
import { deleteCascades } from './delete-cascades.ts'
import { discardTablespace } from './discard-tablespace.ts'
import { dropColumn } from './drop-column.ts'
import { dropPartition } from './drop-partition.ts'
import { dropSchema } from './drop-schema.ts'
import { exchangePartition } from './exchange-partition.ts'
import { lossyEngine } from './lossy-engine.ts'
import { moveTable } from './move-table.ts'
import { narrowColumn } from './narrow-column.ts'
import { overwriteColumn } from './overwrite-column.ts'
import { ownAccount } from './own-account.ts'
import { replaceRows } from './replace-rows.ts'
import { truncatePartition } from './truncate-partition.ts'
import { updateAllRows } from './update-all-rows.ts'
import { updateIgnore } from './update-ignore.ts'
import { updateSetsNull } from './update-sets-null.ts'
import { writeSystemTables } from './write-system-tables.ts'

/** The rules for what else a body may run, which loses no less there. */
const otherRules: readonly HazardRule[] = [
  ...[dropColumn, narrowColumn, overwriteColumn, dropPartition, truncatePartition, exchangePartition],
  ...[
    discardTablespace,
    lossyEngine,
    dropSchema,
    moveTable,
    replaceRows,
    updateAllRows,
    updateIgnore,
    deleteCascades,
    updateSetsNull,
    ownAccount,
    writeSystemTables,
  ],
]

export const bodyDeletes: HazardRule = {
  code: 'BODY_DELETES',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: 'An event, trigger or function that deletes or overwrites rows without selecting them, or that runs DDL which removes data; a `CALL` of such a procedure, or a statement that fires such a trigger',
    zh: '会不加选择地删除或覆盖行、或执行会移除数据的 DDL 的事件、触发器或函数，对这类存储过程的 `CALL`，以及会触发这类触发器的语句',
  },
  why: {
    en: 'The statement itself does not show this: the body removes rows later, each time it runs.',
    zh: '语句本身看不出来：主体会在之后每次执行时删除这些行。',
  },
  fix: {
    en: 'Select the rows in the body by a value, such as the key of the row that fired the trigger.',
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
      {
        setup: 'CREATE TABLE b (id INT PRIMARY KEY, n INT); INSERT INTO b VALUES (1, 7)',
        sql: 'CREATE PROCEDURE p() ALTER TABLE b DROP COLUMN n; CALL p()',
        claims: {
          server: 'answers',
          query: "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'b'",
          answer: '1',
        },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)',
        sql: 'CREATE TRIGGER g AFTER DELETE ON a FOR EACH ROW DELETE FROM b WHERE id = OLD.id',
      },
    ],
  },
  find: ({ statement, context }) => {
    const isCall = statement.class === 'call'
    const inner = listInner(statement, context.tables)
    const losses = inner.map((one, at) => findLost(one, inContext(one, at, context), statement.verb.endsWith('EVENT')))
    const found = losses.filter((names) => names !== null)
    // WRITE_JOURNAL finds all statements on wwdb's own tables.
    const lost = found.filter((names) => names.length === 0 || names.some(({ name }) => !isOwnTable(name)))
    const others = inner.flatMap((one, at) =>
      losses[at] === null && !isCounting(one) ? askOthers(one, inContext(one, at, context)) : [],
    )
    const fires = firing.has(statement.verb)
    const isBody = /TRIGGER|EVENT|FUNCTION/.test(statement.verb)
    const isFired = fires && inner.some(({ trigger }) => trigger !== undefined)
    const runner = isCall ? ofCall : isFired ? ofTrigger : isBody ? ofBody : ofFunction
    const emptied = listOverwrittenByTrigger(statement, context)
    return [
      ...(emptied.length === 0 ? [] : [describeEmptied(emptied)]),
      ...(lost.length === 0 ? [] : [describeLost(lost.flat(), runner, context)]),
      ...describeOthers(others, runner, isFired),
    ]
  },
}

/** What runs the inner statements. */
interface Runner {
  readonly subject: InBoth
  /** When it runs. */
  readonly when: InBoth
}

const ofCall: Runner = { subject: { en: 'The procedure', zh: '该存储过程' }, when: { en: '', zh: '' } }
const ofTrigger: Runner = { subject: { en: 'A trigger that it fires', zh: '它触发的触发器' }, when: { en: '', zh: '' } }
const ofFunction: Runner = { subject: { en: 'A function that it calls', zh: '它调用的函数' }, when: { en: '', zh: '' } }
const ofBody: Runner = {
  subject: { en: 'Its body', zh: '其主体' },
  when: { en: ' whenever it runs', zh: '每次执行都' },
}

function describeLost(
  lost: readonly ObjectName[],
  { subject, when }: Runner,
  { tables }: HazardContext,
): HazardFinding {
  const names = [
    ...new Set(
      lost.map(({ schema, name }) => ([null, '', tables?.schema].includes(schema) ? name : `${schema}.${name}`)),
    ),
  ]
  const shown = names.length === 0 ? 'tables' : listNames(names)
  const shownChinese = names.length === 0 ? '表' : ` \`${names.join('`、`')}\` `
  return {
    message: {
      en: `${subject.en} deletes or overwrites rows of ${shown}${when.en}, and no condition is known to exclude any.`,
      zh: `${subject.zh}${when.zh}会删除或覆盖${shownChinese}的行，且无法证明会保留任何一行。`,
    },
  }
}

function describeEmptied(columns: readonly string[]): HazardFinding {
  const isOne = columns.length === 1
  return {
    message: {
      en: `Its body gives ${listNames(columns)} the same ${isOne ? 'value' : 'values'} in every row that is written: what was written there is lost.`,
      zh: `其主体会在每次写入的行中把 \`${columns.join('`、`')}\` 设为同一个值：原本写入的内容会丢失。`,
    },
    fix: {
      en: 'Set the column only where it has no value, or leave it out and change what writes it.',
      zh: '请仅在该列没有值时赋值，或去掉它并修改写入方。',
    },
  }
}

/** What another rule says about an inner statement. */
interface OtherLoss {
  readonly summary: string
  readonly why: InBoth
  /** True where the rule would know more about a known table. */
  readonly unsure: boolean
}

function describeOthers(others: readonly OtherLoss[], { subject }: Runner, fires: boolean): readonly HazardFinding[] {
  const once = new Map(others.map((one) => [`${one.summary} ${one.why.en}`, one]))
  return [...once.values()].map(({ summary, why: { en: why, zh }, unsure }) => ({
    message: {
      en: `${subject.en} runs \`${summary}\`. ${why}`,
      zh: `${subject.zh}会执行 \`${summary}\`。${zh}`,
    },
    fix: fires
      ? {
          en: 'Drop the trigger before the statement and create it again after it, or change the trigger.',
          zh: '请在该语句之前删除触发器并在其后重新创建，或修改该触发器。',
        }
      : {
          en: 'Remove the statement from the body, and write it as a separate migration.',
          zh: '请把该语句移出主体，单独写成一个迁移。',
        },
    ...(unsure && { unsure }),
  }))
}

function askOthers({ statement }: InnerStatement, context: HazardContext): readonly OtherLoss[] {
  const { verb, objects } = statement
  if (objects.length > 0 && objects.every(({ name }) => isOwnTable(name))) return []
  const tokens = tokenize(statement.text)
  const summary = summarizeStatement({ verb, objects: objects.map((name) => ({ ...name, schema: null })) })
  return otherRules.flatMap((rule) =>
    rule.find({ tokens, statement, context }).map(({ message, unsure = false }) => ({ summary, why: message, unsure })),
  )
}

/** What is known where an inner statement runs. The server's answers about it only add to what its text shows: a name in it may be a variable. */
function inContext({ tables }: InnerStatement, at: number, context: HazardContext): HazardContext {
  const { taken: _taken, removed: _removed, takenInside, ...known } = context
  const taken = takenInside?.get(at)
  return { ...known, tables, ...(taken?.own === 'all' || taken?.own === 'unseen' ? { taken } : {}) }
}

/** True where a trigger of the application counts, because it fires with each of its writes. */
function isCounting({ statement, trigger }: InnerStatement): boolean {
  return trigger !== undefined && statement.verb === 'UPDATE' && onlyCounts(tokenize(statement.text))
}

/**
 * The tables whose rows a statement of a body affects; null where it affects none from before the run, or selects them. @param lasts for an event, which keeps deleting: there a range is not a selection
 */
function findLost(inner: InnerStatement, context: HazardContext, lasts: boolean): readonly ObjectName[] | null {
  const { statement } = inner
  const { verb } = statement
  if (isCounting(inner)) return null
  if (verb === 'TRUNCATE TABLE' || verb === 'DROP TABLE')
    return tablesWithData(statement, context).length > 0 ? statement.objects : null
  if (verb !== 'DELETE' && verb !== 'UPDATE') return null
  const tokens = tokenize(statement.text)
  if (!risksOldRows(tokens, statement, verb, context)) return null
  const takes = describeTaken(tokens, verb, statement, context) !== null
  const ranges = lasts && verb === 'DELETE' && selectionOf(tokens, verb, context.tables) === 'chosen'
  if (!takes && !ranges && !takesMoreWithEachRun(inner, tokens, verb, context)) return null
  const named = verb === 'DELETE' ? readDeletedTables(tokens) : readUpdatedTables(tokens, context.tables)
  return (named ?? []).map(({ table }) => table)
}

/**
 * A loop that processes rows by a key, one after the other. An application's trigger may well change rows of another table with each of its own.
 */
function takesMoreWithEachRun(
  { repeats, trigger }: InnerStatement,
  tokens: Clause,
  verb: 'UPDATE' | 'DELETE',
  { tables }: HazardContext,
): boolean {
  if (repeats !== true || (trigger !== undefined && verb === 'UPDATE')) return false
  return variesWithEachRun(tokens, verb, tables)
}
