import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import type { Flag } from '../command/define-command.ts'
import { bashCompletion } from './completion/bash.ts'
import { fishCompletion } from './completion/fish.ts'
import { zshCompletion } from './completion/zsh.ts'
import { usageError } from './usage.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** Flags of the commands that install and remove a script. */
export const shellFlag = {
  value: 'SHELL',
  description: 'the shell',
  choices: shells,
  otherwise: 'that of the variable SHELL',
} as const satisfies Flag

type Variables = Readonly<Record<string, string | undefined>>

/** Where a script must be for its shell to load it. */
export interface Installation {
  readonly shell: Shell
  readonly file: string
  readonly script: string
  /** What the shell's own startup file also needs, once; null where the shell knows the folder. */
  readonly startup: { readonly file: string; readonly lines: string } | null
}

/** The user's login shell; null for a shell that is not supported. */
function findShell({ SHELL = '' }: Variables): Shell | null {
  return shells.find((shell) => shell === basename(SHELL)) ?? null
}

export function scriptFor(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bashCompletion()
    case 'zsh':
      return zshCompletion()
    case 'fish':
      return fishCompletion()
  }
}

/** The script for a shell; for the login shell where none is named. */
export function planFor(shell: Shell | undefined, variables: Variables, command: string): Installation {
  const chosen = shell ?? findShell(variables)
  if (chosen !== null) return planInstallation(chosen, variables['HOME'] ?? homedir(), variables)
  const name = variables['SHELL']
  const why = name === undefined ? 'SHELL is not set.' : `SHELL is \`${name}\`.`
  throw usageError('The shell is not known.', command, `\`--shell ${shells.join('|')}\``, why)
}

/** Whether a script is one of wwdb's, of any version: a file that someone else put there is not removed. */
export function isOurScript(text: string): boolean {
  return /^#(?: bash| fish)? ?(?:completion for|compdef) wwdb/.test(text)
}

/** The folders come from the shells' manuals: of bash-completion, of fish, and for zsh one that its startup file names. */
function planInstallation(shell: Shell, home: string, variables: Variables): Installation {
  const folder = (name: string, otherwise: string): string => {
    const named = variables[name] ?? ''
    return named === '' ? join(home, otherwise) : named
  }
  const script = scriptFor(shell)
  switch (shell) {
    case 'bash': {
      const user = variables['BASH_COMPLETION_USER_DIR'] ?? ''
      const base = user === '' ? join(folder('XDG_DATA_HOME', '.local/share'), 'bash-completion') : user
      return { shell, script, file: join(base, 'completions', 'wwdb'), startup: null }
    }
    case 'fish':
      return {
        shell,
        script,
        file: join(folder('XDG_CONFIG_HOME', '.config'), 'fish/completions/wwdb.fish'),
        startup: null,
      }
    case 'zsh': {
      const functions = join(home, '.zfunc')
      const startup = { file: join(folder('ZDOTDIR', '.'), '.zshrc'), lines: startupLines(functions) }
      return { shell, script, file: join(functions, '_wwdb'), startup }
    }
  }
}

const mark = '# Completion of wwdb'

function startupLines(functions: string): string {
  return `${mark}\nfpath=('${functions}' $fpath)\nautoload -Uz compinit && compinit\n`
}

/** Whether a startup file already loads the folder, by these lines or by lines of its owner. */
export function isLoaded(text: string, { file }: Installation): boolean {
  return text.includes(mark) || text.includes(basename(join(file, '..')))
}

/** A startup file without the lines that `completion install` added; null where they are missing or were changed. */
export function withoutLines(text: string, { startup }: Installation): string | null {
  if (startup === null || !text.includes(startup.lines)) return null
  return text.replace(`\n${startup.lines}`, '').replace(startup.lines, '')
}

/** Where bash finds the loader of scripts in that folder; without it, only a line in ~/.bashrc works. */
export const bashCompletionFiles: readonly string[] = [
  '/usr/share/bash-completion/bash_completion',
  '/etc/bash_completion',
  '/usr/local/etc/profile.d/bash_completion.sh',
  '/opt/homebrew/etc/profile.d/bash_completion.sh',
]
