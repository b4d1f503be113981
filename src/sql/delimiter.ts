/** How many characters of a delimiter the `mysql` client keeps (client/mysql.cc: `char delimiter[16]`). */
const longestDelimiter = 15

export const defaultDelimiter = ';'

const command = /delimiter(?![\w$\u0080-\uffff])/iy

/** Whether a DELIMITER command stands at `at`, where a statement may begin. */
export function isDelimiterCommand(text: string, at: number): boolean {
  command.lastIndex = at
  return command.test(text)
}

export type DelimiterArgument =
  | { readonly type: 'delimiter'; readonly text: string }
  | { readonly type: 'fault'; readonly why: string }

/**
 * What a DELIMITER command sets, as the client reads it: one word up to a blank, or a text in ' " or ` quotes in
 * which a doubled quote stands for itself. What follows it on the line is ignored.
 */
export function readDelimiterArgument(line: string): DelimiterArgument {
  if (/^delimiter[^\t-\r ]/i.test(line)) return fault('a blank must follow the word DELIMITER')
  const argument = line.replace(/^delimiter[\t-\r ]*/i, '').replace(/[\t-\r ]+$/, '')
  const quoted = /^(['"`])((?:(?!\1)[\s\S]|\1\1)*)(\1?)/.exec(argument)
  if (quoted !== null && quoted[3] === '') return fault('its quoted delimiter is not closed')
  const quote = quoted?.[1] ?? ''
  const text =
    quoted === null ? argument.replace(/[\t-\r ][\s\S]*$/, '') : (quoted[2] ?? '').replaceAll(quote + quote, quote)
  if (text === '') return fault('it names no delimiter')
  if (text.includes('\\')) return fault('a delimiter cannot contain a backslash')
  // The client skips characters of several bytes before it looks for the delimiter (measured on 9.7).
  if (/[^\x20-\x7e]/.test(text)) return fault('a delimiter consists of printable ASCII characters')
  if (text.length > longestDelimiter) {
    return fault(`a delimiter has at most ${longestDelimiter} characters; the mysql client would cut it off`)
  }
  return { type: 'delimiter', text }
}

function fault(why: string): DelimiterArgument {
  return { type: 'fault', why }
}
