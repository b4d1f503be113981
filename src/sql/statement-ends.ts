import type { Token } from './tokens.ts'
import { tokenize } from './tokens.ts'

const objectWords = new Set(['PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT'])
const bodyVerbs = new Set(
  'BEGIN IF CASE LOOP WHILE REPEAT SELECT INSERT UPDATE DELETE REPLACE SET CALL RETURN WITH VALUES'.split(' '),
)
const compoundVerbs = new Set(['BEGIN', 'IF', 'CASE', 'LOOP', 'WHILE', 'REPEAT'])

/**
 * Checks whether a statement that ends at a `;` is the beginning of a CREATE PROCEDURE, FUNCTION, TRIGGER or EVENT
 * with an unfinished compound body: its BEGIN, IF, CASE, LOOP, WHILE or REPEAT has no END in the text.
 *
 * @returns the statement's verb, or null when the statement is whole
 */
export function findOpenBody(text: string): string | null {
  if (!mayHaveBody(text)) return null
  const tokens = tokenize(text)
  const kindAt = tokens.findIndex((token) => objectWords.has(keywordOf(token)))
  const kind = keywordOf(tokens[kindAt])
  if (kindAt < 0 || kindAt > 24) return null
  const bodyAt = findBody(tokens, kindAt, kind)
  const body = tokens.slice(bodyAt)
  if (!compoundVerbs.has(keywordOf(body[0])) || countOpenBlocks(body) <= 0) return null
  return `${keywordOf(tokens[0])} ${kind}`
}

const plainKinds = 'table|temporary|unique|fulltext|spatial|index|database|schema|view|user|role'
const mayBeRoutine = new RegExp(`^(?:/\\*!\\d*\\s*)?(?:create|alter)\\b(?!\\s+(?:${plainKinds})\\b)`, 'i')
const routineKind = /\b(?:procedure|function|trigger|event)\b/i

/** A quick check, so that most statements need no tokens. */
function mayHaveBody(text: string): boolean {
  return mayBeRoutine.test(text) && routineKind.test(text.slice(0, 1000))
}

function keywordOf(token: Token | undefined): string {
  return token?.type === 'word' ? token.text.toUpperCase() : ''
}

/** The index of the body's first word; the number of tokens when there is none. */
function findBody(tokens: readonly Token[], kindAt: number, kind: string): number {
  const opener = kind === 'TRIGGER' ? 'ROW' : kind === 'EVENT' ? 'DO' : kind
  let at = kindAt
  while (at < tokens.length && keywordOf(tokens[at]) !== opener) at += 1
  let depth = 0
  for (at += 1; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token?.text === '(' && token.type === 'punctuation') depth += 1
    if (token?.text === ')' && token.type === 'punctuation') depth -= 1
    if (depth === 0 && bodyVerbs.has(keywordOf(token)) && !isPartOfHead(tokens, at)) return at
  }
  return at
}

/** IF [NOT] EXISTS and CHARACTER SET come before the body. */
function isPartOfHead(tokens: readonly Token[], at: number): boolean {
  const next = keywordOf(tokens[at + 1])
  return next === 'NOT' || next === 'EXISTS' || ['CHARACTER', 'CHAR'].includes(keywordOf(tokens[at - 1]))
}

/** Blocks that are opened and not closed. Functions with names of blocks, IF(), REPEAT(), do not count. */
function countOpenBlocks(body: readonly Token[]): number {
  let open = 0
  for (let at = 0; at < body.length; at += 1) {
    const word = keywordOf(body[at])
    const previous = body[at - 1]
    if (previous?.text === '.' && previous.type === 'punctuation') continue
    if (word === 'END') {
      open -= 1
      // END IF, END CASE, ...: the second word opens nothing.
      if (compoundVerbs.has(keywordOf(body[at + 1]))) at += 1
    } else if (word === 'BEGIN' || word === 'CASE' || word === 'LOOP' || word === 'WHILE') open += 1
    else if ((word === 'IF' || word === 'REPEAT') && startsStatement(previous)) open += 1
  }
  return open
}

function startsStatement(previous: Token | undefined): boolean {
  if (previous === undefined) return true
  if (previous.type === 'punctuation') return previous.text === ';' || previous.text === ':'
  return ['BEGIN', 'THEN', 'ELSE', 'DO', 'LOOP', 'REPEAT'].includes(keywordOf(previous))
}

const delimiterLine = /^[\t ]*delimiter[\t ]+[^\s:]+[\t\r ]*$/im

/**
 * Finds the DELIMITER command that the client takes for a part of the statement, because the current delimiter does not end the statement: a line that sets a delimiter after a `;` or an END. Where a statement continues in another way, the word is a name, such as a column's.
 *
 * @returns its offset in the text, or null
 */
export function findSwallowedDelimiter(text: string): number | null {
  if (!delimiterLine.test(text)) return null
  const tokens = tokenize(text)
  const found = tokens.find((token, index) => {
    if (keywordOf(token) !== 'DELIMITER') return false
    const before = tokens[index - 1]
    const lineStart = text.lastIndexOf('\n', token.start) + 1
    const isCommand = lineStart > 0 && delimiterLine.exec(text.slice(lineStart))?.index === 0
    return isCommand && ((before?.type === 'punctuation' && before.text === ';') || keywordOf(before) === 'END')
  })
  return found?.start ?? null
}

/** How many characters of a delimiter the `mysql` client keeps (client/mysql.cc: `char delimiter[16]`). */
const longestDelimiter = 15

export const defaultDelimiter = ';'

const command = /delimiter(?![\w$\u0080-\uffff])/iy

/** Whether a DELIMITER command begins at `at`, where a statement may begin. */
export function isDelimiterCommand(text: string, at: number): boolean {
  command.lastIndex = at
  return command.test(text)
}

type DelimiterArgument =
  | { readonly type: 'delimiter'; readonly text: string }
  | { readonly type: 'fault'; readonly why: string }

/**
 * What a DELIMITER command sets, as the client reads it: one word up to a blank, or a text in ' " or ` quotes in
 * which a doubled quote means one. The rest of the line is ignored.
 */
export function readDelimiterArgument(line: string): DelimiterArgument {
  if (/^delimiter[^\t-\r ]/i.test(line)) return fault('a space must follow the word DELIMITER')
  const argument = line.replace(/^delimiter[\t-\r ]*/i, '').replace(/[\t-\r ]+$/, '')
  const quoted = /^(['"`])((?:(?!\1)[\s\S]|\1\1)*)(\1?)/.exec(argument)
  if (quoted !== null && quoted[3] === '') return fault('its quoted delimiter is not closed')
  const quote = quoted?.[1] ?? ''
  const text =
    quoted === null ? argument.replace(/[\t-\r ][\s\S]*$/, '') : (quoted[2] ?? '').replaceAll(quote + quote, quote)
  if (text === '') return fault('it does not specify a delimiter')
  if (text.includes('\\')) return fault('a delimiter cannot contain a backslash')
  // The client skips characters of several bytes before it looks for the delimiter (measured on 9.7).
  if (/[^\x20-\x7e]/.test(text)) return fault('a delimiter consists of printable ASCII characters')
  if (text.length > longestDelimiter) {
    return fault(`a delimiter has at most ${longestDelimiter} characters; the mysql client would truncate it`)
  }
  return { type: 'delimiter', text }
}

function fault(why: string): DelimiterArgument {
  return { type: 'fault', why }
}
