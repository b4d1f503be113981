import { rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** A file is written under this name and then renamed, so that it is either complete or missing. */
export function draftOf(fileName: string): string {
  return `.${fileName}.new`
}

/** The name of the file that a draft belongs to; null for the name of any other file. */
export function readDraftName(entry: string): string | null {
  return /^\.(.+)\.new$/.exec(entry)?.[1] ?? null
}

/** Writes a file completely or not at all. It overwrites what a killed run left of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), draftOf(basename(path)))
  await writeFile(draft, text)
  await rename(draft, path)
}
