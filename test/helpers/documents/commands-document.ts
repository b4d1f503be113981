import { type CommandEntry, type FlagGroup, flagsOf } from '../../../src/cli/command-entry.ts'
import { globalFlags } from '../../../src/cli/global-flags.ts'
import { usageLine } from '../../../src/cli/help/command-help.ts'
import { explainFlag, spellFlag } from '../../../src/cli/help/layout.ts'
import { registry } from '../../../src/cli/registry.ts'
import { allExitCodes, exitMeanings } from '../../../src/core/exit-code.ts'

/** docs/reference/commands.md, made from the same registry as the help. */
export function commandsDocument(): string {
  const parts = [
    '# Commands',
    'Made from the files of the commands; a test keeps this file the same as `wwdb --help` and `wwdb COMMAND --help`.',
    '## Flags of every command',
    'They may stand before or after the command. A flag wins over its variable, a variable over the configuration file, the ' +
      'file over the default.',
    ...flagTables(globalFlags),
    '## Exit codes',
    'Frozen: scripts may depend on them.',
    table(
      ['code', 'meaning'],
      allExitCodes.map((code) => [String(code), exitMeanings[code]]),
    ),
    ...registry.flatMap((group) => [`## ${group.heading}`, ...group.commands.flatMap(commandParts)]),
  ]
  return `${parts.join('\n\n')}\n`
}

function commandParts(entry: CommandEntry): readonly string[] {
  const examples = entry.examples.map(({ command, purpose }) => `# ${purpose}\n${command}`)
  const flags = flagsOf(entry).length === 0 ? [] : flagTables(entry.flags)
  const codes = entry.exitCodes.toSorted((one, other) => one - other)
  return [
    `### ${entry.name}`,
    `\`${usageLine(entry)}\``,
    entry.purpose,
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
    ...(entry.arguments.length === 0
      ? []
      : [
          table(
            ['argument', ''],
            entry.arguments.map(({ name, description }) => [`\`${name.toUpperCase()}\``, description]),
          ),
        ]),
    ...flags,
    `Exit codes: ${codes.join(', ')}, and 129, 130 or 143 after a signal.`,
  ]
}

function flagTables(groups: readonly FlagGroup[]): readonly string[] {
  return groups.map((group) =>
    table(
      [group.heading, ''],
      group.flags.map((flag) => [`\`${spellFlag(flag).trim()}\``, explainFlag(flag)]),
    ),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
