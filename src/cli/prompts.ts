import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import type { Confirmation } from '../command/context.ts'
import { ToolError } from '../core/tool-error.ts'
import { spanText } from '../terminal/text/span.ts'
import { wrapLine } from '../terminal/text/wrap.ts'

/** How questions are answered: by flags, by a person, or not at all. */
export interface ConfirmationRules {
  /** --yes */
  readonly yes: boolean
  /** --confirm NAME */
  readonly confirm: string | null
  /** --allow-protected */
  readonly allowProtected: boolean
  /** Asks a person and gives the line typed, or null when the input ended; null without a terminal. */
  readonly ask: ((question: string) => Promise<string | null>) | null
  /** The name of the environment when it is protected, else null. Read only for a severe question. */
  readonly protectedEnvironment: () => Promise<string | null>
}

/** Returns when the answer is yes; throws ToolError `PROTECTED` or `NOT_CONFIRMED` (both exit 2). */
export async function confirm(question: Confirmation, rules: ConfirmationRules): Promise<void> {
  if (question.level === 'severe') {
    await refuseProtected(question, rules)
    await confirmSevere(question, rules)
  } else {
    await confirmModerate(question, rules)
  }
}

async function refuseProtected(question: Confirmation, rules: ConfirmationRules): Promise<void> {
  if (rules.allowProtected) return
  const environment = await rules.protectedEnvironment()
  if (environment === null) return
  throw new ToolError('PROTECTED', {
    what: `${question.what} This is not allowed: the environment \`${environment}\` is protected.`,
    next: 'Check that this is the right environment; if so, add `--allow-protected`.',
  })
}

async function confirmModerate({ what }: Confirmation, { yes, ask }: ConfirmationRules): Promise<void> {
  if (yes) return
  if (ask === null)
    throw notConfirmed(what, 'There is no terminal for the question.', 'Add `--yes` to continue without the question.')
  const answer = await ask(`${what}\nContinue? [y/N] `)
  if (answer !== null && /^y(es)?$/i.test(answer.trim())) return
  throw notConfirmed(
    what,
    'The answer was not yes.',
    'Nothing was done. Run the command again and answer y, or add `--yes`.',
  )
}

async function confirmSevere({ what, name }: Confirmation, rules: ConfirmationRules): Promise<void> {
  const flag = `\`--confirm ${name}\``
  if (rules.confirm === name) return
  if (rules.confirm !== null) {
    throw notConfirmed(
      what,
      `\`--confirm\` names \`${rules.confirm}\`, not \`${name}\`.`,
      `Nothing was done. Check the name, then use ${flag}.`,
    )
  }
  if (rules.ask === null)
    throw notConfirmed(what, 'There is no terminal for the question.', `Add ${flag} to continue without the question.`)
  const answer = await rules.ask(`${what}\nType ${name} to continue: `)
  if (answer?.trim() === name) return
  throw notConfirmed(
    what,
    `The text typed is not \`${name}\`.`,
    `Nothing was done. Run the command again and type \`${name}\`, or add ${flag}.`,
  )
}

function notConfirmed(what: string, why: string, next: string): ToolError {
  return new ToolError('NOT_CONFIRMED', { what: `Not confirmed: ${what}`, why, next })
}

/** Breaks a question between words where the terminal would break it within one; the answer is typed after its last line. */
export function breakLines(question: string, columns: number | undefined): string {
  if (columns === undefined || columns === 0) return question
  const ending = /\s*$/.exec(question)?.[0] ?? ''
  const lines = question
    .trimEnd()
    .split('\n')
    .flatMap((line) => wrapLine([line], columns - 1))
  return `${lines.map((line) => line.map(spanText).join('')).join('\n')}${ending}`
}

export interface Questioner {
  readonly input: Readable
  /** stderr: a question is not part of the answer. */
  readonly output: Writable
  /** Ends the question, as if the input had ended. */
  readonly signal: AbortSignal
}

/**
 * Asks a person for one line. The terminal stays in its usual mode, so that Ctrl-C remains a signal; readline's own line
 * editing would swallow it.
 */
export async function askLine(question: string, { input, output, signal }: Questioner): Promise<string | null> {
  const lines = createInterface({ input, output, terminal: false })
  const ended = new Promise<null>((resolve) => {
    lines.once('close', () => resolve(null))
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  try {
    return await Promise.race([lines.question(question), ended])
  } finally {
    lines.close()
  }
}
