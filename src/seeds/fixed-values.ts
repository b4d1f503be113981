import { type Clause, isMark, isName, isWord } from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Functions that give the same for the same arguments, in any session of wwdb. */
const fixed = words(`
  ABS ACOS ADDDATE ADDTIME ASCII ASIN ATAN ATAN2 BIN BIN_TO_UUID BIT_COUNT BIT_LENGTH CAST CEIL CEILING CHAR CHARACTER_LENGTH CHAR_LENGTH COALESCE COMPRESS CONCAT CONCAT_WS
  CONV CONVERT CONVERT_TZ COS COT CRC32 DATE DATEDIFF DATE_ADD DATE_FORMAT DATE_SUB DAY DAYNAME DAYOFMONTH DAYOFWEEK DAYOFYEAR DEGREES ELT EXP EXPORT_SET FIELD FIND_IN_SET
  FLOOR FORMAT FROM_BASE64 FROM_DAYS FROM_UNIXTIME GREATEST HEX HOUR IF IFNULL INET6_ATON INET6_NTOA INET_ATON INET_NTOA INSTR ISNULL JSON_ARRAY JSON_CONTAINS
  JSON_CONTAINS_PATH JSON_EXTRACT JSON_KEYS JSON_LENGTH JSON_MERGE_PATCH JSON_MERGE_PRESERVE JSON_OBJECT JSON_QUOTE JSON_REMOVE JSON_REPLACE JSON_SEARCH JSON_SET JSON_TYPE
  JSON_UNQUOTE JSON_VALID LAST_DAY LCASE LEAST LEFT LENGTH LN LOCATE LOG LOG10 LOG2 LOWER LPAD LTRIM MAKEDATE MAKETIME MAKE_SET MD5 MICROSECOND MID MINUTE MOD MONTH MONTHNAME
  NULLIF OCT OCTET_LENGTH ORD PERIOD_ADD PERIOD_DIFF PI POSITION POW POWER QUARTER QUOTE RADIANS REGEXP_INSTR REGEXP_LIKE REGEXP_REPLACE REGEXP_SUBSTR REPEAT REPLACE REVERSE
  RIGHT ROUND RPAD RTRIM SECOND SEC_TO_TIME SHA SHA1 SHA2 SIGN SIN SOUNDEX SPACE SQRT STRCMP STR_TO_DATE SUBDATE SUBSTR SUBSTRING SUBSTRING_INDEX SUBTIME TAN TIMEDIFF
  TIME_FORMAT TIME_TO_SEC TO_BASE64 TO_DAYS TO_SECONDS TRIM TRUNCATE UCASE UNHEX UPPER UUID_TO_BIN WEEK WEEKDAY WEEKOFYEAR WEIGHT_STRING YEAR YEARWEEK
`)
const ofTime = words(
  'NOW CURDATE CURTIME CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP SYSDATE UNIX_TIMESTAMP UTC_DATE UTC_TIME UTC_TIMESTAMP',
)
const random = words('RAND RANDOM_BYTES UUID UUID_SHORT')
/** Of these, MySQL takes no parenthesis as needed: unquoted, they are never columns. */
const bare = words(
  'CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER LOCALTIME LOCALTIMESTAMP UTC_DATE UTC_TIME UTC_TIMESTAMP',
)
/** Reserved words of expressions, and types: a parenthesis behind them calls nothing. */
const syntax = words(`
  ALL AND AS BETWEEN BINARY BY CASE CHAR COLLATE DATETIME DECIMAL DEFAULT DIV ELSE END ESCAPE FALSE FLOAT FROM IN INTERVAL IS LIKE MEMBER MOD NOT NULL OF OR ORDER REGEXP RLIKE
  SIGNED THEN TIME TRUE UNSIGNED USING VALUES WHEN WHERE XOR
`)

/** Types of CAST that may be names of columns, too. */
const castTypes = words('TIME DATE DATETIME SIGNED UNSIGNED JSON')

/** What else may be part of a value. */
interface Permission {
  readonly columns?: true
  /** The time, which a repeated run writes anew. */
  readonly time?: true
  /** Of a row that is inserted once. */
  readonly random?: true
}

/** The first part of an expression that may give something else when it runs again; null where there is none. */
export function findUnfixed(expression: Clause, may: Permission): Token | null {
  return expression.find((token, at) => !isFixed(expression, token, at, may)) ?? null
}

/** Whether what `findUnfixed` has found is a function, and no column. */
export const isFunction = (expression: Clause, token: Token): boolean =>
  isBare(token) || isMark(expression[expression.indexOf(token) + 1], '(')

const isBare = (token: Token): boolean => token.type === 'word' && bare.has(token.text.toUpperCase())

function isFixed(expression: Clause, token: Token, at: number, may: Permission): boolean {
  if (token.type === 'user-variable' || token.type === 'system-variable') return false
  if (token.text === ':=') return false
  if (!isName(token)) return true
  const word = token.type === 'word' ? token.text.toUpperCase() : ''
  const isOwn = isMark(expression[at - 1], '.')
  if (!isOwn && (isBare(token) || isMark(expression[at + 1], '('))) {
    if (fixed.has(word) || syntax.has(word)) return true
    return (may.time === true && ofTime.has(word)) || (may.random === true && random.has(word))
  }
  return may.columns === true || isLiteral(expression, word, at)
}

/** Words of a literal, as in `DATE '2026-01-01'`, `X'41'` and `INTERVAL 1 DAY`, and those that no column is named by. */
function isLiteral(expression: Clause, word: string, at: number): boolean {
  const next = expression[at + 1]
  if (word !== '' && next?.type === 'string')
    return /^(?:DATE|TIME|TIMESTAMP|X|B|N|_\w+)$/.test(word) || syntax.has(word)
  const before = expression[at - 1]
  if (castTypes.has(word)) return isWord(before, 'AS')
  if (isWord(before, 'COLLATE', 'USING')) return true
  return syntax.has(word) || isWord(expression[at - 2], 'INTERVAL')
}
