import { type CommandEntry, type FlagEntry, flagsOf } from '../command-entry.ts'
import { commandsOf, findCommand } from '../registry.ts'
import {
  argumentChoices,
  choosingFlags,
  firstWords,
  replacedFlags,
  secondWords,
  sharedFlags,
  spellings,
  type Word,
} from './vocabulary.ts'

/** The completion script for zsh: a file `_wwdb` on fpath, or sourced after compinit. */
export function zshCompletion(): string {
  return `#compdef wwdb
# zsh completion for wwdb; keep it with: wwdb completion zsh > "\${fpath[1]}/_wwdb"
# The databases of the configuration that the line names.
_wwdb_databases() {
  local -a chosen names
  local word flag=
  for word in "\${(@)line_words[2,-1]}"; do
    if [[ -n $flag ]]; then
      chosen+=("$flag" "\${(Q)\${word/#~/$HOME}}")
      flag=
    elif [[ $word == (${choosingFlags.join('|')}) ]]; then
      flag=$word
    elif [[ $word == (${choosingFlags.filter((flag) => flag.startsWith('--')).join('|')})=* ]]; then
      chosen+=("\${(Q)word}")
    fi
  done
  names=("\${(@f)$("\${line_words[1]/#~/$HOME}" completion databases $chosen 2>/dev/null)}")
  compset -P '*,'
  compadd -a names
}
_wwdb() {
  local -a line_words=("\${(@)words[1,CURRENT-1]}")
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a shared first second
  shared=(
${indented(sharedFlags.map(flagSpecification), 4)}
  )
  first=(
${indented(firstWords.map(describeWord), 4)}
  )
  _arguments -C -s -A '-*' $shared '1: :->first' '*:: :->rest' && return
  case $state in
    first) _describe -t commands command first ;;
    rest)
      case $words[1] in
${firstWords.map(({ word }) => firstCase(word)).join('\n')}
      esac
      ;;
  esac
}
if [[ \${funcstack[1]} == _wwdb ]]; then
  _wwdb "$@"
else
  compdef _wwdb wwdb
fi
`
}

function firstCase(word: string): string {
  const entry = findCommand(word)
  const isFamily = commandsOf(word).length > 0
  const body = entry === undefined || isFamily ? familyBody(word, entry) : [commandLine(entry)]
  return `        ${word})\n${indented(body, 10)}\n          ;;`
}

/** A first word such as `db`: its second word, then that command. A family that is also a command has its own flags, too. */
function familyBody(family: string, itself: CommandEntry | undefined): readonly string[] {
  const commands = commandsOf(family)
  const flags = itself === undefined ? [] : flagsOf(itself)
  const second = (entry: CommandEntry): string => entry.name.slice(family.length + 1)
  return [
    'second=(',
    ...secondWords(family).map((word) => `  ${describeWord(word)}`),
    ')',
    [
      `_arguments -C -s -A '-*' ${sharedFor(itself)}`,
      ...flags.map(flagSpecification),
      "'1: :->second' '*:: :->command' && return",
    ].join(' '),
    'case $state in',
    '  second) _describe -t commands command second ;;',
    '  command)',
    '    case $words[1] in',
    ...commands.map((entry) => `      ${second(entry)}) ${commandLine(entry)} ;;`),
    '    esac',
    '    ;;',
    'esac',
  ]
}

function commandLine(entry: CommandEntry): string {
  return [`_arguments -s ${sharedFor(entry)}`, ...flagsOf(entry).map(flagSpecification), ...argumentOf(entry)].join(' ')
}

function argumentOf(entry: CommandEntry): readonly string[] {
  const [argument] = entry.arguments
  if (argument === undefined) return []
  const choices = argumentChoices(entry)
  if (argument.type === 'file') return [quote(`*:${argument.name}:_files`)]
  return [quote(`1:${argument.name}:${choices.length > 0 ? `(${choices.join(' ')})` : ''}`)]
}

/** The flags that every command takes; zsh uses the first of two specifications, so a flag that the command replaces is left out. */
function sharedFor(entry: CommandEntry | undefined): string {
  const replaced = entry === undefined ? [] : replacedFlags(entry)
  return replaced.length === 0 ? '$shared' : `"\${(@)shared:#*--(${replaced.join('|')})[)]*}"`
}

/**
 * `'(-c --config)'{-c+,--config=}'[explanation]:FILE:_files'`; a flag that may be repeated excludes nothing. A value may follow in the same word,
 * as `-cFILE` and `--config=FILE`, which `+` and `=` say.
 */
function flagSpecification(flag: FlagEntry): string {
  const names = spellings(flag)
  const value = flag.value === undefined ? '' : `:${flag.value}:${valueAction(flag)}`
  const explained = quote(`[${flag.description.replaceAll(/[[\]\\]/g, '\\$&')}]${value}`)
  const forms = flag.value === undefined ? names : names.map((name) => name + (name.startsWith('--') ? '=' : '+'))
  const written = forms.length === 1 ? forms[0] : `{${forms.join(',')}}`
  const excluded = flag.repeatable === true ? "'*'" : quote(`(${names.join(' ')})`)
  return `${excluded}${written}${explained}`
}

function valueAction(flag: FlagEntry): string {
  if (flag.choices !== undefined) return `(${flag.choices.join(' ')})`
  if (flag.type === 'file') return '_files'
  if (flag.type === 'database') return '_wwdb_databases'
  return flag.type === 'directory' ? '_files -/' : ''
}

function describeWord({ word, summary }: Word): string {
  return quote(`${word}:${summary.replaceAll(':', '\\:')}`)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function indented(lines: readonly string[], blanks: number): string {
  return lines.map((line) => ' '.repeat(blanks) + line).join('\n')
}
