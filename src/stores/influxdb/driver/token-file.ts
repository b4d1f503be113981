import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ToolError } from '../../../core/tool-error.ts'

/** One line without blanks: what a token looks like. Anything longer is somebody's document. */
const tokenLike = /^[^\s]{0,512}\n?$/

/**
 * A path that was mistyped must not cost anybody a file: only one that is missing, empty or holds a token is written to.
 * @throws ToolError STORE_TOKEN_FILE.
 */
export async function refuseOtherFile(file: string): Promise<void> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw fileFault(file, error.message)
  })
  if (tokenLike.test(content)) return
  throw fileFault(file, 'There is a file with more than a token in it.')
}

/** Whole or not at all, and readable for its owner alone. @throws ToolError STORE_TOKEN_FILE. */
export async function writeTokenFile(file: string, token: string): Promise<void> {
  const draft = `${file}.new`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await rm(draft, { force: true })
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(`${token}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    throw fileFault(file, error instanceof Error ? error.message : String(error))
  }
}

/** The token in it is worth nothing any more. What does not look like one is left where it is. */
export async function removeTokenFile(file: string): Promise<void> {
  const content = await readFile(file, 'utf8').catch(() => null)
  if (content !== null && tokenLike.test(content)) await rm(file, { force: true })
}

function fileFault(file: string, why: string): ToolError {
  return new ToolError('STORE_TOKEN_FILE', {
    what: 'The token cannot be written to its file.',
    where: { file },
    why: `${why.replace(/\.?$/, '.')}`,
    next: 'Name a file that can be written and holds nothing else. A token that nobody got is removed by the next run.',
  })
}
