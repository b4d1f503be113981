import { describe, expect, test } from 'vitest'
import { type CommandEntry, flagsOf } from '../../../src/cli/command-entry.ts'
import { globalFlags } from '../../../src/cli/global-flags.ts'
import { commandHelp } from '../../../src/cli/help/command-help.ts'
import { layoutRows, wrapText } from '../../../src/cli/help/layout.ts'
import { familyHelp, globalFlagsHelp, programHelp } from '../../../src/cli/help/program-help.ts'
import { commandEntries, families, findCommand } from '../../../src/cli/registry.ts'
import { allExitCodes } from '../../../src/core/exit-code.ts'
import { commandsDocument } from '../../helpers/documents/commands-document.ts'

function entryOf(name: string): CommandEntry {
  const entry = findCommand(name)
  if (entry === undefined) throw new Error(`there is no command ${name}`)
  return entry
}

describe('help', () => {
  test('help of the whole tool looks like this', async () => {
    await expect(programHelp(80)).toMatchFileSnapshot('../../fixtures/help/wwdb.txt')
  })

  test.each(['migrate', 'mark', 'db create'])('help of %s looks like this', async (name) => {
    const file = `../../fixtures/help/${name.replace(' ', '-')}.txt`
    await expect(commandHelp(entryOf(name), 80)).toMatchFileSnapshot(file)
  })

  test('help of the whole tool fits two screens of 30 lines', () => {
    expect(programHelp(80).trimEnd().split('\n').length).toBeLessThanOrEqual(60)
  })

  test('help of the whole tool names the first word of every command', () => {
    for (const { name } of commandEntries)
      expect(programHelp(80)).toMatch(new RegExp(`^(?: {2}|About wwdb: .*\\b)${name.split(' ')[0]}\\b`, 'm'))
  })

  test('help of the whole tool names every exit code, and that of its flags explains them', () => {
    for (const code of allExitCodes) {
      expect(programHelp(80)).toMatch(new RegExp(`\\b${code}\\b`))
      expect(globalFlagsHelp(80)).toMatch(new RegExp(`^ {2}${code} `, 'm'))
    }
  })

  test('help of the flags of every command names each with its variable', () => {
    for (const { long, environment = '' } of flagsOf({ flags: globalFlags })) {
      expect(globalFlagsHelp(80)).toContain(`--${long}`)
      expect(globalFlagsHelp(80)).toContain(environment)
    }
  })

  test.each(Object.keys(families))('help of %s names its commands', (family) => {
    for (const { name } of commandEntries.filter((entry) => entry.name.startsWith(`${family} `))) {
      expect(familyHelp(family, 80)).toContain(`  ${name} `)
    }
  })

  test.each(commandEntries.map((entry) => [entry.name, entry] as const))(
    'help of %s names all it takes',
    (_, entry) => {
      const help = commandHelp(entry, 80)
      for (const flag of flagsOf(entry)) expect(help).toContain(`--${flag.long}`)
      for (const { name } of entry.arguments) expect(help).toContain(name.toUpperCase())
      for (const { command } of entry.examples) expect(help).toContain(command)
      for (const code of entry.exitCodes) expect(help).toMatch(new RegExp(`^ {2}${code} `, 'm'))
      expect(help.indexOf('Examples:')).toBeLessThan(help.indexOf('Exit codes:'))
    },
  )

  test.each([60, 80, 100])('keeps within %i columns, where words allow it', (width) => {
    const texts = [
      programHelp(width),
      globalFlagsHelp(width),
      ...commandEntries.map((entry) => commandHelp(entry, width)),
    ]
    const wide = texts.flatMap((text) => text.split('\n')).filter((line) => line.length > width)
    const unbreakable = wide.filter((line) => !/^ {2}(wwdb|source|eval) /.test(line))
    expect(unbreakable).toEqual([])
  })

  test('ends with one line feed and has no blanks at line ends', () => {
    for (const text of [programHelp(80), ...commandEntries.map((entry) => commandHelp(entry, 80))]) {
      expect(text).toMatch(/[^\n]\n$/)
      expect(text).not.toMatch(/ $/m)
    }
  })
})

describe('layout', () => {
  test('wraps at blanks', () => {
    expect(wrapText('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrapText('unbreakable', 3)).toEqual(['unbreakable'])
  })

  test('puts explanations in one column', () => {
    expect(
      layoutRows(
        [
          { term: 'a', text: 'first' },
          { term: 'bbb', text: 'second' },
        ],
        40,
      ),
    ).toEqual(['  a    first', '  bbb  second'])
  })

  test('gives a term that is too wide a line of its own', () => {
    const wide = 'w'.repeat(60)
    expect(
      layoutRows(
        [
          { term: 'a', text: 'first' },
          { term: wide, text: 'second' },
        ],
        80,
      ),
    ).toEqual(['  a  first', `  ${wide}`, '     second'])
  })
})

test('docs/reference/commands.md is made from the registry', async () => {
  await expect(commandsDocument()).toMatchFileSnapshot('../../../docs/reference/commands.md')
})
