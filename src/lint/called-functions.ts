import { isMark, isWord } from '../sql/clauses.ts'
import { listTablesRead, readSources } from '../sql/read-sources.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { type Token, tokenize } from '../sql/tokens.ts'
import { isPlainInsert } from './plain-rows.ts'

/** Words that often stand before a parenthesis and are not stored functions, so that the server is not asked about them; with a schema before it any name is one. */
const words =
  /^(?:values?|in|and|or|not|key|index|primary|unique|references|check|int|bigint|smallint|tinyint|varchar|char|decimal|varbinary|binary|enum|set|datetime|timestamp|time|bit|exists|select|from|join|on|using|as|over|count|sum|min|max|avg|coalesce|concat|if|ifnull|nullif|now|length|date_format|json_object|json_extract|cast|convert|row|interval|like|between|where|when|then|else|limit|by|partition|range|list|hash|current_timestamp|current_user|user|return|returns|do|call)$/i

/**
 * The names that a statement calls as functions; the server knows which of them are stored functions. Rows of literals are not read.
 */
export function listFunctionsCalled(
  statement: Pick<Statement, 'verb' | 'objects' | 'text' | 'class'>,
): readonly ObjectName[] {
  const { verb, text } = statement
  if (!callingVerbs.test(verb) || !text.includes('(')) return []
  // Columns cannot call a stored function: the server refuses that.
  if (/TABLE$/.test(verb) && !/\bselect\b/i.test(text)) return []
  if ((verb === 'INSERT' || verb === 'REPLACE') && text.length > 65_536) return []
  if (isPlainInsert(statement as Statement) && !/[\w`]\s*\(/.test(text.replace(/^[\s\S]*?\bvalues?\b/i, ''))) return []
  const tokens = tokenize(text)
  return tokens.flatMap((token, at): readonly ObjectName[] => {
    if ((token.type !== 'word' && token.type !== 'name') || !isMark(tokens[at + 1], '(')) return []
    const isQualified = isMark(tokens[at - 1], '.')
    if (token.type === 'word' && !isQualified && words.test(token.text) && !isApart(token, tokens[at + 1])) return []
    const first = isQualified ? at - 3 : at - 1
    // `INTO t (`, `TABLE t (`: the target of a statement, with its columns.
    if (isWord(tokens[first], ...beforeTables)) return []
    const schema = isQualified ? (tokens[at - 2]?.text ?? null) : null
    return [{ type: 'function', schema, name: token.text }]
  })
}

/**
 * A built-in function is called only where the parenthesis follows at once: `COUNT (x)` calls a stored function (manual, "Function Name Parsing and
 * Resolution").
 */
const builtInTogether =
  /^(?:adddate|bit_and|bit_or|bit_xor|cast|count|curdate|curtime|date_add|date_sub|extract|group_concat|json_arrayagg|json_objectagg|max|mid|min|now|position|session_user|st_collect|std|stddev|stddev_pop|stddev_samp|subdate|substr|substring|sum|sysdate|system_user|trim|variance|var_pop|var_samp)$/i

function isApart({ text, end }: Token, next: Token | undefined): boolean {
  return next !== undefined && next.start > end && builtInTogether.test(text)
}

const beforeTables = [
  'INTO',
  'TABLE',
  'EXISTS',
  'VIEW',
  'INSERT',
  'REPLACE',
  'IGNORE',
  'FUNCTION',
  'PROCEDURE',
] as const

const callingVerbs =
  /^(?:SELECT|TABLE|VALUES|DO|SET|CALL|INSERT|REPLACE|UPDATE|DELETE|EXPLAIN|CREATE (?:VIEW|TRIGGER|EVENT|TABLE|PROCEDURE|FUNCTION|TEMPORARY TABLE)|ALTER EVENT|PREPARE)$/

/** The tables and views that a statement names or queries, at any place. */
export function listNamed(statement: Pick<Statement, 'verb' | 'objects' | 'text'>): readonly ObjectName[] {
  const { verb, objects, text } = statement
  const own = objects.filter(({ type }) => type === 'table' || type === 'view')
  if (!/\b(?:select|table|update|delete)\b/i.test(text) || isPlainInsert(statement as Statement)) return own
  const queried = queryingVerbs.test(verb)
    ? readSources(tokenize(text)).map(({ table }) => table)
    : listTablesRead(statement)
  return [...own, ...queried]
}

/** What may contain a query, but is not a query itself. */
const queryingVerbs = /^(?:DO|SET|CALL|EXPLAIN|CREATE VIEW|ALTER VIEW|CREATE TEMPORARY TABLE)$/
