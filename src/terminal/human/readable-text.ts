import type { ChangeText, Redact } from '../redaction.ts'
import { printable, printableLines } from '../text/printable.ts'

/** Fields that are written as paragraphs and keep their line ends. */
const prose: ReadonlySet<string> = new Set([
  'what',
  'why',
  'next',
  'instead',
  'message',
  'accepted',
  'notes',
  'stack',
  'fault',
  'statements',
  'sql',
])

/** Fields that are not changed: a document, and a file's own line, whose tabs the caret depends on. */
const verbatim: ReadonlySet<string> = new Set(['content', 'text'])

/** A text from outside as people may read it: without secrets, and without anything that could control their terminal. */
export function readableText(redact: Redact): ChangeText {
  return (text, key) => {
    const safe = redact(text)
    if (verbatim.has(key)) return safe
    return prose.has(key) ? printableLines(safe) : printable(safe)
  }
}
