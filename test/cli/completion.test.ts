import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { beforeAll, describe, expect, test } from 'vitest'
import { findCompletingShells } from '../helpers/tool/completing-shells.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { cleanEnvironment, launcher, runTool } from '../helpers/tool/tool.ts'

const project = withProjects()
const shells = await findCompletingShells()

/** A project of two databases without a server, one of another file, and the program that the line starts. */
const projectFiles = {
  'wwdb.config.json': JSON.stringify({ databases: { user_db: {}, instance_db: {} } }),
  'other/other.json': JSON.stringify({ databases: { blog: {} } }),
  'bin/wwdb': `#!/bin/sh\nexec '${execPath}' '${launcher}' "$@"\n`,
}

/** Bash sets these for a completion function; `=` is a word of its own, as bash has it. */
const harness = `
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_wwdb
printf '%s\\n' "\${COMPREPLY[@]}"
`

describe('the bash script', () => {
  let script = ''
  let folder = ''

  beforeAll(async () => {
    const run = await runTool(['completion', 'bash'])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    folder = project({ ...projectFiles, 'wwdb.bash': run.stdout, 'complete.bash': harness })
    chmodSync(join(folder, 'bin/wwdb'), 0o755)
    mkdirSync(join(folder, 'plans'))
    writeFileSync(join(folder, 'plan one.json'), '{}')
    script = join(folder, 'wwdb.bash')
  })

  /** What bash offers for a line whose last word is being typed. */
  function offers(...words: readonly string[]): readonly string[] {
    const run = spawnSync('bash', [join(folder, 'complete.bash'), script, join(folder, 'bin/wwdb'), ...words], {
      cwd: folder,
      env: cleanEnvironment(),
      encoding: 'utf8',
    })
    expect(run).toMatchObject({ status: 0, stderr: '' })
    return run.stdout.split('\n').filter((word) => word !== '')
  }

  test('offers commands', () => {
    expect(offers('')).toEqual(expect.arrayContaining(['migrate', 'db', 'lock', 'config', 'help']))
    expect(offers('re')).toEqual(['rebase', 'redo', 'repair', 'retire', 'report'])
  })

  test('offers the second word of a command', () => {
    expect(offers('db', '').toSorted()).toEqual(['create', 'drop', 'ping', 'wait'])
    expect(offers('-t', 'user_db', '--json', 'db', 'c')).toEqual(['create'])
  })

  test('offers flags of the command and of every command, and no other', () => {
    expect(offers('migrate', '--st')).toEqual(['--statement-timeout', '--steps', '--stop-at'])
    expect(offers('status', '--st')).toEqual(['--statement-timeout'])
    expect(offers('db', 'wait', '--time')).toEqual(['--timeout'])
    expect(offers('--conf').toSorted()).toEqual(['--config', '--confirm'])
  })

  test('offers values, with a blank or with =', () => {
    expect(offers('status', '--format', '')).toEqual(['human', 'json', 'github'])
    expect(offers('status', '--format', '=', 'j')).toEqual(['json'])
    expect(offers('status', '--format', '=')).toEqual(['human', 'json', 'github'])
    expect(offers('plan', '--direction', 'd')).toEqual(['down'])
    expect(offers('completion', '')).toEqual(['databases', 'install', 'uninstall', 'bash', 'zsh', 'fish'])
    expect(offers('help', 'haz')).toEqual(['hazards'])
  })

  test('offers the formats of lint to lint alone', () => {
    expect(offers('lint', '--format', '')).toEqual(['human', 'json', 'github', 'sarif', 'gitlab', 'junit'])
    expect(offers('lint', '--format', '=', 's')).toEqual(['sarif'])
    expect(offers('migrate', '--format', 's')).toEqual([])
    expect(offers('--format', 's')).toEqual([])
  })

  test('offers files and directories where those are meant', () => {
    expect(offers('migrate', '--plan', 'pl').toSorted()).toEqual(['plan one.json', 'plans'])
    expect(offers('lint', 'plans', 'pl').toSorted()).toEqual(['plan one.json', 'plans'])
    expect(offers('--cwd', 'pl')).toEqual(['plans'])
  })

  test('offers the databases of the configuration that the line names', () => {
    expect(offers('status', '-t', '')).toEqual(['user_db', 'instance_db'])
    expect(offers('status', '--target', '=', 'u')).toEqual(['user_db'])
    expect(offers('status', '-t', 'user_db,in')).toEqual(['user_db,instance_db'])
    expect(offers('-c', 'other/other.json', 'status', '-t', '')).toEqual(['blog'])
    expect(offers('--config', '=', 'other/other.json', 'status', '-t', '')).toEqual(['blog'])
    expect(offers('--cwd', '/', 'status', '-t', '')).toEqual([])
  })

  test('offers nothing where nothing is known', () => {
    expect(offers('migrate', '--to', '')).toEqual([])
    expect(offers('migrate', '')).toEqual([])
  })

  test('takes the value of a flag for no command', () => {
    expect(offers('--env', 'db', 'st')).toEqual(['status'])
    expect(offers('--env', '=', 'db', 'st')).toEqual(['status'])
  })

  test('is registered for wwdb', () => {
    const registered = spawnSync('bash', ['-c', 'source "$1"; complete -p wwdb', 'bash', script], { encoding: 'utf8' })
    expect(registered.stdout.trim()).toBe('complete -F _wwdb wwdb')
  })

  test('can be sourced as the help says', () => {
    const line = 'source <(node "$1" completion bash) && complete -p wwdb'
    const run = spawnSync('bash', ['-c', line, 'bash', 'bin/wwdb.js'], { encoding: 'utf8' })
    expect(run).toMatchObject({ status: 0, stdout: 'complete -F _wwdb wwdb\n' })
  })
})

const everyFormat = ['github', 'human', 'json']

/** Lines, with all that a shell offers for their last word. */
const lines: Readonly<Record<string, readonly string[]>> = {
  'wwdb mig': ['migrate'],
  'wwdb db ': ['create', 'drop', 'ping', 'wait'],
  'wwdb -t user_db --json db c': ['create'],
  'wwdb --env db st': ['status'],
  'wwdb --env=db st': ['status'],
  'wwdb migrate --st': ['--statement-timeout', '--steps', '--stop-at'],
  'wwdb status --st': ['--statement-timeout'],
  'wwdb db wait --time': ['--timeout'],
  'wwdb status --format ': everyFormat,
  'wwdb status --format=': everyFormat.map((format) => `--format=${format}`),
  'wwdb lint --format ': [...everyFormat, 'gitlab', 'junit', 'sarif'].toSorted(),
  'wwdb report --format=m': ['--format=markdown'],
  'wwdb completion install --shell f': ['fish'],
  'wwdb completion z': ['zsh'],
  'wwdb help haz': ['hazards'],
  'wwdb migrate --plan pl': ['plan one.json', 'plans'],
  'wwdb migrate --plan=pl': ['--plan=plan one.json', '--plan=plans'],
  'wwdb -c pl': ['plan one.json', 'plans'],
  'wwdb --cwd pl': ['plans'],
  'wwdb --cwd=pl': ['--cwd=plans'],
  'wwdb lint pl': ['plan one.json', 'plans'],
  'wwdb migrate --to ': [],
  'wwdb status -t ': ['instance_db', 'user_db'],
  'wwdb status --target=u': ['--target=user_db'],
  'wwdb -t u': ['user_db'],
  'wwdb db wait --target user_db,in': ['user_db,instance_db'],
  'wwdb -c other/other.json status -t ': ['blog'],
  'wwdb --config=other/other.json db wait -t ': ['blog'],
  'wwdb --cwd / status -t ': [],
}

describe.each(shells)('a real $name, after `completion install`', ({ name, complete }) => {
  test('offers commands, flags, values and files', async () => {
    const home = project({ ...projectFiles, 'plan one.json': '{}', 'plans/one.json': '{}' })
    // fish completes programs that it finds alone.
    chmodSync(join(home, 'bin/wwdb'), 0o755)
    const installed = await runTool(['completion', 'install', '--shell', name, '--yes'], {
      environment: { HOME: home },
    })
    expect(installed).toMatchObject({ exitCode: 0 })
    const offered = complete(Object.keys(lines), home, home)
    const plain = [...offered].map(([line, words]) => [
      line,
      words.map((word) => word.replaceAll('\\', '').replace(/\/$/, '')),
    ])
    expect(Object.fromEntries(plain)).toEqual(lines)
  })
})
