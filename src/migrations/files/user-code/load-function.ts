import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { ToolError } from '../../../core/tool-error.ts'
import { checksumOf, normaliseText } from '../../../files/checksum.ts'
import type { DataModule, FunctionName } from './messages.ts'

/**
 * The function of that name, from the file as it was checked. Called in the process of users' code.
 * Throws ToolError `FILE_CHANGED`, `MODULE_FAULTY` (it cannot be imported) or `MODULE_INCOMPLETE` (no such function).
 */
export async function loadFunction(
  { path, file, checksum }: DataModule,
  name: FunctionName,
): Promise<(knex: unknown) => unknown> {
  if (checksumOf(normaliseText(readFileSync(path, 'utf8'))) !== checksum) {
    throw new ToolError('FILE_CHANGED', {
      what: 'The file has changed since it was checked.',
      where: { file },
      why: 'None of it has run.',
      next: 'Run the command again.',
    })
  }
  const found = findFunction(await importModule(path, file), name)
  if (found !== null) return found
  throw new ToolError('MODULE_INCOMPLETE', {
    what: `The file exports no function ${name}.`,
    where: { file },
    next: `Write: export async function ${name}(knex) { ... }`,
  })
}

async function importModule(path: string, file: string): Promise<unknown> {
  try {
    if (!path.endsWith('.ts')) return await import(pathToFileURL(path).href)
    const { createJiti } = await import('jiti')
    return await createJiti(import.meta.url, { interopDefault: false }).import(path)
  } catch (error) {
    throw new ToolError(
      'MODULE_FAULTY',
      {
        what: 'The file cannot be imported.',
        where: { file },
        why: error instanceof Error ? error.message : String(error),
        next: 'Put this right, then run the command again; nothing of it has run.',
      },
      { cause: error },
    )
  }
}

/** A named export, or a property of the default export, as CommonJS modules have it. */
function findFunction(module: unknown, name: FunctionName): ((knex: unknown) => unknown) | null {
  if (typeof module !== 'object' || module === null) return null
  const own: unknown = Reflect.get(module, name)
  if (typeof own === 'function') return (knex) => own(knex)
  return 'default' in module && module.default !== module ? findFunction(module.default, name) : null
}
