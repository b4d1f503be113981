import { closingOf, isMark, isName, isWord, skipName } from '../clauses.ts'
import type { Token } from '../tokens.ts'
import { tokenize } from '../tokens.ts'

/** The statements of a procedure's body. */
export interface ProcedureBody {
  /** All its SQL statements, including those in loops and handlers. */
  readonly statements: readonly string[]
  /**
   * For each statement, whether it runs exactly once in a call that ends without an error, in the order of the text.
   */
  readonly certain: readonly boolean[]
  /** For each statement, whether it is in a loop. */
  readonly repeated: readonly boolean[]
  /** True with a handler that continues after an error; NOT FOUND at the end of a cursor does not count. */
  readonly handlesErrors: boolean
}

/** Words that do not begin an SQL statement: up to the semicolon, only local variables and the control flow change. */
const localWords = ['LEAVE', 'ITERATE', 'RETURN', 'OPEN', 'FETCH', 'CLOSE', 'END'] as const

/**
 * Reads a body, alone or in a whole CREATE PROCEDURE. Conditions are left out: their functions and queries can neither
 * commit nor rename a table.
 */
export function readBody(text: string): ProcedureBody {
  const tokens = tokenize(text)
  const statements: string[] = []
  const certain: boolean[] = []
  const repeated: boolean[] = []
  let handlesErrors = false
  let hasHandler = false
  /** The number of open conditional blocks, and whether the call may have ended before. */
  let depth = 0
  let loops = 0
  let mayHaveLeft = false
  let at = findBody(tokens)
  while (at < tokens.length) {
    const token = tokens[at]
    if (opensBlock(tokens, at)) depth += 1
    else if (isWord(token, 'END') && isWord(tokens[at + 1], ...conditionalBlocks)) depth -= 1
    if (isWord(tokens[isWord(token, 'END') ? at + 1 : at], ...loopBlocks)) loops += isWord(token, 'END') ? -1 : 1
    if (isWord(token, 'LEAVE', 'ITERATE', 'RETURN', 'SIGNAL')) mayHaveLeft = true
    if (isMark(token, ';') || isWord(token, 'BEGIN', 'ELSE', 'LOOP', 'REPEAT')) at += 1
    else if (isName(token) && isMark(tokens[at + 1], ':')) at += 2
    else if (isWord(token, 'IF', 'ELSEIF', 'CASE', 'WHEN')) at = skipCondition(tokens, at + 1, 'THEN')
    else if (isWord(token, 'WHILE')) at = skipCondition(tokens, at + 1, 'DO')
    else if (isWord(token, 'UNTIL')) at = skipCondition(tokens, at + 1, 'END') - 1
    else if (isWord(token, 'DECLARE') && isWord(tokens[at + 2], 'HANDLER')) {
      hasHandler = true
      handlesErrors ||= !(isWord(tokens[at + 4], 'NOT') && isWord(tokens[at + 5], 'FOUND'))
      at = skipHandler(tokens, at + 4)
    } else {
      const end = findEnd(tokens, at)
      const sliced = (from: number): string => text.slice(tokens[from]?.start, tokens[end - 1]?.end)
      const found = isWord(token, 'DECLARE')
        ? readDeclaration(tokens.slice(0, end), at, sliced)
        : isWord(token, ...localWords)
          ? []
          : [sliced(at)]
      statements.push(...found)
      certain.push(...found.map(() => depth === 0 && !mayHaveLeft))
      repeated.push(...found.map(() => loops > 0))
      at = end
    }
  }
  return { statements, certain: hasHandler ? certain.map(() => false) : certain, repeated, handlesErrors }
}

const loopBlocks = ['WHILE', 'LOOP', 'REPEAT'] as const
const conditionalBlocks = ['IF', 'CASE', ...loopBlocks] as const

/** True at the word that opens a block whose statements run under a condition or more than once; not at the one that closes it. */
function opensBlock(tokens: readonly Token[], at: number): boolean {
  return isWord(tokens[at], ...conditionalBlocks) && !isWord(tokens[at - 1], 'END')
}

/** The index after the parameters and characteristics of a CREATE PROCEDURE; 0 for a body alone. */
function findBody(tokens: readonly Token[]): number {
  const kind = isWord(tokens[0], 'CREATE') ? tokens.findIndex((token) => isWord(token, 'PROCEDURE')) : -1
  if (kind < 0) return 0
  const name = isWord(tokens[kind + 1], 'IF') ? kind + 4 : kind + 1
  let at = closingOf(tokens, skipName(tokens, name)) + 1
  for (;;) {
    if (isWord(tokens[at], 'COMMENT', 'LANGUAGE', 'CONTAINS', 'NOT', 'NO')) at += isWord(tokens[at + 2], 'SQL') ? 3 : 2
    else if (isWord(tokens[at], 'DETERMINISTIC')) at += 1
    else if (isWord(tokens[at], 'READS', 'MODIFIES', 'SQL')) at += 3
    else return at
  }
}

/** The index after the word that ends a condition. CASE expressions contain the same words. */
function skipCondition(tokens: readonly Token[], from: number, word: string): number {
  let depth = 0
  for (let at = from; at < tokens.length; at += 1) {
    if (depth === 0 && isWord(tokens[at], word)) return at + 1
    if (isWord(tokens[at], 'CASE')) depth += 1
    else if (isWord(tokens[at], 'END')) depth -= 1
  }
  return tokens.length
}

/** The index after the conditions of `HANDLER FOR`: the list ends where no comma follows. */
function skipHandler(tokens: readonly Token[], from: number): number {
  let at = from
  for (;;) {
    if (isWord(tokens[at], 'NOT')) at += 2
    else if (isWord(tokens[at], 'SQLSTATE')) at += isWord(tokens[at + 1], 'VALUE') ? 3 : 2
    else at += 1
    if (!isMark(tokens[at], ',')) return at
    at += 1
  }
}

function findEnd(tokens: readonly Token[], from: number): number {
  const end = tokens.findIndex((token, at) => at >= from && isMark(token, ';'))
  return end < 0 ? tokens.length : end
}

/** The code in a DECLARE: the query of a cursor, the default of variables. */
function readDeclaration(tokens: readonly Token[], from: number, sliced: (from: number) => string): readonly string[] {
  if (isWord(tokens[from + 2], 'CURSOR')) return [sliced(from + 4)]
  const value = tokens.findIndex((token, at) => at > from && isWord(token, 'DEFAULT'))
  return value < 0 ? [] : [`SET declared = ${sliced(value + 1)}`]
}
