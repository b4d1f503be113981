import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchPackages } from '../../../src/sandbox/programs.ts'

/** What a shell offers for lines, each for itself, in this folder; in `home` is what the shell reads when it starts, and programs in its `bin`. */
type Complete = (lines: readonly string[], home: string, folder: string) => ReadonlyMap<string, readonly string[]>

/** A real shell of Debian's packages, unpacked into the cache. */
export interface CompletingShell {
  readonly name: 'zsh' | 'fish'
  readonly complete: Complete
}

/** None on a machine without Debian's packages. */
export async function findCompletingShells(): Promise<readonly CompletingShell[]> {
  const prefix = await fetchPackages('shells', ['zsh', 'fish'])
  if (prefix === null) return []
  const read = (file: string): string => readFileSync(join(prefix, file), 'utf8').trim()
  const libraries = read('.libraries')
    .split(':')
    .map((folder) => join(prefix, folder))
  const launch = [join(prefix, read('.loader')), '--library-path', libraries.join(':')]
  return [
    { name: 'zsh', complete: (...given) => completeInZsh([...launch, join(prefix, 'usr/bin/zsh')], prefix, ...given) },
    { name: 'fish', complete: (...given) => completeInFish([...launch, join(prefix, 'usr/bin/fish')], ...given) },
  ]
}

/** `complete -C` prints what a person would be offered, each with its description behind a tab. */
function completeInFish(fish: readonly string[], ...[lines, home, folder]: Parameters<Complete>): ReturnType<Complete> {
  const questions = lines.map((line) => `echo '${mark}'; complete -C '${line}'`)
  const printed = run([...fish, '-c', questions.join('\n')], home, folder)
  return answersTo(lines, printed, (line) => line.split('\t')[0] ?? '')
}

/**
 * zsh completes in its line editor alone: one zsh drives another on a terminal (zsh/zpty), where `compadd`, which takes what is offered, prints it as
 * well, and nothing is put into the line.
 */
function completeInZsh(
  zsh: readonly string[],
  prefix: string,
  ...[lines, home, folder]: Parameters<Complete>
): ReturnType<Complete> {
  const functions = join(prefix, 'usr/share/zsh/functions')
  const modules = readModules(prefix)
  writeFileSync(join(home, '.zshenv'), `fpath=(${functions}/**/*(/))\nmodule_path=(${modules})\n`)
  writeFileSync(join(home, 'print-offers.zsh'), printOffers)
  writeFileSync(join(home, 'drive.zsh'), driveZsh)
  const inner = zsh.map((word) => `'${word}'`).join(' ')
  return answersTo(lines, run([...zsh, '-d', join(home, 'drive.zsh'), inner, ...lines], home, folder), (line) => line)
}

function readModules(prefix: string): string {
  const found = spawnSync('find', [join(prefix, 'usr/lib'), '-name', 'zpty.so'], { encoding: 'utf8' })
  return found.stdout.trim().replace('/zsh/zpty.so', '')
}

const mark = 'offers:'

const printOffers = `
compadd() {
  local -a offered
  if (( ! \${@[(I)-[OAD]]} )); then
    builtin compadd -A offered "$@"
    local -A before
    zparseopts -E -A before P: p: S: s:
    (( $#offered )) && print -rl -- "offer:"$IPREFIX\${before[-P]}\${before[-p]}$^offered
  fi
  builtin compadd "$@"
}
say-end() { compstate[insert]= compstate[list]=; comppostfuncs=(say-end); print -r -- 'offer-end' }
comppostfuncs=(say-end)
bindkey '^I' complete-word
bindkey '^U' kill-whole-line
zmodload zsh/zutil
print -r -- 'offer-'ready
`

const driveZsh = `
zmodload zsh/zpty
zpty inner "$1 -d -i"
shift
zpty -w inner "PROMPT=; source $HOME/print-offers.zsh"
zpty -r -m inner seen '*offer-ready*' || exit 3
for line in "$@"; do
  print -r -- '${mark}'
  zpty -w -n inner $'\\x15'"$line"$'\\t'
  zpty -r -m inner seen '*offer-end*' || exit 4
  for word in \${(f)seen//$'\\r'/}; do
    [[ $word == *offer:* ]] && print -r -- \${word##*offer:}
  done
done
zpty -d inner
`

function run([program = '', ...words]: readonly string[], home: string, folder: string): string {
  const environment = { PATH: `/usr/bin:/bin:${home}/bin`, HOME: home, ZDOTDIR: home, TERM: 'xterm', LC_ALL: 'C.UTF-8' }
  const { status, stdout, stderr } = spawnSync(program, words, {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stdout}${stderr}`)
  return stdout
}

function answersTo(
  lines: readonly string[],
  printed: string,
  wordOf: (line: string) => string,
): ReadonlyMap<string, readonly string[]> {
  const answers = printed.split(`${mark}\n`).slice(1)
  const wordsOf = (answer: string): readonly string[] => [...new Set(answer.split('\n').filter(Boolean).map(wordOf))]
  return new Map(lines.map((line, index) => [line, wordsOf(answers[index] ?? '').toSorted()]))
}
