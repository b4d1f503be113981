import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { scriptFor, shells } from '../install-completion.ts'

/** A script that completes commands, flags and values in a shell. */
export const command = defineCommand({
  name: 'completion',
  group: 'About wwdb',
  summary: 'the completion script for a shell',
  purpose:
    'Prints a script that completes commands, flags and their values in bash, zsh or fish. It starts wwdb only to ' +
    'complete `--target`, which reads the names of the databases from the configuration. `wwdb completion ' +
    'install` installs it.',
  examples: [
    { command: 'source <(wwdb completion bash)', purpose: 'in this shell, or in ~/.bashrc' },
    { command: 'wwdb completion fish > ~/.config/fish/completions/wwdb.fish', purpose: 'for good, in fish' },
    { command: 'wwdb completion zsh > "$' + '{fpath[1]}/_wwdb"', purpose: 'for good, in zsh' },
  ],
  arguments: { shell: { description: 'bash, zsh or fish', required: true, choices: shells } },
  exitCodes: exitCodesOf.tool,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run({ shell }) {
    return { result: { kind: 'document', format: 'text', content: scriptFor(shell) }, exitCode: exitCodes.done }
  },
})
