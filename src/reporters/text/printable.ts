/**
 * Makes text from outside safe for a terminal: a statement or a server's message must not move the cursor, change colours or
 * reverse the line's direction. Line ends and tabs become blanks, other control and direction characters a visible `\u{...}`.
 */
export function printable(text: string): string {
  if (!suspicious.test(text)) return text
  return text.replace(lineEnds, ' ').replace(/\t/g, ' ').replace(unsafe, spell)
}

/** Like `printable`, with line ends kept as LF. */
export function printableLines(text: string): string {
  return text.split(lineEnds).map(printable).join('\n')
}

// C0 and C1 controls, and the characters that change the direction of writing (Unicode, Bidirectional Algorithm, 2).
const controls = '\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069'
const suspicious = new RegExp(`[${controls}\\ud800-\\udfff]`)
const unsafe = new RegExp(`[${controls}]|\\p{Cs}`, 'gu')
const lineEnds = /\r\n|[\n\r]/g

function spell(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
