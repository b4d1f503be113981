import type { HookConfig } from '../config/hooks.ts'
import { type Location, ToolError } from '../core/tool-error.ts'
import type { HookDocument } from './documents.ts'

/** How a hook's program ended. */
export type ProgramEnd =
  | { readonly type: 'exited'; readonly code: number; readonly output: string }
  /** A signal ended it. */
  | { readonly type: 'killed'; readonly signal: string; readonly output: string }
  /**
   * It took too long and was ended together with the processes that it started; `left` are those still running.
   * `isWhole`: it had its own control group, so the list is complete.
   */
  | { readonly type: 'timeout'; readonly left: readonly number[]; readonly isWhole: boolean }
  /** wwdb was asked to stop meanwhile. */
  | { readonly type: 'stopped' }
  | { readonly type: 'not-started'; readonly why: string }

/** Starts the program of a hook, with a document for its stdin, and waits for its end. Never throws. */
export type StartProgram = (hook: HookConfig, input: string, stop: AbortSignal) => Promise<ProgramEnd>

/** What the hook was asked about, as the subject of a sentence. */
type Matter = 'run' | 'migration' | 'rotation'

const longestSentence = 500

/** Throws where the program did not end with 0: ToolError `HOOK_VETOED`, `HOOK_TIMEOUT`, `HOOK_FAILED`, `STOPPED`. */
export function judgeBefore(hook: HookConfig, matter: Matter, end: ProgramEnd, where?: Location): void {
  const { name } = hook
  const place = where === undefined ? {} : { where }
  const next = 'Nothing was changed. Do what the hook says, then run the command again.'
  switch (end.type) {
    case 'exited':
      if (end.code === 0) return
      throw new ToolError('HOOK_VETOED', {
        what: sentenceOf(end.output) ?? `The hook \`${name}\` rejected the ${matter}.`,
        ...place,
        why: `\`${name}\` ended with exit code ${end.code}, so the ${matter} did not start.`,
        next,
      })
    case 'killed':
      throw new ToolError('HOOK_VETOED', {
        what: `The hook \`${name}\` was ended by ${end.signal}.`,
        ...place,
        why: sentenceOf(end.output) ?? `Without its answer the ${matter} does not start.`,
        next: 'Nothing was changed. Find out what ended the hook, then run the command again.',
      })
    case 'timeout':
      throw new ToolError('HOOK_TIMEOUT', {
        what: `The hook \`${name}\` took longer than ${hook.timeout} ms.`,
        ...place,
        why: `${describeEnd(end)}; without its answer the ${matter} does not start.`,
        next: 'Run the command again, or give the hook a longer `timeout` in the configuration.',
      })
    case 'not-started':
      throw new ToolError('HOOK_FAILED', {
        what: `The hook \`${name}\` cannot be started.`,
        ...place,
        why: end.why,
        next: 'Correct its command in the configuration; paths start from the folder of the file.',
      })
    case 'stopped':
      throw new ToolError('STOPPED', {
        what: `Stopped while the hook \`${name}\` was running.`,
        ...place,
        next: 'Run the command again when ready.',
      })
  }
}

/** The warning; null where the program ended with 0. */
export function judgeAfter({ name, timeout }: HookConfig, end: ProgramEnd): string | null {
  const says = (output: string): string => {
    const sentence = sentenceOf(output)
    return sentence === null ? '.' : `: ${sentence}`
  }
  switch (end.type) {
    case 'exited':
      return end.code === 0 ? null : `The hook \`${name}\` ended with exit code ${end.code}${says(end.output)}`
    case 'killed':
      return `The hook \`${name}\` was ended by ${end.signal}${says(end.output)}`
    case 'timeout':
      return `The hook \`${name}\` took longer than ${timeout} ms. ${describeEnd(end)}.`
    case 'not-started':
      return `The hook \`${name}\` cannot be started: ${end.why.replace(/\.$/, '')}.`
    case 'stopped':
      return `The hook \`${name}\` was ended because wwdb was asked to stop.`
  }
}

/**
 * Half a sentence about what is known: the process group has been ended for certain, and processes that left it are found by a control group or
 * by their environment.
 */
function describeEnd({ left, isWhole }: { readonly left: readonly number[]; readonly isWhole: boolean }): string {
  if (left.length === 0)
    return isWhole
      ? 'Every process of its control group was ended'
      : 'Its process group was ended, and every other process whose environment shows that the hook started it'
  const which = left.length === 1 ? `process ${left[0]}` : `processes ${left.join(', ')}`
  return `Its process group was ended; ${which} of it could not be ended and still ${left.length === 1 ? 'runs' : 'run'}`
}

/** The first line that is not empty, as a sentence. */
function sentenceOf(output: string): string | null {
  const line = output
    .split(/\r?\n/)
    .map((text) => text.replace(/\p{Cc}+/gu, ' ').trim())
    .find((text) => text !== '')
  if (line === undefined) return null
  const short = line.length > longestSentence ? `${line.slice(0, longestSentence)}...` : line
  return /[.!?。！？]$/u.test(short) ? short : `${short}.`
}

/** The document as it is written, with secrets masked in all of its texts. */
export function printDocument(document: HookDocument, redact: (text: string) => string): string {
  const texts = (_: string, value: unknown): unknown => (typeof value === 'string' ? redact(value) : value)
  return `${JSON.stringify(document, texts)}\n`
}
