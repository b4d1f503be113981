import { isMark, isName, isWord } from '../../sql/clauses.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { applyEdits, type Edit, replaceToken, type Token, tokenize } from '../../sql/tokens.ts'
import type { TableSnapshot } from '../snapshot.ts'
import { normalizeParts } from './normal-form.ts'
import { splitDefinition } from './split-definition.ts'

/** The names that a template uses for the tables in a definition. */
export interface DefinitionNames {
  readonly table: string
  /** Placeholders such as `{{sibling:groups}}`, by the table that replaces them here. */
  readonly siblings: ReadonlyMap<string, string>
}

/**
 * Reads the text of SHOW CREATE TABLE of a shard. Two shards of one template give equal results, independent of their names: in names that contain the
 * table's name, that is written as `{{table}}`. Throws an Error for other text, for example the definition of a view.
 */
export function readDefinition(text: string, names: DefinitionNames): TableSnapshot {
  const { elements, tail } = splitDefinition(text)
  // Both sides of a comparison come from one server, so its defaults do not matter.
  const context = { collations: new Map(), databases: new Map() }
  return normalizeParts('{{table}}', { elements: elements.map((one) => replaceNames(one, names)), tail }, context)
}

/**
 * Names of constraints are unique in a schema, so those of a shard contain the name of its table, including generated ones
 * (`contacts_42_ibfk_1`); names of indexes may contain it. A reference to a sibling shard is written with its placeholder.
 */
function replaceNames(text: string, { table, siblings }: DefinitionNames): string {
  const tokens = tokenize(text)
  const edits = tokens.flatMap((token, at): readonly Edit[] => {
    const name = token.type === 'name' ? generalName(tokens, at, table, siblings) : null
    return name === null ? [] : [replaceToken(token, quoteName(name))]
  })
  return applyEdits(text, edits)
}

function generalName(
  tokens: readonly Token[],
  at: number,
  table: string,
  siblings: ReadonlyMap<string, string>,
): string | null {
  const name = tokens[at]?.text ?? ''
  const before = tokens[at - 1]
  if (isWord(before, 'CONSTRAINT', 'KEY')) return generalPart(name, table)
  if (!isWord(before, 'REFERENCES') || (isMark(tokens[at + 1], '.') && isName(tokens[at + 2]))) return null
  return name === table ? '{{table}}' : (siblings.get(name) ?? null)
}

/** Replaces the table's name where it is a whole word of another name; null where it does not occur. */
function generalPart(name: string, table: string): string | null {
  const at = name.indexOf(table)
  if (at < 0) return null
  const [before, after] = [name.charAt(at - 1), name.charAt(at + table.length)]
  const isWhole = (at === 0 || before === '_') && (after === '' || after === '_')
  return isWhole ? `${name.slice(0, at)}{{table}}${name.slice(at + table.length)}` : null
}
