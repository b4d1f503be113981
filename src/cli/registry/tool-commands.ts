import { exitCodes } from '../../core/exit-code.ts'
import type { CommandEntry, CommandGroup } from './entry.ts'

const codes = [exitCodes.done, exitCodes.usage] as const

const completion: CommandEntry = {
  name: 'completion',
  summary: 'the completion script for a shell',
  purpose:
    'Prints a script that completes commands, flags and their values in bash, zsh or fish. The script is complete in ' +
    'itself: completing never starts wwdb.',
  examples: [
    { command: 'source <(wwdb completion bash)', purpose: 'in this shell, or in ~/.bashrc' },
    { command: 'wwdb completion fish > ~/.config/fish/completions/wwdb.fish', purpose: 'for good, in fish' },
    { command: 'wwdb completion zsh > "$' + '{fpath[1]}/_wwdb"', purpose: 'for good, in zsh' },
  ],
  arguments: [{ name: 'shell', description: 'bash, zsh or fish', required: true, choices: ['bash', 'zsh', 'fish'] }],
  flags: [],
  exitCodes: codes,
  interruption: 'at-once',
  connects: false,
}

const version: CommandEntry = {
  name: 'version',
  summary: 'the versions of wwdb and of Node',
  purpose: 'Prints the version of wwdb, of Node and the platform: what a bug report needs.',
  examples: [
    { command: 'wwdb version', purpose: 'for a person' },
    { command: 'wwdb version --json', purpose: 'for a program' },
  ],
  arguments: [],
  flags: [],
  exitCodes: codes,
  interruption: 'at-once',
  connects: false,
}

const help: CommandEntry = {
  name: 'help',
  summary: 'the help of wwdb or of one command',
  purpose: 'Prints the same as --help.',
  examples: [
    { command: 'wwdb help', purpose: 'the list of commands' },
    { command: 'wwdb help db create', purpose: 'one command' },
  ],
  arguments: [{ name: 'command', description: 'the command, in one or two words', required: false, variadic: true }],
  flags: [],
  exitCodes: codes,
  interruption: 'at-once',
  connects: false,
}

/** The tool about itself. */
export const toolCommands: CommandGroup = { heading: 'About wwdb', commands: [completion, version, help] }
