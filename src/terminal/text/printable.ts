/**
 * Makes text from outside safe for a terminal: a statement or a server's message must not move the cursor, change colors or
 * reverse the line's direction. Line ends and tabs become blanks, other control and direction characters become a visible
 * `\u{...}`.
 */
export function printable(text: string): string {
  if (!suspicious.test(text)) return text
  return text.replace(lineEnds, ' ').replace(/\t/g, ' ').replace(unsafe, spell)
}

/** Like `printable`, with line ends kept as LF. */
export function printableLines(text: string): string {
  if (!suspicious.test(text)) return text
  return text.split(lineEnds).map(printable).join('\n')
}

/**
 * Makes a JSON document safe for a terminal without changing its meaning. JSON.stringify keeps C1 controls, DEL and the
 * characters that change the text direction; outside strings, JSON contains none of them.
 */
export function printableJson(json: string): string {
  const safe = json.replace(unsafeInJson, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return safe.replaceAll('##[', '#\\u0023[')
}

/**
 * Text whose lines no CI server interprets as commands: GitHub's runner obeys `::warning::...` at the start of a line, behind blanks, too,
 * and `##[error]...` anywhere in it. A name with a line end in it could begin such a line.
 */
export function withoutCommands(text: string): string {
  const started = text.includes('::') ? text.replace(commandStart, '$1\\u{3a}') : text
  return started.replaceAll('##[', '#\\u{23}[')
}

const commandStart = /^(\s*):(?=:)/gm

// C0 and C1 controls, and the characters that change the direction of writing (Unicode, Bidirectional Algorithm, 2).
const controls = '\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069'
const suspicious = new RegExp(`[${controls}\\ud800-\\udfff]`)
const unsafe = new RegExp(`[${controls}]|\\p{Cs}`, 'gu')
const unsafeInJson = new RegExp(`(?![\\u0000-\\u001f])[${controls}]`, 'g')
const lineEnds = /\r\n|[\n\r]/g

function spell(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
