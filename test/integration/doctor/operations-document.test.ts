import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { globalFlags } from '../../../src/cli/global-flags.ts'
import { parseCommandLine } from '../../../src/cli/program.ts'
import { commandEntries } from '../../../src/cli/registry.ts'
import { type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const root = join(import.meta.dirname, '../../..')
const pages = readdirSync(join(root, 'docs/operations'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ page: name, text: readFileSync(join(root, 'docs/operations', name), 'utf8') }))

/** The words behind `wwdb` of a line as a person would type it: without its comment, a pipe and what is behind it. */
function wordsOf(line: string): readonly string[] {
  return (
    line
      .replace(/\s+(?:#|\||>|&&).*$/, '')
      .match(/'[^']*'|\S+/g)
      ?.map((word) => word.replaceAll("'", ''))
      .slice(1) ?? []
  )
}

/** Lines of fenced blocks, and code within sentences. */
function commandsOf(text: string): { readonly typed: readonly string[]; readonly named: readonly string[] } {
  const blocks = [...text.matchAll(/^```(?:sh)?\n(.*?)^```/gms)].map(([, block = '']) => block)
  const rest = text.replaceAll(/^```.*?^```/gms, '')
  return {
    typed: blocks.flatMap((block) => block.split('\n').map((line) => line.replace(/^\$ /, ''))).filter(isCommand),
    named: [...rest.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code).filter(isCommand),
  }
}

const isCommand = (code: string): boolean => code.startsWith('wwdb ')

/** Null where the command line is understood; in a sentence a flag may stand without its value. */
function whyRefused(command: string): string | null {
  try {
    parseCommandLine(wordsOf(command), 100)
    return null
  } catch (error) {
    const why = `${command}: ${error instanceof Error ? error.message : error}`
    return /needs a value/.test(why) ? null : why
  }
}

const known = new Set([globalFlags, ...commandEntries.map((entry) => entry.flags)].flatMap(spellings))

function spellings(groups: typeof globalFlags): readonly string[] {
  return groups.flatMap(({ flags }) => flags.map(({ long }) => `--${long}`))
}

describe.each(pages)('docs/operations/$page', ({ text }) => {
  const { typed, named } = commandsOf(text)

  test('names commands and flags that exist', () => {
    expect([...typed, ...named].flatMap((command) => whyRefused(command) ?? [])).toEqual([])
    const flags = [...text.matchAll(/`(--[a-z-]+)[^`]*`/g)].map(([, flag]) => flag)
    expect(flags.filter((flag) => !known.has(flag ?? ''))).toEqual([])
  })
})

/** What is there before a page is read: a project that ran, a schedule, the file of a password. */
describe('every command that a page of operations shows', () => {
  let stage: Stage
  let run = ''

  beforeAll(async () => {
    stage = await openStage({
      databases: ['user_db'],
      files: { 'user_db/0001_a.sql': tableMigration('a') },
      configuration: { doctor: { ignore: { 'account-rights': 'a test' } } },
    })
    stage.write('check.secret', 'long-enough-1\n')
    chmodSync(join(stage.folder, 'check.secret'), 0o600)
    const first = await stage.json(['migrate'])
    expect(first.exitCode).toBe(0)
    run = String((await stage.query('SELECT run_id FROM wwdb_runs', 'user_db'))[0]?.[0])
  })

  test.each(pages.flatMap(({ page, text }) => commandsOf(text).typed.map((command) => [page, command])))(
    '%s: %s runs as it stands',
    async (_, command = '') => {
      const words = wordsOf(command.replace(/\d{8}T\d{6}-[0-9a-f]{8}/, run)).map((word) =>
        // The folder of logs of a machine is not there.
        word.replace(/^\/var\/log\/wwdb\//, `${stage.folder}/`),
      )
      const isAccount = words.includes('--apply')
      const outcome = await stage.run([...words, ...(isAccount ? ['--dry-run'] : [])])
      expect([0, 1], outcome.stdout + outcome.stderr).toContain(outcome.exitCode)
      expect(outcome.stderr).not.toContain('✗')
    },
  )
})
