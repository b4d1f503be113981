import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Context } from '../command/context.ts'
import type { StoreKind } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'
import { displayPath } from '../migrations/files/folder.ts'
import { storeImporter } from './contract.ts'
import type { StoreImport } from './import-store.ts'
import { chooseStore } from './open-stores.ts'
import { freeName, sweepDeclarations, writeDeclaration } from './write-declaration.ts'

export interface ImportIntoRequest {
  readonly store: StoreKind
  /** Patterns of names; empty for everything. */
  readonly only: readonly string[]
  /** Null for the folder of the configuration. */
  readonly out: string | null
  readonly dryRun: boolean
}

/** An import, and the files that it wrote, or would have written. */
export interface WrittenImport extends Omit<StoreImport, 'files'> {
  readonly server: string
  /** As a person would type it. */
  readonly folder: string
  readonly files: readonly { readonly file: string; readonly text: string }[]
}

/** Declares what a store has in files of a folder. An existing file stays: the new one gets a number. */
export async function importInto(context: Context, request: ImportIntoRequest): Promise<WrittenImport> {
  const { root } = await context.config()
  const configured = await chooseStore(context, request.store)
  const directory = request.out === null ? configured.declarations : resolve(context.process.cwd, request.out)
  if (configured.prefix !== '') throw prefixed(request.store, configured.prefix)
  const importStore = await context.port(storeImporter)
  const { files, ...found } = await importStore({ ...configured, declarations: directory }, request.only)
  const written = request.dryRun
    ? files.map(({ file, text }) => ({ path: freeName(directory, file), text }))
    : explaining(displayPath(root, directory), () => {
        for (const message of sweepDeclarations(root, directory, context.now()))
          context.emit({ type: 'warning', message, target: null })
        if (files.length > 0) mkdirSync(directory, { recursive: true })
        return files.map(({ file, text }) => ({ path: writeDeclaration(directory, file, text), text }))
      })
  return {
    ...found,
    server: configured.label,
    folder: displayPath(root, directory),
    files: written.map(({ path, text }) => ({ file: displayPath(root, path), text })),
  }
}

/** What the file system refuses is the disk's trouble, not a defect. */
function explaining<Answer>(folder: string, work: () => Answer): Answer {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error
    throw new ToolError(
      'STORE_IMPORT_FILE',
      {
        what: 'The declarations cannot be written.',
        where: { file: folder },
        why: error.message,
        next: 'Name another folder with `--out`, or give the user who runs wwdb the right to write there; then run the command again: what was written is not imported twice.',
      },
      { cause: error },
    )
  }
}

function prefixed(store: StoreKind, prefix: string): ToolError {
  return new ToolError('USAGE', {
    what: `\`wwdb setup import ${store}\` declares names as they are, and the prefix \`${prefix}\` would be put before them once more.`,
    next: 'Import without a prefix: leave out `--prefix`, WWDB_PREFIX and `prefix` of the configuration.',
  })
}
