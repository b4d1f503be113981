import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { askLine, breakLines, type ConfirmationRules, confirm } from '../../../src/cli/prompts.ts'
import type { Confirmation } from '../../../src/command/context.ts'

const moderate: Confirmation = { what: 'This reverts one migration of app.', level: 'moderate', name: 'app' }
const severe: Confirmation = { what: 'This drops app.', level: 'severe', name: 'app' }

function rules(changes: Partial<ConfirmationRules> = {}): ConfirmationRules {
  return {
    yes: false,
    confirm: null,
    allowProtected: false,
    ask: null,
    protectedEnvironment: async () => null,
    ...changes,
  }
}

/** Somebody who types this. */
function typing(line: string | null): Partial<ConfirmationRules> {
  return { ask: async () => line }
}

/** Rules under which nobody may be asked. */
const silent: Partial<ConfirmationRules> = {
  ask: () => {
    throw new Error('a question was asked')
  },
}

describe('a simple question', () => {
  test.each(['y', 'Y', 'yes', 'YES', '  y '])('takes %j for yes', async (line) => {
    await confirm(moderate, rules(typing(line)))
  })

  test.each(['', 'n', 'no', 'yep', 'app', null])('takes %j for no', async (line) => {
    await expect(confirm(moderate, rules(typing(line)))).rejects.toMatchObject({ code: 'NOT_CONFIRMED', exitCode: 2 })
  })

  test('is not asked with --yes', async () => {
    await confirm(moderate, rules({ ...silent, yes: true }))
  })

  test('a question without a terminal names the flag', async () => {
    const refusal = confirm(moderate, rules())
    await expect(refusal).rejects.toMatchObject({ code: 'NOT_CONFIRMED', exitCode: 2 })
    await expect(refusal).rejects.toMatchObject({ faults: [{ next: expect.stringContaining('--yes') }] })
  })

  test('is no matter of protection', async () => {
    await confirm(moderate, rules({ yes: true, protectedEnvironment: async () => 'production' }))
  })
})

describe('a severe question', () => {
  test('wants the name typed', async () => {
    await confirm(severe, rules(typing('app')))
  })

  test.each(['y', 'yes', '', 'App', 'app2', null])('does not take %j', async (line) => {
    await expect(confirm(severe, rules(typing(line)))).rejects.toMatchObject({ code: 'NOT_CONFIRMED', exitCode: 2 })
  })

  test('takes the name from --confirm', async () => {
    await confirm(severe, rules({ ...silent, confirm: 'app' }))
  })

  test('refuses another name without asking', async () => {
    await expect(confirm(severe, rules({ ...silent, confirm: 'other' }))).rejects.toMatchObject({
      code: 'NOT_CONFIRMED',
      faults: [{ why: '`--confirm` names `other`, not `app`.' }],
    })
  })

  test('is not answered by --yes', async () => {
    await expect(confirm(severe, rules({ yes: true }))).rejects.toMatchObject({
      code: 'NOT_CONFIRMED',
      faults: [{ next: expect.stringContaining('--confirm app') }],
    })
  })

  test('an operation is refused in a protected environment, with any other flags', async () => {
    const given = rules({ ...silent, yes: true, confirm: 'app', protectedEnvironment: async () => 'production' })
    await expect(confirm(severe, given)).rejects.toMatchObject({
      code: 'PROTECTED',
      exitCode: 2,
      faults: [{ what: expect.stringContaining('production'), next: expect.stringContaining('--allow-protected') }],
    })
  })

  test('--allow-protected lifts the refusal, and nothing more', async () => {
    const protectedEnvironment = async (): Promise<string> => 'production'
    await confirm(severe, rules({ ...silent, allowProtected: true, confirm: 'app', protectedEnvironment }))
    await expect(confirm(severe, rules({ allowProtected: true, protectedEnvironment }))).rejects.toMatchObject({
      code: 'NOT_CONFIRMED',
    })
  })
})

describe('asking for a line', () => {
  function ask(
    type: (input: PassThrough, abandon: () => void) => void,
  ): Promise<{ answer: string | null; shown: string }> {
    const input = new PassThrough()
    const output = new PassThrough({ encoding: 'utf8' })
    const abandoned = new AbortController()
    const asked = askLine('Continue? ', { input, output, signal: abandoned.signal })
    type(input, () => abandoned.abort())
    return asked.then((answer) => ({ answer, shown: String(output.read()) }))
  }

  test('gives what was typed, and shows the question', async () => {
    expect(await ask((input) => input.write('yes\n'))).toEqual({ answer: 'yes', shown: 'Continue? ' })
  })

  test('breaks a long question between words', () => {
    const question = 'This drops the schema pr_1421_user_db with 14 tables and all that is in them.\nContinue? [y/N] '
    expect(breakLines(question, 40)).toBe(
      'This drops the schema pr_1421_user_db\nwith 14 tables and all that is in them.\nContinue? [y/N] ',
    )
    expect(breakLines(question, undefined)).toBe(question)
  })

  test('gives null when the input ends', async () => {
    expect(await ask((input) => input.end())).toMatchObject({ answer: null })
  })

  test('gives null when it is abandoned', async () => {
    expect(await ask((_, abandon) => abandon())).toMatchObject({ answer: null })
  })
})
