// A terminal as far as wwdb uses one: what was written to it, read into lines of toned text.

const sequence = new RegExp(`${'\u001b'}\\[(\\??[0-9;]*)([A-Za-z])`, 'y')

/** SGR numbers by what they mean here; a number that is not known is refused, so that no color is lost unseen. */
const tones = {
  1: 'strong',
  2: 'faint',
  31: 'red',
  32: 'green',
  33: 'yellow',
  34: 'blue',
  35: 'magenta',
  36: 'cyan',
  90: 'faint',
}

/** Lines of `{ text, tone }`; what was erased or overwritten on the way is gone, as on the screen. */
export function readScreen(written) {
  const screen = { rows: [[]], row: 0, column: 0, tone: '' }
  const text = written.replaceAll('\r\n', '\n')
  // By the place in the text, and not by what is left of it: a run of an hour writes megabytes.
  for (let at = 0; at < text.length; ) {
    sequence.lastIndex = at
    const found = sequence.exec(text)
    const character = String.fromCodePoint(text.codePointAt(at))
    if (found === null) put(screen, character)
    else control(screen, found[1], found[2])
    at += found === null ? character.length : found[0].length
  }
  const lines = screen.rows.map(joinCells)
  while (lines.length > 0 && lines.at(-1).length === 0) lines.pop()
  return lines
}

function put(screen, character) {
  if (character === '\n') {
    screen.row += 1
    screen.column = 0
    screen.rows[screen.row] ??= []
  } else if (character === '\r') screen.column = 0
  else {
    const row = screen.rows[screen.row]
    while (row.length < screen.column) row.push({ text: ' ', tone: '' })
    row[screen.column] = { text: character, tone: screen.tone }
    screen.column += 1
  }
}

function control(screen, parameters, letter) {
  const row = screen.rows[screen.row]
  if (letter === 'm') screen.tone = parameters.split(';').reduce(nextTone, screen.tone)
  else if (letter === 'A') screen.row = Math.max(0, screen.row - Number(parameters || 1))
  else if (letter === 'G') screen.column = Number(parameters || 1) - 1
  else if (letter === 'K') row.length = parameters === '2' ? 0 : Math.min(row.length, screen.column)
  else if (letter === 'J') {
    row.length = Math.min(row.length, screen.column)
    screen.rows.length = screen.row + 1
  } else if (!/^\?(25|2026)$/.test(parameters)) throw new Error(`unknown sequence ESC[${parameters}${letter}`)
}

/** Bold and faint are kept beside a color; an end of any of them ends all, since wwdb nests none. */
function nextTone(tone, number) {
  if (['', '0', '22', '39'].includes(number)) return ''
  const next = tones[number]
  if (next === undefined) throw new Error(`unknown color ${number}`)
  return [...new Set([...tone.split(' '), next])].filter((one) => one !== '').join(' ')
}

function joinCells(cells) {
  const spans = []
  for (const { text, tone } of cells) {
    if (spans.at(-1)?.tone === tone) spans.at(-1).text += text
    else spans.push({ text, tone })
  }
  const last = spans.at(-1)
  if (last !== undefined) last.text = last.text.trimEnd()
  return spans.filter(({ text }) => text !== '')
}
