import { statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { type HashedText, hashText } from '../../files/checksum.ts'
import { readTextFile } from '../../files/text-file.ts'
import { type FolderListing, listFolder, type MigrationFolder } from './folder.ts'
import { isFault } from './migration-name.ts'

/** Milliseconds between two turns of the event loop, so that no answer of a server is kept waiting by more than a file. */
const turn = 1

/** Bytes. A larger file is read when it is wanted. */
const largest = 64 * 1024

/**
 * Reads the migrations of folders while servers are waited for, as far as it comes until they answer: with a thousand files that is most of what the servers take.
 * What could not be read is left to whoever wants it, and reports it.
 */
export class FilesAhead {
  readonly #listings = new Map<string, FolderListing & { readonly changed: number | null }>()
  readonly #texts = new Map<string, HashedText>()
  #isOver = false

  /** @param root absolute path of the project's folder */
  constructor(folders: readonly MigrationFolder[], root: string) {
    void this.#read(folders, root)
  }

  /** Reads nothing more by itself. What it has stays. */
  end(): void {
    this.#isOver = true
  }

  /** A folder's names as they were listed; null where they were not, or others are there since: then no text is given either, as wwdb.sum may be of later ones. */
  takeListing({ directory }: MigrationFolder): FolderListing | null {
    const listing = take(this.#listings, directory)
    if (listing === null || listing.changed === changedAt(directory)) return listing
    this.#texts.clear()
    return null
  }

  /** Null where the file was not read. */
  takeText(path: string): HashedText | null {
    return take(this.#texts, path)
  }

  async #read(folders: readonly MigrationFolder[], root: string): Promise<void> {
    for (const folder of folders) {
      await setImmediate()
      if (this.#isOver) return
      const changed = changedAt(folder.directory)
      const listing = listFolder(folder, root)
      this.#listings.set(folder.directory, { ...listing, changed })
      let began = performance.now()
      for (const { path, file } of listing.entries) {
        if (performance.now() - began > turn) {
          await setImmediate()
          began = performance.now()
        }
        if (this.#isOver) return
        const read = readTextFile(path, file, largest)
        if (!isFault(read) && read.text !== null) this.#texts.set(path, hashText(read.text))
      }
    }
  }
}

/** When a name was last added to a folder or taken from it, in milliseconds; null where there is no folder. */
function changedAt(directory: string): number | null {
  return statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? null
}

function take<Value>(from: Map<string, Value>, key: string): Value | null {
  const value = from.get(key) ?? null
  from.delete(key)
  return value
}
