import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { pid } from 'node:process'

/**
 * Makes a folder that only its owner can enter, parents included, and closes one that is there already: what lies in it (data, sockets,
 * passwords) is then nobody else's, whatever the mode of each file.
 */
export async function makePrivateFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
}

/** Writes a file that only its owner can read, beside and renamed: a file that was there with a wider mode does not keep it. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  const beside = `${file}.${pid}.new`
  await writeFile(beside, text, { mode: 0o600 })
  await chmod(beside, 0o600)
  await rename(beside, file)
}
