import { ToolError } from '../core/tool-error.ts'

/** What a pattern can have in braces: calendar year, month, day; ISO year and week; quarter; a key in decimal. */
export type Token = 'YYYY' | 'MM' | 'DD' | 'GGGG' | 'WW' | 'Q' | 'key'

/** A pattern is a sequence of fixed texts and of tokens that are filled in. */
export type PatternPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'token'; readonly token: Token }

const forms: Readonly<Record<Token, { readonly expression: string; readonly longest: number }>> = {
  YYYY: { expression: '\\d{4}', longest: 4 },
  MM: { expression: '\\d{2}', longest: 2 },
  DD: { expression: '\\d{2}', longest: 2 },
  GGGG: { expression: '\\d{4}', longest: 4 },
  WW: { expression: '\\d{2}', longest: 2 },
  Q: { expression: '\\d', longest: 1 },
  key: { expression: '\\d{1,20}', longest: 20 },
}

const tokensInBraces: ReadonlyMap<string, Token> = new Map(
  (['YYYY', 'GGGG', 'MM', 'DD', 'WW', 'Q'] as const).map((token) => [token, token]),
)

/**
 * Takes a pattern apart: `instance_monitors_{GGGG}w{WW}`, `messages_{YYYYMM}`, `contacts_{key}`.
 * @throws ToolError `NAME_PATTERN` for braces that do not match or hold something else.
 */
export function readPattern(pattern: string): readonly PatternPart[] {
  return pattern.split(/(\{[^{}]*\})/).flatMap((piece) => readPiece(piece, pattern))
}

function readPiece(piece: string, pattern: string): readonly PatternPart[] {
  if (piece === '') return []
  if (!piece.startsWith('{') || !piece.endsWith('}')) {
    if (/[{}]/.test(piece)) throw refusePattern(pattern, 'It has an unmatched brace.')
    return [{ type: 'text', text: piece }]
  }
  const inside = piece.slice(1, -1)
  if (inside === 'key') return [{ type: 'token', token: 'key' }]
  const tokens = (inside.match(/YYYY|GGGG|MM|DD|WW|Q/g) ?? []).flatMap((found) => tokensInBraces.get(found) ?? [])
  if (tokens.length === 0 || tokens.join('') !== inside) {
    const known = 'YYYY, MM, DD, GGGG, WW and Q (together too: {YYYYMM}), and {key}'
    throw refusePattern(pattern, `${JSON.stringify(piece)} is not a token; the tokens are ${known}.`)
  }
  return tokens.map((token) => ({ type: 'token', token }))
}

/** The tokens of a pattern, in its order. */
export function tokensOf(parts: readonly PatternPart[]): readonly Token[] {
  return parts.flatMap((part) => (part.type === 'token' ? [part.token] : []))
}

/** Length of the longest name that a pattern gives. */
export function longestName(parts: readonly PatternPart[]): number {
  return parts.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : forms[part.token].longest), 0)
}

/** Matches what a pattern can give, from end to end, with each token as a group. A token may occur in it once. */
export function expressionOf(parts: readonly PatternPart[]): RegExp {
  const body = parts.map((part) =>
    part.type === 'text'
      ? part.text.replaceAll(/[^\w-]/g, '\\$&')
      : `(?<${part.token}>${forms[part.token].expression})`,
  )
  return new RegExp(`^${body.join('')}$`)
}

/** Puts the tokens' texts into a pattern. */
export function fill(parts: readonly PatternPart[], textOf: (token: Token) => string): string {
  return parts.map((part) => (part.type === 'text' ? part.text : textOf(part.token))).join('')
}

/** A pattern that cannot be used, and why. It has no `where`: the caller knows the file and the line. */
export function refusePattern(pattern: string, why: string, next?: string): ToolError {
  const fault = { what: `The naming pattern ${JSON.stringify(pattern)} cannot be used.`, why }
  return new ToolError('NAME_PATTERN', next === undefined ? fault : { ...fault, next })
}
