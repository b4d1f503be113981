import type { Context } from '../../command/context.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { SchemaDiff } from '../diff.ts'
import { type GuessedRename, guessRenames } from '../guess-renames.ts'
import { type OwnRenames, parseRename, printRename, type RenamesAround } from '../renames.ts'
import { type RenamePair, resolveRenames, type TypedRename } from '../resolve-renames.ts'
import type { RenameFlags } from './rename-flags.ts'

/** The renames, and the unanswered ones that look like a rename. */
interface SettledRenames {
  readonly renames: RenamesAround
  readonly open: readonly GuessedRename[]
}

/** Before anything is read. Throws ToolError `USAGE` (64) for a text that is not a rename. */
export function checkRenameFlags({ rename, notRenamed }: RenameFlags): void {
  for (const text of rename) readRename('--rename', text)
  for (const text of notRenamed) readRename('--not-renamed', text)
}

/**
 * Reads the answers of the command line. Throws ToolError `USAGE` (64) for one that matches nothing: if it were ignored, a column would be
 * dropped.
 */
export function readRenames(pairs: readonly RenamePair[], flags: RenameFlags): SettledRenames {
  return settle(
    pairs,
    flags.rename.map((text) => readRename('--rename', text)),
    flags.notRenamed.map((text) => readRename('--not-renamed', text)),
  )
}

/**
 * The same before statements are written or run: what looks renamed is asked about, never guessed. Throws ToolError `RENAME_UNCLEAR`, with the flags of
 * both answers, where no person can be asked.
 */
export async function settleRenames(
  { process }: Context,
  pairs: readonly RenamePair[],
  flags: RenameFlags,
): Promise<RenamesAround> {
  const renames = flags.rename.map((text) => readRename('--rename', text))
  const separate = flags.notRenamed.map((text) => readRename('--not-renamed', text))
  for (;;) {
    const settled = settle(pairs, renames, separate)
    const [first] = settled.open
    if (first === undefined) return settled.renames
    const answer = await process.ask(`${describeGuess(first)}\nWas it renamed? [r = renamed, d = dropped and added] `)
    if (answer === null) throw new ToolError('RENAME_UNCLEAR', settled.open.map(unclear))
    const kind = answer.trim().toLowerCase()
    if (/^r(enamed)?$/.test(kind)) renames.push({ ...first, typed: `--rename ${printRename(first)}` })
    if (/^d(ropped)?$/.test(kind)) separate.push({ ...first, typed: `--not-renamed ${printRename(first)}` })
  }
}

function settle(
  pairs: readonly RenamePair[],
  renames: readonly TypedRename[],
  separate: readonly TypedRename[],
): SettledRenames {
  const resolved = resolveRenames(pairs, renames)
  const guesses = pairs.flatMap((pair) => guessRenames(pair, resolved.renames.get(pair.before.database)))
  const answered = [...pairs.flatMap((pair) => guessRenames(pair, tablesOf(resolved.renames, pair))), ...guesses]
  const isSaid = (guess: GuessedRename, said: TypedRename): boolean =>
    namesOf(guess, resolved.renames).some((table) => printRename({ ...guess, table }) === printRename(said))
  const idle = separate.filter((said) => !answered.some((guess) => isSaid(guess, said)))
  const faults = [...resolved.faults, ...idle.map(refuseIdle)]
  if (faults.length > 0) throw new ToolError('USAGE', faults)
  const open = guesses.filter((guess) => !separate.some((said) => isSaid(guess, said)))
  return { renames: resolved.renames, open }
}

function tablesOf(renames: RenamesAround, { before }: RenamePair): OwnRenames {
  return { tables: renames.get(before.database)?.tables ?? new Map(), columns: new Map() }
}

/** A column's table under its name after a rename, and under the one before. */
function namesOf({ database, table, column }: GuessedRename, renames: RenamesAround): readonly string[] {
  const old = [...(renames.get(database)?.tables ?? [])].find(([, to]) => to === table)?.[0]
  return column === null || old === undefined ? [table] : [table, old]
}

function refuseIdle({ typed }: TypedRename): Fault {
  return {
    what: `\`${typed}\` has no effect: this pair does not look renamed.`,
    next: 'Omit it, or give the names as `wwdb schema diff` or `wwdb drift` lists them.',
  }
}

function describeGuess({ database, table, column, to }: GuessedRename): string {
  const where = `of \`${database}\``
  return column === null
    ? `The table \`${table}\` ${where} is missing, and \`${to}\` with the same columns is new.`
    : `The column \`${column}\` of \`${table}\` ${where} is missing, and \`${to}\` with the same type is new.`
}

function unclear(guess: GuessedRename): Fault {
  const flag = printRename(guess)
  const lost = guess.column === null ? 'rows' : 'values'
  return {
    what: describeGuess(guess),
    where: { database: guess.database },
    why: `If it was renamed, its ${lost} are kept; otherwise they are dropped.`,
    next: `Add \`--rename ${flag}\` if it was renamed, or \`--not-renamed ${flag}\` if one is dropped and the other added.`,
  }
}

/** There are no statements where it is unknown whether a name was changed: a DROP would be a guess. */
export function withOpenRenames(diffs: readonly SchemaDiff[], open: readonly GuessedRename[]): readonly SchemaDiff[] {
  return diffs.map((diff) => {
    const renames = open.filter(({ database }) => database === diff.database).map(printRename)
    return renames.length === 0 ? diff : { ...diff, forward: [], backward: [], renames }
  })
}

function readRename(flag: string, text: string): TypedRename {
  const rename = parseRename(text)
  const typed = `${flag} ${text}`
  if (rename !== null) return { ...rename, typed }
  throw new ToolError('USAGE', {
    what: `\`${typed}\` is not a rename.`,
    next: 'Give old=new for a table, table.old=new for a column.',
  })
}
