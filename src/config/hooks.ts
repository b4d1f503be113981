// The section `hooks` of the configuration: programs that are asked before wwdb changes something, and notified
// afterwards.
import * as z from 'zod/mini'
import { longestTimer, parseDuration } from '../core/duration.ts'
import { checkedText, described, type Objection, quoteWhy } from './schema-parts.ts'

/** What a hook is asked before, or notified after. */
type HookSubject = 'run' | 'migration' | 'rotation'

/** A program of the configuration. */
export interface HookConfig {
  /** Its name in the configuration: `hooks.before.run`. */
  readonly name: string
  /** The program and its arguments; a text is passed to the shell as a whole. */
  readonly command: readonly string[] | string
  /** Its time limit in milliseconds. */
  readonly timeout: number
  /** Names of variables that it gets besides the usual ones. */
  readonly environment: readonly string[]
}

export type Hooks = Readonly<Record<HookSubject, HookConfig | null>>

/** The hooks of the configuration; null where it has none. */
export interface HooksConfig {
  readonly before: Hooks
  readonly after: Hooks
}

const shellCommand = checkedText(objectToCommand)
const words = z.array(z.string()).check(
  z.check<string[]>((payload) => {
    if (payload.value.some((word) => word !== '')) return
    const next = 'Write the program and its arguments: ["node", "hooks/notify.mjs"].'
    payload.issues.push({ code: 'custom', input: payload.value, message: 'does not name a program', params: { next } })
  }),
)
const command = z.union([shellCommand, words])

const program = z.strictObject({
  command: described('The program and its arguments, or a shell command.', command),
  timeout: described('Maximum time: "30s".', z.optional(checkedText(objectToTimeout))),
  environment: described(
    'Names of variables that it gets in addition to PATH, HOME, LANG and the like.',
    z.optional(z.array(checkedText(objectToVariable))),
  ),
})

const hook = z.union([shellCommand, words, program, z.literal(false)])

const subjects = z.strictObject({
  run: described('Around a run that changes something; false for none.', z.optional(hook)),
  migration: described('Around each migration; false for none.', z.optional(hook)),
  rotation: described('Around each shard family for which a rotation has work; false for none.', z.optional(hook)),
})

/** `hooks` of the configuration file. */
export const hooks = z.strictObject({
  before: described('Called before: an exit code other than 0 rejects it.', z.optional(subjects)),
  after: described('Called afterwards; their exit code has no effect.', z.optional(subjects)),
})

/** The keys that are known below `hooks`. */
export function hooksKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 1) return Object.keys(hooks.shape)
  return Object.keys(path.length === 2 ? subjects.shape : program.shape)
}

function objectToCommand(text: string): Objection {
  return text.trim() === '' ? { why: 'is empty', next: 'Write a command such as `node hooks/notify.mjs`.' } : null
}

function objectToTimeout(text: string): Objection {
  const outcome = parseDuration(text, longestTimer)
  if (outcome.type === 'fault') return quoteWhy(text, outcome)
  if (outcome.type === 'none') return { why: 'cannot be `none`', next: 'Give it a limit, such as `30s`.' }
  return outcome.milliseconds > 0
    ? null
    : quoteWhy(text, { why: 'which is not longer than zero', next: 'Give it more than zero, such as `10s`.' })
}

function objectToVariable(text: string): Objection {
  return /^[A-Za-z_]\w*$/.test(text)
    ? null
    : quoteWhy(text, { why: 'which is not a valid variable name', next: 'Write a name such as `SLACK_WEBHOOK_URL`.' })
}
