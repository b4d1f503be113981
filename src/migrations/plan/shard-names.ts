import { quoteName } from '../../sql/quote-name.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'

/** What the placeholders of a shard's statements stand for. */
export interface ShardNames {
  readonly table: string
  /** Tables of the same key by family. */
  readonly siblings: ReadonlyMap<string, string>
}

const statementPlaceholder = /\{\{(table|sibling:[^{}\s]+)\}\}/g

function fill(text: string, names: ShardNames): string {
  return text.replace(statementPlaceholder, (_, inside: string) => {
    const table = inside === 'table' ? names.table : names.siblings.get(inside.slice('sibling:'.length))
    if (table === undefined) throw new Error(`{{${inside}}} has no value: sources should have refused it`)
    return table
  })
}

/**
 * Fills in `{{table}}` and `{{sibling:family}}` wherever a name stands, quoted or not, by itself or within a longer
 * name (`fk_{{table}}_parent`); the whole name comes out quoted. Strings and comments are left as they are.
 */
export function renderShardText(text: string, names: ShardNames): string {
  const parts: string[] = []
  let end = 0
  for (const token of tokenize(text)) {
    if (token.type !== 'name' || !token.text.includes('{{')) continue
    const name = fill(token.text, names)
    if (name === token.text) continue
    parts.push(text.slice(end, token.start), quoteName(name))
    end = token.end
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(end)
}

function renderObject(object: ObjectName, names: ShardNames): ObjectName {
  return object.name.includes('{{') ? { ...object, name: fill(object.name, names) } : object
}

/**
 * A statement of a fan-out for one shard. Its hash stays that of the file's text.
 * @param instant whether the server answered INSTANT for every shard
 */
export function renderShardStatement(statement: Statement, names: ShardNames, instant: boolean): Statement {
  return {
    ...statement,
    shard: { table: names.table, instant },
    text: renderShardText(statement.text, names),
    objects: statement.objects.map((object) => renderObject(object, names)),
    references: statement.references.map((object) => renderObject(object, names)),
  }
}
