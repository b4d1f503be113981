import { tokenize } from './tokens.ts'

/** Text between double braces in a statement. */
export interface Placeholder {
  /** The text between the braces. */
  readonly inside: string
  /** The offset of the opening braces in the text. */
  readonly start: number
  readonly end: number
  /** - `code` part of a name; `quoted` within a name in backticks. */
  readonly place: 'code' | 'quoted'
}

const braces = /\{\{([^{}\n]*)\}\}/g

/**
 * The placeholders of a statement. They are part of the code: double braces in a string (in ' or ") or in a comment are left alone,
 * because they may belong to the user, for example in a message template; the text of PREPARE is code.
 */
export function findPlaceholders(text: string): readonly Placeholder[] {
  if (!text.includes('{{')) return []
  const tokens = tokenize(text)
  const isPrepare = tokens[0]?.text.toUpperCase() === 'PREPARE' && tokens[2]?.text.toUpperCase() === 'FROM'
  return tokens.flatMap((token, at) => {
    const written = text.slice(token.start, token.end)
    const isText = token.type === 'string' || /^@['"]/.test(written)
    if (isText && !(isPrepare && at === 3)) return []
    const place = /^@?`/.test(written) ? ('quoted' as const) : ('code' as const)
    return [...written.matchAll(braces)].map((match) => {
      const start = token.start + match.index
      return { inside: match[1] ?? '', start, end: start + match[0].length, place }
    })
  })
}

/** The logical database of `{{schema:DATABASE}}`, from the text between the braces; null for any other text. */
export function schemaPlaceholder(inside: string): string | null {
  return /^schema:(\S+)$/.exec(inside)?.[1] ?? null
}
