import { rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** A file is written under this name and renamed, so that it is there whole or not at all. */
export function draftOf(fileName: string): string {
  return `.${fileName}.new`
}

/** The name of the file that a draft is of; null for the name of any other file. */
export function readDraftName(entry: string): string | null {
  return /^\.(.+)\.new$/.exec(entry)?.[1] ?? null
}

/** Writes a file whole or not at all. What a run that was killed left of it is written over. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), draftOf(basename(path)))
  await writeFile(draft, text)
  await rename(draft, path)
}
