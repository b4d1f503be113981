import { type CommandEntry, type FlagEntry, flagsOf } from '../command-entry.ts'
import { commandEntries, families } from '../registry.ts'
import {
  argumentChoices,
  choosingFlags,
  firstWords,
  secondWords,
  sharedFlags,
  valueSpellings,
  type Word,
} from './vocabulary.ts'

/** The completion script for fish: a file in ~/.config/fish/completions, or sourced. */
export function fishCompletion(): string {
  const lines = [
    ...sharedFlags.map((flag) => flagLine(flag, null)),
    ...firstWords.map((word) => wordLine(word, '')),
    ...Object.keys(families).flatMap((family) => secondWords(family).map((word) => wordLine(word, family))),
    ...commandEntries.flatMap(commandLines),
  ]
  return `${head()}\n${lines.join('\n')}\n`
}

const longNames = choosingFlags.filter((flag) => flag.startsWith('--')).map((flag) => flag.slice(2))

/** Functions: one that prints the command typed so far, in one or two words. */
function head(): string {
  return `# fish completion for wwdb; keep it with: wwdb completion fish > ~/.config/fish/completions/wwdb.fish
function __wwdb_at
    set -l found
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
            continue
        end
        switch $word
            case ${valueSpellings.join(' ')}
                set skip yes
            case '-*'
            case '*'
                if test (count $found) -eq 0
                    set found $word
                else if test (count $found) -eq 1; and contains -- $found[1] ${Object.keys(families).join(' ')}
                    set -a found $word
                end
        end
    end
    test "$found" = "$argv"
end
# The databases of the configuration that the line names.
function __wwdb_databases
    set -l words (commandline -opc)
    set -l chosen
    set -l flag
    for word in $words[2..-1]
        if test -n "$flag"
            set -a chosen $flag $word
            set flag
        else if contains -- $word ${choosingFlags.join(' ')}
            set flag $word
        else if string match -qr -- '^--(${longNames.join('|')})=' $word
            set -a chosen $word
        end
    end
    $words[1] completion databases $chosen 2>/dev/null
end
complete -c wwdb -f`
}

function commandLines(entry: CommandEntry): readonly string[] {
  const choices = Object.hasOwn(families, entry.name) ? [] : argumentChoices(entry)
  const argument = choices.length === 0 ? [] : [`${condition(entry.name)} -a ${quote(choices.join(' '))}`]
  const files = entry.arguments[0]?.type === 'file' ? [`${condition(entry.name)} -F`] : []
  return [...flagsOf(entry).map((flag) => flagLine(flag, entry.name)), ...argument, ...files]
}

function flagLine(flag: FlagEntry, command: string | null): string {
  const start = command === null ? 'complete -c wwdb' : condition(command)
  const short = flag.short === undefined ? '' : ` -s ${flag.short}`
  return `${start}${short} -l ${flag.long}${valuePart(flag)} -d ${quote(flag.description)}`
}

/** `-x` requires a value and offers no files, `-r` requires a value and offers files. */
function valuePart(flag: FlagEntry): string {
  if (flag.value === undefined) return ''
  if (flag.choices !== undefined) return ` -x -a ${quote(flag.choices.join(' '))}`
  if (flag.type === 'database') return " -x -a '(__fish_complete_list , __wwdb_databases)'"
  if (flag.type === 'file') return ' -r -F'
  return flag.type === 'directory' ? " -x -a '(__fish_complete_directories)'" : ' -x'
}

function wordLine({ word, summary }: Word, command: string): string {
  return `${condition(command)} -a ${word} -d ${quote(summary)}`
}

function condition(command: string): string {
  return `complete -c wwdb -n ${quote(`__wwdb_at ${command}`.trim())}`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
