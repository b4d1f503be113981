import { execFile } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { ToolError } from '../../core/tool-error.ts'
import { displayPath } from '../../migrations/files/folder.ts'

const run = promisify(execFile)

/** What a branch adds or changes. */
export interface ChangedFiles {
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
  const top = (await git(root, ['rev-parse', '--show-toplevel']))?.trim()
  if (top === undefined) {
    throw new ToolError('USAGE', {
      what: '`--since` needs a git repository, but the project is not in one.',
      next: 'Leave it out, or give the files.',
    })
  }
  if ((await git(root, ['rev-parse', '--verify', '--quiet', `${reference}^{commit}`])) === null)
    throw unknownReference(reference)
  const base = (await git(root, ['merge-base', reference, 'HEAD']))?.trim() ?? ''
  const isShallow = (await git(root, ['rev-parse', '--is-shallow-repository']))?.trim() === 'true'
  const from = base === '' ? reference : base
  const changed = await git(root, ['diff', '--name-status', '-M', '-z', from, '--'])
  const added = await git(top, ['ls-files', '--others', '--exclude-standard', '-z'])
  const names = [...readChanges(changed ?? ''), ...split(added ?? '')]
  const realRoot = realpathSync(root)
  return {
    files: new Set(names.map((name) => displayPath(realRoot, join(top, name)))),
    note: base === '' ? describeMissingBase(reference, isShallow) : null,
  }
}

function unknownReference(reference: string): ToolError {
  return new ToolError('USAGE', {
    what: `The commit \`${reference}\` does not exist in this git repository.`,
    why: 'A shallow clone has only the commits that were fetched.',
    next: `Fetch it with \`git fetch --depth=1 origin ${reference.replace(/^origin\//, '')}\`.`,
  })
}

function describeMissingBase(reference: string, isShallow: boolean): string {
  const why = isShallow ? 'The clone is shallow' : 'The two have no common commit'
  return `${why}: the merge base with ${reference} is unknown, so files that ${reference} changed since then count as changed, too. \`git fetch --unshallow\` makes the list exact.`
}

/** `A\0path\0`, `M\0path\0`, `R100\0old\0new\0`; files that were deleted are left out. */
function readChanges(text: string): readonly string[] {
  const parts = split(text)
  const names: string[] = []
  for (let at = 0; at < parts.length; ) {
    const status = parts[at] ?? ''
    const isPair = status.startsWith('R') || status.startsWith('C')
    const [from = '', to = ''] = isPair ? parts.slice(at + 1, at + 3) : [parts[at + 1], parts[at + 1]]
    const hasOnlyMoved = status === 'R100' && basename(from) === basename(to)
    if (!status.startsWith('D') && !hasOnlyMoved) names.push(to)
    at += isPair ? 3 : 2
  }
  return names
}

function split(text: string): readonly string[] {
  return text.split('\0').filter((part) => part !== '')
}

/** What git prints; null where it fails. Throws ToolError `USAGE` where there is no git. */
async function git(cwd: string, words: readonly string[]): Promise<string | null> {
  try {
    return (await run('git', [...words], { cwd, maxBuffer: 256 * 1024 * 1024 })).stdout
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new ToolError('USAGE', {
        what: '`--since` needs git, which is not installed.',
        next: 'Install git, or give the files.',
      })
    }
    return null
  }
}
