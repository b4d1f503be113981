import { codes, skipBlanks, skipBlanksBack, skipQuoted } from '../../sql/lexical.ts'

/** The text of SHOW CREATE TABLE, cut at its outer parentheses and the commas between them. */
export interface SplitDefinition {
  /** Columns, indexes, keys and checks in their order, each as it is written. */
  readonly elements: readonly string[]
  /** Options and partitions. */
  readonly tail: string
}

/**
 * Cuts a definition without reading its tokens: most elements occur in several tables of a schema, and need to be read only once.
 */
export function splitDefinition(text: string): SplitDefinition {
  const elements: string[] = []
  let [depth, start] = [0, 0]
  for (let at = text.startsWith('CREATE TABLE ') ? 0 : text.length; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case codes.backtick:
      case codes.singleQuote:
      case codes.doubleQuote:
        at = skipQuoted(text, at + 1, text.charCodeAt(at)) - 1
        break
      case codes.open:
        depth += 1
        if (depth === 1) start = at + 1
        break
      case codes.comma:
        if (depth !== 1) break
        elements.push(cut(text, start, at))
        start = at + 1
        break
      case codes.close:
        depth -= 1
        if (depth > 0) break
        elements.push(cut(text, start, at))
        return { elements, tail: cut(text, at + 1, text.length) }
    }
  }
  throw new Error(`this is not the definition of a table: ${text.slice(0, 100)}`)
}

function cut(text: string, from: number, end: number): string {
  return text.slice(skipBlanks(text, from, end), skipBlanksBack(text, from, end))
}
