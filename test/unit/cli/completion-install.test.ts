import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { command as install } from '../../../src/cli/commands/completion-install.ts'
import { command as uninstall } from '../../../src/cli/commands/completion-uninstall.ts'
import { scriptFor } from '../../../src/cli/install-completion.ts'
import type { Context } from '../../../src/command/context.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { offlineContext } from '../../helpers/tool/offline-context.ts'

let home = ''

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wwdb-home-'))
})

afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

/** A person with this home, who answers every question in one way, or cannot be asked. */
function personWith(variables: Readonly<Record<string, string>>, answer: 'yes' | 'no' = 'no'): Context {
  const context = offlineContext(home)
  const confirm = async ({ what }: { readonly what: string }): Promise<void> => {
    if (answer === 'no') throw new ToolError('NOT_CONFIRMED', { what })
  }
  return { ...context, confirm, process: { ...context.process, variables: { HOME: home, ...variables } } }
}

async function filesOf(options: Parameters<typeof install.run>[0], context: Context) {
  const { result, exitCode } = await install.run(options, context)
  if (result.kind !== 'files') throw new Error(`expected files, not ${result.kind}`)
  expect(exitCode).toBe(0)
  return { created: result.created, changed: result.changed, next: result.next.join('\n') }
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1))
    .toSorted()

describe('completion install', () => {
  test.each([
    ['bash', {}, '.local/share/bash-completion/completions/wwdb'],
    ['bash', { XDG_DATA_HOME: '~/data' }, 'data/bash-completion/completions/wwdb'],
    ['bash', { BASH_COMPLETION_USER_DIR: '~/mine' }, 'mine/completions/wwdb'],
    ['fish', {}, '.config/fish/completions/wwdb.fish'],
    ['fish', { XDG_CONFIG_HOME: '~/settings' }, 'settings/fish/completions/wwdb.fish'],
    ['zsh', {}, '.zfunc/_wwdb'],
  ] as const)('writes the script of %s where it is loaded, with %o', async (shell, given, file) => {
    const variables = Object.fromEntries(Object.entries(given).map(([name, text]) => [name, text.replace('~', home)]))
    const written = await filesOf({}, personWith({ SHELL: `/usr/bin/${shell}`, ...variables }))
    expect(written).toMatchObject({ created: [join(home, file)], changed: [] })
    expect(filesIn(home)).toEqual([file])
    expect(readFileSync(join(home, file), 'utf8')).toBe(scriptFor(shell))
    expect(written.next).toContain(`\`wwdb completion uninstall --shell ${shell}\``)
    // Uninstalling leaves the home as it was.
    const { result } = await uninstall.run({ shell }, personWith(variables))
    expect(result).toMatchObject({ kind: 'files', removed: [join(home, file)], changed: [], next: [] })
    expect(filesIn(home)).toEqual([])
  })

  test('changes nothing the second time, and renews a script of another version', async () => {
    const person = personWith({ SHELL: '/bin/bash' })
    const [file = ''] = (await filesOf({}, person)).created
    expect(await filesOf({}, person)).toMatchObject({
      created: [],
      changed: [],
      next: expect.stringContaining('already'),
    })
    writeFileSync(file, 'of an older version')
    expect(await filesOf({}, person)).toMatchObject({ created: [], changed: [file] })
    expect(readFileSync(file, 'utf8')).toBe(scriptFor('bash'))
  })

  test('is registered by a real bash that reads the file', async () => {
    const [file = ''] = (await filesOf({ shell: 'bash' }, personWith({}))).created
    const read = spawnSync('bash', ['-c', `source '${file}' && complete -p wwdb`], { encoding: 'utf8' })
    expect(read).toMatchObject({ status: 0, stderr: '', stdout: 'complete -F _wwdb wwdb\n' })
  })

  test('adds the lines to .zshrc after a yes, behind what is there, and once', async () => {
    const startup = join(home, '.zshrc')
    writeFileSync(startup, 'alias ll="ls -l"')
    const person = personWith({ SHELL: '/bin/zsh' }, 'yes')
    expect(await filesOf({}, person)).toMatchObject({ changed: [startup] })
    const text = readFileSync(startup, 'utf8')
    expect(text).toBe(
      `alias ll="ls -l"\n\n# Completion of wwdb\nfpath=('${join(home, '.zfunc')}' $fpath)\nautoload -Uz compinit && compinit\n`,
    )
    expect(await filesOf({}, person)).toMatchObject({ created: [], changed: [] })
    expect(readFileSync(startup, 'utf8')).toBe(text)
  })

  test('leaves .zshrc alone without a yes, and says the line', async () => {
    const written = await filesOf({ shell: 'zsh' }, personWith({ ZDOTDIR: home }))
    expect(filesIn(home)).toEqual(['.zfunc/_wwdb'])
    expect(written.next).toContain(`Add this to ${join(home, '.zshrc')}: \`fpath=(`)
  })

  test('asks nothing of a .zshrc that has the folder already', async () => {
    const startup = join(home, 'zsh/.zshrc')
    mkdirSync(dirname(startup))
    writeFileSync(startup, 'fpath+=~/.zfunc\n')
    await filesOf({ shell: 'zsh' }, personWith({ ZDOTDIR: dirname(startup) }, 'yes'))
    expect(readFileSync(startup, 'utf8')).toBe('fpath+=~/.zfunc\n')
  })

  test('--dry-run names the files and writes none', async () => {
    const { result } = await install.run({ shell: 'zsh', dryRun: true }, personWith({}, 'yes'))
    expect(result).toMatchObject({ kind: 'document', content: expect.stringContaining(join(home, '.zfunc/_wwdb')) })
    expect(filesIn(home)).toEqual([])
  })

  test.each([
    ['an unknown shell', { SHELL: '/bin/tcsh' }, 'SHELL is `/bin/tcsh`.'],
    ['no shell', {}, 'SHELL is not set.'],
  ])('refuses %s, and names the flag', async (_, variables, why) => {
    const refused = install.run({}, personWith(variables))
    await expect(refused).rejects.toMatchObject({
      code: 'USAGE',
      faults: [{ why, next: expect.stringContaining('--shell') }],
    })
    expect(filesIn(home)).toEqual([])
  })
})

describe('completion uninstall', () => {
  const startup = (): string => join(home, '.zshrc')
  const takeAway = async (context: Context) => (await uninstall.run({ shell: 'zsh' }, context)).result

  test.each(['', 'alias ll="ls -l"\n', 'alias ll="ls -l"'])(
    'takes its lines out of a .zshrc that was %j',
    async (text) => {
      if (text !== '') writeFileSync(startup(), text)
      await filesOf({ shell: 'zsh' }, personWith({}, 'yes'))
      const after = readFileSync(startup(), 'utf8')
      writeFileSync(startup(), `${after}export EDITOR=vi\n`)
      expect(await takeAway(personWith({}, 'yes'))).toMatchObject({
        changed: [startup()],
        removed: [join(home, '.zfunc/_wwdb')],
      })
      expect(readFileSync(startup(), 'utf8')).toBe(`${text}${text.endsWith('"') ? '\n' : ''}export EDITOR=vi\n`)
    },
  )

  test('leaves the lines without a yes, and lines that were changed, and says so', async () => {
    await filesOf({ shell: 'zsh' }, personWith({}, 'yes'))
    const text = readFileSync(startup(), 'utf8')
    expect(await takeAway(personWith({}))).toMatchObject({
      changed: [],
      next: [expect.stringContaining('are still in')],
    })
    writeFileSync(startup(), text.replace('compinit\n', 'compinit -u\n'))
    expect(await takeAway(personWith({}, 'yes'))).toMatchObject({
      removed: [],
      next: [expect.stringContaining('There is no completion script'), expect.stringContaining('were changed')],
    })
    expect(readFileSync(startup(), 'utf8')).toContain('compinit -u')
  })

  test('leaves a script of someone else, and changes nothing in a dry run', async () => {
    const [file = ''] = (await filesOf({ shell: 'fish' }, personWith({}))).created
    const { result } = await uninstall.run({ shell: 'fish', dryRun: true }, personWith({}))
    expect(result).toMatchObject({ kind: 'document', content: `For fish: ${file}\n` })
    writeFileSync(file, 'complete -c wwdb -a mine\n')
    const left = (await uninstall.run({ shell: 'fish' }, personWith({}))).result
    expect(left).toMatchObject({ removed: [], next: [`\`${file}\` was not written by wwdb, and was not removed.`] })
    expect(readFileSync(file, 'utf8')).toBe('complete -c wwdb -a mine\n')
  })
})
