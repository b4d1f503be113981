import { classifyStatement } from '../../sql/classify.ts'
import { isMark, isName } from '../../sql/clauses.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { type Edit, replaceToken } from '../../sql/rewrite.ts'
import type { ObjectName } from '../../sql/statement.ts'
import type { Token } from '../../sql/token.ts'

/**
 * Names the scratch schema that stands for each schema of the server: the first is `prefix` itself, others get a number.
 * The same schema always gets the same one.
 */
export function nameScratchSchemas(prefix: string, own: string): (schema: string) => string {
  const names = new Map([[own.toLowerCase(), prefix]])
  return (schema) => {
    const key = schema.toLowerCase()
    const name = names.get(key) ?? `${prefix}_${names.size + 1}`
    names.set(key, name)
    return name
  }
}

/** Points every `schema.table` that the statement names at its scratch schema. */
export function redirectSchemas(
  tokens: readonly Token[],
  names: readonly ObjectName[],
  scratchOf: (schema: string) => string,
): readonly Edit[] {
  return tokens.flatMap((token, at) => {
    const table = tokens[at + 2]
    if (!isName(token) || !isMark(tokens[at + 1], '.') || !isName(table)) return []
    const isNamed = names.some((name) => name.schema === token.text && name.name === table.text)
    return isNamed ? [replaceToken(token, quoteName(scratchOf(token.text)))] : []
  })
}

/**
 * True when every table that a rewritten text names is in a scratch schema: looked up there because it is not qualified, or
 * qualified with one. The last look before a text is run that would otherwise change an original.
 */
export function isConfined(text: string, prefix: string): boolean {
  const facts = classifyStatement(text)
  return [...facts.objects, ...facts.references].every(({ schema }) => schema === null || schema.startsWith(prefix))
}
