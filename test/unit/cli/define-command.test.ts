import { expect, test } from 'vitest'
import type { Context } from '../../../src/command/context.ts'
import { defineCommand } from '../../../src/command/define-command.ts'
import { exitCodes } from '../../../src/core/exit-code.ts'
import { offlineContext } from '../../helpers/tool/offline-context.ts'

const context: Context = offlineContext('/project')

function commandThatShows(show: (options: unknown) => void) {
  return defineCommand({
    name: 'test',
    group: 'About wwdb',
    summary: 'a test',
    purpose: 'A test.',
    examples: [
      { command: 'wwdb test', purpose: 'one' },
      { command: 'wwdb test --all', purpose: 'two' },
    ],
    arguments: {
      name: { description: 'the name', required: false },
      rest: { description: 'more', required: false, variadic: true },
    },
    flags: {
      Some: {
        all: { description: 'everything' },
        limit: { value: 'NUMBER', type: 'integer', description: 'how many', default: 5 },
        only: { value: 'NAME', description: 'only this', repeatable: true },
        since: { value: 'TIME', description: 'later ones' },
        policy: { value: 'POLICY', description: 'a setting', setting: true },
      },
    },
    exitCodes: [exitCodes.done],
    interruption: 'at-once',
    writes: false,
    connects: false,
    async run(options) {
      const typed: { all: boolean; limit: number; only: readonly string[]; since: string | undefined } = options
      show(typed)
      return { result: { kind: 'document', format: 'text', content: '' }, exitCode: exitCodes.done }
    },
  })
}

test('options that are not given have their defaults', async () => {
  let seen: unknown
  const command = commandThatShows((options) => {
    seen = options
  })
  await command.run({}, context)
  expect(seen).toEqual({ name: undefined, rest: [], all: false, limit: 5, only: [], since: undefined })
  await command.run({ all: true, limit: 1, only: ['a'], since: 'now', name: 'n', rest: ['r'] }, context)
  expect(seen).toEqual({ name: 'n', rest: ['r'], all: true, limit: 1, only: ['a'], since: 'now' })
})
