import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { ToolError } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import type { CopyTool } from './copy-tool.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** The program of this name on PATH; null where there is none. */
async function findProgram(name: string, { PATH = '' }: Variables): Promise<string | null> {
  for (const folder of PATH.split(delimiter).filter((path) => path !== '')) {
    const program = join(folder, name)
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return program
  }
  return null
}

/** The program of a tool. Throws ToolError `ONLINE_TOOL` where there is none, or one that does not say that it is new enough. */
export async function findTool(
  { program: name, oldest, source, readVersion }: CopyTool,
  variables: Variables,
): Promise<string> {
  const program = await findProgram(name, variables)
  if (program === null)
    throw new ToolError('ONLINE_TOOL', {
      what: `\`${name}\` is not on PATH.`,
      why: 'The table is too large to be changed in place, or the change needs a copy, and `-- wwdb:online` lets this tool make it.',
      next: `Install it (${source}) where wwdb runs, or remove \`wwdb:online\` to let the server change the table itself.`,
    })
  const ran = await promisify(execFile)(program, ['--version'], { env: { ...variables } }).catch((error: unknown) => ({
    stdout: '',
    stderr: error instanceof Error ? error.message : String(error),
  }))
  const version = readVersion(ran.stdout)
  if (version !== null && isAtLeast(version, oldest)) return program
  const why =
    version === null
      ? `\`${name} --version\` printed no version. ${ran.stderr.trim().split('\n')[0] ?? ''}`.trim()
      : `It is version ${version}; wwdb works with ${oldest} and later.`
  throw new ToolError('ONLINE_TOOL', {
    what: `\`${name}\` cannot be used.`,
    why,
    next: 'Install a version that works where wwdb runs.',
  })
}
