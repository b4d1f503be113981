import { execFile } from 'node:child_process'
import { env } from 'node:process'
import { promisify } from 'node:util'
import { ToolError } from '../core/tool-error.ts'

const run = promisify(execFile)

/** A question to git, for a flag that needs it. */
export interface GitQuestion {
  /** Where it is asked: a folder inside the repository. */
  readonly folder: string
  /** The flag that needs git, for the error: `--since`. */
  readonly flag: string
  /** How to go on without it, for the error: `Leave it out` */
  readonly without: string
}

/**
 * What git prints; null where it fails. Throws ToolError `USAGE` where there is no git.
 * @param variables of its environment, beside those of this process
 */
export async function askGit(
  { folder, flag, without }: GitQuestion,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string | null> {
  const answer = await startGit({ folder, flag, without }, words, variables)
  return answer.type === 'printed' ? answer.text : null
}

type GitAnswer = { readonly type: 'printed' | 'failed'; readonly text: string }

async function startGit(
  { folder, flag, without }: GitQuestion,
  words: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<GitAnswer> {
  try {
    const options = { cwd: folder, maxBuffer: 256 * 1024 * 1024, env: { ...env, ...variables } }
    return { type: 'printed', text: (await run('git', [...words], options)).stdout }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new ToolError('USAGE', {
        what: `\`${flag}\` needs git, which is not installed.`,
        next: `Install git. ${without}.`,
      })
    return { type: 'failed', text: error instanceof Error && 'stderr' in error ? String(error.stderr) : '' }
  }
}

/** A commit, by its own name: a reference may read like something else to another command of git, and mean another commit a moment later. */
interface FoundCommit {
  /** The top folder of the repository. */
  readonly top: string
  readonly id: string
  /** Of its files. */
  readonly tree: string
}

/** The commit of a reference. Throws ToolError `USAGE` where there is no repository or no such commit. */
export async function findCommit(question: GitQuestion, reference: string): Promise<FoundCommit> {
  const top = await findTop(question)
  const resolve = async (name: string): Promise<string | undefined> =>
    (await askGit(question, ['rev-parse', '--verify', '--quiet', name]))?.trim()
  const id = (await resolve(`${reference}^{commit}`)) ?? ''
  // `^main` is what main has not: git finds it, and it is no commit.
  const tree = /^[0-9a-f]+$/.test(id) ? await resolve(`${id}^{tree}`) : undefined
  if (tree !== undefined) return { top, id, tree }
  const isShallow = (await askGit(question, ['rev-parse', '--is-shallow-repository']))?.trim() === 'true'
  throw new ToolError('USAGE', {
    what: `The commit \`${reference}\` does not exist in this git repository.`,
    why: isShallow
      ? 'A shallow clone has only the commits that were fetched.'
      : 'A clone has only the branches that were fetched.',
    // In a clone that is whole, a depth would make it shallow.
    next: `Fetch it with \`git fetch ${isShallow ? '--depth=1 ' : ''}origin ${reference.replace(/^origin\//, '')}\`.`,
  })
}

async function findTop({ folder, flag, without }: GitQuestion): Promise<string> {
  // Its messages in English, as one of them is read.
  const answer = await startGit({ folder, flag, without }, ['rev-parse', '--show-toplevel'], { LC_ALL: 'C' })
  if (answer.type === 'printed') return answer.text.replace(/\n$/, '')
  // https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory
  const owned = /dubious ownership in repository at '(.*)'/.exec(answer.text)?.[1]
  if (owned !== undefined)
    throw new ToolError('USAGE', {
      what: `\`${flag}\` needs git, which refuses a repository of another user: \`${owned}\`.`,
      next: `Where you trust its files, as in the container of a job, allow it with \`git config --global --add safe.directory '${owned}'\`.`,
    })
  throw new ToolError('USAGE', {
    what: `\`${flag}\` needs a git repository, but the project is not in one.`,
    next: `${without}.`,
  })
}
