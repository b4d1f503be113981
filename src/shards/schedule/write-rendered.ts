import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ToolError } from '../../core/tool-error.ts'
import { type RenderedFile, renderedMark } from './scheduled-command.ts'

/** The paths of new files, and of replaced ones. */
export interface WrittenFiles {
  readonly created: readonly string[]
  readonly changed: readonly string[]
}

/**
 * Writes rendered files, each completely and with its mode; it replaces only files that were also rendered.
 * @throws ToolError `RENDERED_FILE` before anything is written
 */
export async function writeRendered(folder: string, files: readonly RenderedFile[]): Promise<WrittenFiles> {
  const places = files.map((file) => ({ file, path: join(folder, file.name) }))
  try {
    await mkdir(folder, { recursive: true })
    const there = new Set<string>()
    for (const { path } of places) if (await isReplaced(path)) there.add(path)
    for (const { file, path } of places) await replace(path, file)
    const paths = places.map(({ path }) => path)
    return { created: paths.filter((path) => !there.has(path)), changed: paths.filter((path) => there.has(path)) }
  } catch (error) {
    if (error instanceof ToolError) throw error
    throw new ToolError('RENDERED_FILE', {
      what: `The schedule cannot be written into \`${folder}\`.`,
      ...(error instanceof Error ? { why: `${error.message}.` } : {}),
      next: 'Give a writable folder with `--out`.',
    })
  }
}

/** False where the file does not exist. */
async function isReplaced(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return false
  if (text.startsWith(renderedMark)) return true
  throw new ToolError('RENDERED_FILE', {
    what: `\`${path}\` exists and was not written by \`wwdb schedule render\`.`,
    why: 'Only files written by `wwdb schedule render` are replaced.',
    next: 'Choose another folder with `--out`, another name with `--name`, or move the file away.',
  })
}

/** A secret is never readable by others, not even for a moment, and no half-written file is ever found. */
async function replace(path: string, { content, mode }: RenderedFile): Promise<void> {
  const draft = `${path}.draft`
  await rm(draft, { force: true })
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await chmod(draft, mode)
  await rename(draft, path)
}
