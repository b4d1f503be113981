import { Lexer } from './lexer.ts'
import type { Token } from './token.ts'

/**
 * The tokens of one statement. Comments and optimizer hints are skipped; what stands in an executable comment
 * is taken as code, whatever version it asks for.
 */
export function tokenize(text: string): Token[] {
  const lexer = new Lexer(text)
  const tokens: Token[] = []
  for (let token = lexer.next(); token !== null; token = lexer.next()) tokens.push(token)
  return tokens
}
