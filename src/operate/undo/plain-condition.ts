import { isMark, isWord } from '../../sql/clauses.ts'
import { tokenize } from '../../sql/tokens.ts'

/** What stands in front of a parenthesis and gives the same for the same rows. */
const plain: ReadonlySet<string> = new Set(
  (
    'and or not in index key exists any some all xor where on using from join select values as when then else case like between div mod regexp rlike is binary by ' +
    'abs ascii ceil ceiling char char_length character_length coalesce concat concat_ws cast convert crc32 date datediff date_add date_sub day dayofmonth ' +
    'elt field find_in_set floor greatest hex if ifnull instr isnull json_contains json_extract json_unquote json_value last_day least left length locate lower ' +
    'lpad ltrim md5 month nullif octet_length position quarter regexp_like replace reverse right round rpad rtrim sha1 sha2 sign strcmp substr substring ' +
    'substring_index timestampdiff trim truncate unhex upper week weekday year count sum min max avg partition decimal signed unsigned varchar varbinary'
  ).split(' '),
)

/** What changes while a chunk runs, without a parenthesis behind it. */
const moving = [
  'CURRENT_DATE',
  'CURRENT_TIME',
  'CURRENT_TIMESTAMP',
  'LOCALTIME',
  'LOCALTIMESTAMP',
  'UTC_DATE',
  'UTC_TIME',
  'UTC_TIMESTAMP',
] as const

/** True where a condition certainly gives the same answer when it is asked again of the same rows: no time, no chance, no variable, no function that is not known. */
export function isPlainCondition(text: string): boolean {
  const tokens = tokenize(text)
  return !tokens.some((token, at) => {
    if (token.type === 'user-variable' || token.type === 'system-variable' || isWord(token, ...moving)) return true
    const isNamed = token.type === 'word' || token.type === 'name'
    return isNamed && isMark(tokens[at + 1], '(') && !plain.has(token.text.toLowerCase())
  })
}
