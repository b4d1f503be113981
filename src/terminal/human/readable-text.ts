import type { Plan, Step } from '../../migrations/plan.ts'
import { type ChangeText, mapTexts, type Redact } from '../redaction.ts'
import { printable, printableLines } from '../text/printable.ts'

/** Fields that are written in paragraphs and keep their line ends. */
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

/** Fields that are taken as they are: a document, and a file's own line, whose tabs the caret must know. */
const verbatim: ReadonlySet<string> = new Set(['content', 'text'])

/** What people get to read of a text from outside: without secrets, and without anything that could drive their terminal. */
export function readableText(redact: Redact): ChangeText {
  return (text, key) => {
    const safe = redact(text)
    if (verbatim.has(key)) return safe
    return prose.has(key) ? printableLines(safe) : printable(safe)
  }
}

/**
 * A plan with every text changed that the progress lines of a run show of it: targets, notes and hazards. Its scripts stay as they
 * are, and must be changed before they are shown: they may be long, and a run that does not stop shows none of them.
 */
export function readableOutline(plan: Plan, change: ChangeText): Plan {
  const readable = (step: Step): Step =>
    step.hazards.length === 0 ? step : { ...step, hazards: mapTexts(step.hazards, change) }
  const targets = plan.targets.map(({ target, notes, steps, ...rest }) => ({
    ...rest,
    ...mapTexts({ target, notes }, change),
    steps: steps.map(readable),
  }))
  return { ...plan, targets }
}
