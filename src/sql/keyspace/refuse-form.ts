import type { InBoth } from '../../core/in-both.ts'
import { type Clause, hasWords, isWord, readAlterations } from '../clauses.ts'
import type { Statement } from '../statement.ts'
import { tokenize } from '../tokens.ts'
import { elsewhere, type KeyspaceShape, type Refusal } from './refusal.ts'

/** Objects of a MySQL server that no schema has. */
const serverObjects =
  /^(?:CREATE|ALTER|DROP) (?:SERVER|(?:UNDO )?TABLESPACE|LOGFILE GROUP|RESOURCE GROUP|SPATIAL REFERENCE SYSTEM|LIBRARY)$/

/** What refuses a statement by more than its verb. */
export function refuseForm(statement: Statement, shape: Pick<KeyspaceShape, 'isOnline'>): Refusal | null {
  const { verb } = statement
  if (serverObjects.test(verb))
    return {
      why: {
        en: `vtgate does not run ${verb}: that belongs to a MySQL server, and not to a keyspace.`,
        zh: `vtgate 不执行 ${verb}：它属于 MySQL 服务器，不属于 keyspace。`,
      },
      next: elsewhere,
    }
  if (hasTableQuery(statement) || verb === 'VALUES') {
    const form = verb === 'VALUES' ? '`VALUES ROW(...)`' : '`TABLE name`'
    return {
      why: { en: `vtgate does not run ${form} as a query.`, zh: `vtgate 不执行作为查询的 ${form}。` },
      next: { en: 'Write it as a SELECT.', zh: '请写成 SELECT。' },
    }
  }
  if (verb !== 'ALTER TABLE') return null
  for (const clause of readAlterations(tokenize(statement.text))) {
    if (isWord(clause[0], 'RENAME') && !isWord(clause[1], 'COLUMN', 'INDEX', 'KEY'))
      return refuseRename('ALTER TABLE ... RENAME')
    const refusal = shape.isOnline ? (refuseKeyClause(clause) ?? refuseRowsClause(clause)) : null
    if (refusal !== null) return refusal
  }
  return null
}

/** What stands before a query in a statement. */
const beforeQuery: ReadonlySet<string> = new Set(['(', ')', 'UNION', 'ALL', 'DISTINCT', 'EXCEPT', 'INTERSECT', 'AS'])

/** Whether `TABLE name` is a query of its own, or a part of one: elsewhere the word belongs to a definition. */
function hasTableQuery({ text, verb }: Statement): boolean {
  const tokens = tokenize(text)
  return tokens.some((token, at) => {
    const [before, name] = [tokens[at - 1], tokens[at + 1]]
    if (!isWord(token, 'TABLE') || (name?.type !== 'word' && name?.type !== 'name')) return false
    if (before === undefined) return true
    // `INSERT INTO a TABLE b`: the name of the table that is written to.
    const isRows = /^(?:INSERT|REPLACE)\b/.test(verb) && (before.type === 'name' || before.type === 'word')
    return isRows || (before.type !== 'name' && before.type !== 'string' && beforeQuery.has(before.text.toUpperCase()))
  })
}

/** Why what Vitess runs outside its migrations is refused. */
export const repeats = (form: string): InBoth => ({
  en: `Vitess does not run ${form} as a migration, so a run that was paused and comes back could repeat it on tables that another run has filled.`,
  zh: `Vitess 不把 ${form} 作为迁移执行，因此暂停后恢复的运行可能在别的运行已写入数据的表上重复执行它。`,
})

/** A table that gets another name, by whichever statement. */
export const refuseRename = (form: string): Refusal => ({
  why: repeats(form),
  next: {
    en: 'Create a table of the new name and copy the rows in the application, or rename it by hand while no run has the lease.',
    zh: '请用新名字建表并在应用中复制行，或在没有运行持有租约时手工改名。',
  },
})

function refuseKeyClause(clause: Clause): Refusal | null {
  if (!hasWords(clause, 0, 'DROP', 'FOREIGN', 'KEY')) return null
  return {
    why: {
      en: 'Online, Vitess changes no table that has a foreign key, not even to drop it.',
      zh: '在线执行时，Vitess 不修改带有外键的表，即使是为了删除外键。',
    },
    next: {
      en: 'Drop the key on each shard with `vtctldclient ExecuteFetchAsDBA`. Where MySQL alone has the key, put the statement into a file of its own with `-- wwdb:when platform=mysql`.',
      zh: '请用 `vtctldclient ExecuteFetchAsDBA` 在每个 shard 上删除外键。只有 MySQL 有该外键时，请把语句放进单独的文件并写 `-- wwdb:when platform=mysql`。',
    },
  }
}

/** What changes rows or files, and not the definition: online, a copy alone would be changed. */
function refuseRowsClause(clause: Clause): Refusal | null {
  if (isWord(clause[0], 'ANALYZE', 'CHECK', 'OPTIMIZE', 'REPAIR') && isWord(clause[1], 'PARTITION')) {
    const form = `${clause[0]?.text.toUpperCase()} PARTITION`
    return {
      why: {
        en: `Online, Vitess takes no ${form}: it answers with rows, for which the migration fails.`,
        zh: `在线执行时，Vitess 不接受 ${form}：它会返回行，迁移因此失败。`,
      },
      next: elsewhere,
    }
  }
  if (isWord(clause[0], 'DISCARD', 'IMPORT')) {
    const form = `${clause[0]?.text.toUpperCase()} TABLESPACE`
    return {
      why: {
        en: `With \`ddlStrategy\` \`vitess\`, Vitess would do ${form} to a copy that then takes the place of the table, and not to the files of the table.`,
        zh: `\`ddlStrategy\` 为 \`vitess\` 时，Vitess 会在随后取代原表的副本上执行 ${form}，而不是对该表自己的文件执行。`,
      },
      next: elsewhere,
    }
  }
  const isExchange = hasWords(clause, 0, 'EXCHANGE', 'PARTITION')
  if (!isExchange && !hasWords(clause, 0, 'TRUNCATE', 'PARTITION')) return null
  const form = isExchange ? 'EXCHANGE PARTITION' : 'TRUNCATE PARTITION'
  return {
    why: {
      en: `With \`ddlStrategy\` \`vitess\`, Vitess would do ${form} to the empty copy of the table, and then copy all rows back: nothing would have changed, and it would be called complete.`,
      zh: `\`ddlStrategy\` 为 \`vitess\` 时，Vitess 会在表的空副本上执行 ${form}，再把所有行复制回去：什么都没有改变，却显示为完成。`,
    },
    next: isExchange
      ? {
          en: 'Copy the rows into a table of their own with INSERT ... SELECT, and DELETE them afterwards.',
          zh: '请用 INSERT ... SELECT 把行复制到单独的表中，之后再 DELETE。',
        }
      : { en: 'DELETE the rows of the partition.', zh: '请用 DELETE 删除该分区的行。' },
  }
}
