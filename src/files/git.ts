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
  try {
    const options = { cwd: folder, maxBuffer: 256 * 1024 * 1024, env: { ...env, ...variables } }
    return (await run('git', [...words], options)).stdout
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new ToolError('USAGE', {
        what: `\`${flag}\` needs git, which is not installed.`,
        next: `Install git. ${without}.`,
      })
    return null
  }
}

/** The top folder of the repository, once the reference is known to be a commit of it. Throws ToolError `USAGE` where there is no repository or no such commit. */
export async function findTop(question: GitQuestion, reference: string): Promise<string> {
  const { flag, without } = question
  const top = (await askGit(question, ['rev-parse', '--show-toplevel']))?.trim()
  if (top === undefined)
    throw new ToolError('USAGE', {
      what: `\`${flag}\` needs a git repository, but the project is not in one.`,
      next: `${without}.`,
    })
  if ((await askGit(question, ['rev-parse', '--verify', '--quiet', `${reference}^{commit}`])) !== null) return top
  throw new ToolError('USAGE', {
    what: `The commit \`${reference}\` does not exist in this git repository.`,
    why: 'A shallow clone has only the commits that were fetched.',
    next: `Fetch it with \`git fetch --depth=1 origin ${reference.replace(/^origin\//, '')}\`.`,
  })
}
