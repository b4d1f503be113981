import { realpathSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { ToolError } from '../../core/tool-error.ts'
import { askGit, findCommit, type GitQuestion } from '../../files/git.ts'
import { displayPath } from '../../migrations/files/folder.ts'

/** One file that the branch adds, changes, removes or gives another name; paths as people see them. */
export interface BranchChange {
  /** Its path where the branch began; null for a new one. */
  readonly from: string | null
  /** Its path now; null for one that is gone. */
  readonly to: string | null
}

/** What happened to the files of a repository since the branch left the reference. */
export interface BranchHistory {
  readonly changes: readonly BranchChange[]
  /** The paths that the reference has now: others may have landed there since. */
  readonly onReference: readonly string[]
  /** The text that a file had where the branch began. */
  readonly readBase: (file: string) => Promise<string>
}

/** What a branch adds or changes. */
export interface ChangedFiles {
  /** Null where it is not known where the branch began. */
  readonly history: BranchHistory | null
  /** As people see them: relative to the project's folder. */
  readonly files: ReadonlySet<string>
  /** Why more files may be listed than the branch changes; null where the list is exact. */
  readonly note: string | null
}

/**
 * The files that were added or changed since the branch left `reference`, including uncommitted ones. A file that only moved to
 * another folder was not changed; a renamed file was, because its version may differ. Throws ToolError `USAGE` where there is no
 * repository or no such reference.
 */
export async function findChangedFiles(root: string, reference: string): Promise<ChangedFiles> {
  const question: GitQuestion = { folder: root, flag: '--since', without: 'Leave it out, or give the files' }
  const git = (folder: string, words: readonly string[]): Promise<string | null> =>
    askGit({ ...question, folder }, words)
  const { top, id } = await findCommit(question, reference)
  const base = (await git(root, ['merge-base', id, 'HEAD']))?.trim() ?? ''
  const isShallow = (await git(root, ['rev-parse', '--is-shallow-repository']))?.trim() === 'true'
  const from = base === '' ? id : base
  // From the top folder: `diff.relative` would leave out what is beside the project, and its folder in the paths.
  const list = async (words: readonly string[]): Promise<string> => (await git(top, words)) ?? notListed(words, top)
  const changed = await list(['diff', '--name-status', '-M', '-z', from, '--'])
  const added = await list(['ls-files', '--others', '--exclude-standard', '-z'])
  const changes: readonly RawChange[] = [...readChanges(changed), ...split(added).map((to) => ({ from: null, to }))]
  const realRoot = realpathSync(root)
  const show = (name: string): string => displayPath(realRoot, join(top, name))
  const names = changes.flatMap(({ from, to, isSame = false }) =>
    to === null || (isSame && from !== null && basename(from) === basename(to)) ? [] : [to],
  )
  const files = new Set(names.map(show))
  if (base === '') return { files, history: null, note: describeMissingBase(reference, isShallow) }
  const listed = split(await list(['ls-tree', '-r', '-z', '--name-only', id]))
  const history: BranchHistory = {
    changes: changes.map(({ from, to }) => ({ from: from && show(from), to: to && show(to) })),
    onReference: listed.map(show),
    readBase: async (file) => (await git(top, ['show', `${base}:${relative(top, resolve(realRoot, file))}`])) ?? '',
  }
  return { files, history, note: null }
}

/** A list that is empty because git failed would judge nothing, and pass. */
function notListed(words: readonly string[], top: string): never {
  throw new ToolError('USAGE', {
    what: '`--since` cannot be answered: git failed, so what the branch changes is not known.',
    next: `Run \`git ${words.filter((word) => word !== '-z').join(' ')}\` in \`${top}\` to see why.`,
  })
}

function describeMissingBase(reference: string, isShallow: boolean): string {
  const why = isShallow ? 'The clone is shallow' : 'The two have no common commit'
  return `${why}: the merge base with ${reference} is unknown, so files that ${reference} changed since then count as changed, too, and edited, deleted and late migrations are not found. \`git fetch --unshallow\` makes the list exact.`
}

interface RawChange extends BranchChange {
  /** True where the content is the same under another path. */
  readonly isSame?: boolean
}

/** `A\0path\0`, `M\0path\0`, `D\0path\0`, `R100\0old\0new\0`. */
function readChanges(text: string): readonly RawChange[] {
  const parts = split(text)
  const changes: RawChange[] = []
  for (let at = 0; at < parts.length; ) {
    const [status = '', first = '', second = ''] = parts.slice(at, at + 3)
    const isPair = status.startsWith('R') || status.startsWith('C')
    if (isPair) changes.push({ from: status.startsWith('C') ? null : first, to: second, isSame: status === 'R100' })
    else changes.push({ from: status.startsWith('A') ? null : first, to: status.startsWith('D') ? null : first })
    at += isPair ? 3 : 2
  }
  return changes
}

function split(text: string): readonly string[] {
  return text.split('\0').filter((part) => part !== '')
}
