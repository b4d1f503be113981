import { type CommandEntry, type FlagEntry, flagsOf } from '../command-entry.ts'
import { commandEntries, families } from '../registry.ts'
import {
  argumentChoices,
  choosingFlags,
  firstWords,
  secondWords,
  sharedFlags,
  spellings,
  valueSpellings,
} from './vocabulary.ts'

/**
 * The completion script for bash 3.2 and later. It is static except for the names of databases, for which it asks wwdb. It joins words at `=` itself,
 * because bash splits there.
 */
export function bashCompletion(): string {
  return `# bash completion for wwdb; load it with: source <(wwdb completion bash)
_wwdb_databases() {
  local before=""
  if [[ $current == *,* ]]; then before="\${current%,*},"; fi
  COMPREPLY=($(compgen -P "$before" -W "$("\${COMP_WORDS[0]/#~/$HOME}" completion databases \${chosen[@]+"\${chosen[@]}"} 2>/dev/null)" -- "\${current##*,}"))
}
_wwdb() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local word command="" skip="" words="" index IFS=$' \\t\\n'
  local -a chosen=()
  if [[ $current == "=" ]]; then
    current=""
  elif [[ $previous == "=" ]]; then
    previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    if [[ $word == "=" ]]; then skip="\${skip:-1}"; continue; fi
    if [[ -n $skip ]]; then
      if [[ $skip == -* ]]; then chosen+=("$skip" "\${word/#~/$HOME}"); fi
      skip=""
      continue
    fi
    case "$word" in
      ${choosingFlags.join('|')}) skip="$word" ;;
      ${valueSpellings.filter((spelling) => !choosingFlags.includes(spelling)).join('|')}) skip=1 ;;
      -*) ;;
      *)
        case "$command" in
          "") command="$word" ;;
          ${Object.keys(families).join('|')}) command="$command $word" ;;
        esac
        ;;
    esac
  done
  case "$command $previous" in
${[...commandEntries.flatMap(valueCases), ...sharedFlags.flatMap((flag) => valueCase('*', flag))].join('\n')}
  esac
  if [[ $current == -* ]]; then
    words="${sharedFlags.flatMap(spellings).join(' ')}"
    case "$command" in
${commandEntries.flatMap(flagCase).join('\n')}
    esac
  else
    case "$command" in
      "") words="${firstWords.map(({ word }) => word).join(' ')}" ;;
${[...Object.keys(families).map(familyCase), ...commandEntries.flatMap(argumentCase)].join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _wwdb wwdb
`
}

function valueCases(entry: CommandEntry): readonly string[] {
  return flagsOf(entry).flatMap((flag) => valueCase(`"${entry.name}"`, flag))
}

/** What to offer after a flag that takes a value: known values, files, directories, or nothing. */
function valueCase(command: string, flag: FlagEntry): readonly string[] {
  if (flag.value === undefined) return []
  const pattern = spellings(flag).map((spelling) => `${command}" ${spelling}"`)
  return [`    ${pattern.join('|')}) ${valueReply(flag)}return ;;`]
}

function valueReply(flag: FlagEntry): string {
  if (flag.choices !== undefined) return `COMPREPLY=($(compgen -W "${flag.choices.join(' ')}" -- "$current")); `
  if (flag.type === 'database') return '_wwdb_databases; '
  if (flag.type === 'file') return pathsReply('f')
  return flag.type === 'directory' ? pathsReply('d') : ''
}

/** Names of files or directories, which may hold blanks. */
function pathsReply(kind: 'f' | 'd'): string {
  return `compopt -o filenames 2>/dev/null; IFS=$'\\n'; COMPREPLY=($(compgen -${kind} -- "$current")); `
}

function flagCase(entry: CommandEntry): readonly string[] {
  const flags = flagsOf(entry).flatMap(spellings)
  return flags.length === 0 ? [] : [`      "${entry.name}") words="$words ${flags.join(' ')}" ;;`]
}

function familyCase(family: string): string {
  return `      ${family}) words="${secondWords(family)
    .map(({ word }) => word)
    .join(' ')}" ;;`
}

function argumentCase(entry: CommandEntry): readonly string[] {
  const choices = Object.hasOwn(families, entry.name) ? [] : argumentChoices(entry)
  if (entry.arguments[0]?.type === 'file') return [`      "${entry.name}") ${pathsReply('f')}return ;;`]
  return choices.length === 0 ? [] : [`      "${entry.name}") words="${choices.join(' ')}" ;;`]
}
