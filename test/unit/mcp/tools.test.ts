import { describe, expect, test } from 'vitest'
import { camelCase, flagsOf } from '../../../src/cli/command-entry.ts'
import { commandEntries } from '../../../src/cli/registry.ts'
import { purposes } from '../../../src/grants/purpose.ts'
import { commandTools, wordsOf } from '../../../src/mcp/tools.ts'

/** Flags that make a reading command write a file or a database. */
const writing = [
  'accept',
  'apply',
  'fix',
  'metrics',
  'out',
  'revert',
  'scratch',
  'writeBaseline',
  'writeSum',
  'passwordFile',
]

describe('the tools of `wwdb mcp`', () => {
  test.each(commandTools)('$name runs a command that writes nothing, with flags that this command has', (tool) => {
    const entry = commandEntries.find(({ name }) => name === tool.command)
    // These write only where a flag asks for it.
    expect(entry?.writes, tool.command).toBe(['drift', 'grants'].includes(tool.command))
    const words = wordsOf(tool, {})
    const known = entry === undefined ? [] : flagsOf(entry).map(({ long }) => long)
    for (const word of words.filter((one) => one.startsWith('--'))) expect(known).toContain(word.slice(2))
    const unknown = tool.input.safeParse({ nothing: 1 })
    expect(unknown.success).toBe(false)
    const shared = ['environment', 'databases', 'paths', 'account']
    const keys = Object.keys(toJsonSchema(tool).properties).filter((key) => !shared.includes(key))
    expect(known.map(camelCase)).toEqual(expect.arrayContaining(keys))
    expect(keys.filter((key) => writing.includes(key))).toEqual([])
  })

  test('give every value as part of its flag, and paths behind all flags', () => {
    const lint = commandTools.find(({ name }) => name === 'lint')
    const given = { environment: '-x', databases: ['a', '--b'], targetVersion: '9.7', all: true, paths: ['--fix'] }
    expect(lint === undefined ? [] : wordsOf(lint, given)).toEqual([
      'lint',
      '--env=-x',
      '--target=a',
      '--target=--b',
      '--target-version=9.7',
      '--all',
      '--',
      '--fix',
    ])
  })

  test('grants: the purposes of accounts are those of the command', () => {
    for (const tool of commandTools.filter(({ command }) => command.startsWith('grants'))) {
      const entry = commandEntries.find(({ name }) => name === tool.command)
      const given = entry === undefined ? undefined : flagsOf(entry).find(({ long }) => long === 'for')
      expect(given?.choices).toEqual(purposes)
      expect(
        tool.input.safeParse({ ...(tool.command === 'grants check' && { account: 'u' }), for: purposes }).success,
        tool.name,
      ).toBe(true)
    }
  })
})

function toJsonSchema({ input }: (typeof commandTools)[number]): { readonly properties: object } {
  const schema: unknown = input['~standard']
  if (typeof schema !== 'object' || schema === null || !('jsonSchema' in schema)) throw new Error('no JSON Schema')
  const { jsonSchema } = schema as { jsonSchema: { input: (options: object) => { properties: object } } }
  return jsonSchema.input({ target: 'draft-2020-12' })
}
