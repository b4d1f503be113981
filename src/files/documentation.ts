import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder of the pages that are shipped with the program: a checkout and an installed package have it beside
 * `package.json`.
 */
export function findDocumentation(): string {
  return join(findPackage(), 'docs')
}

/** A JSON Schema that is shipped with the program */
export function readPublishedSchema(name: string): unknown {
  return JSON.parse(readFileSync(join(findPackage(), 'schemas', `${name}.schema.json`), 'utf8'))
}

function findPackage(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (dirname(folder) === folder) throw new Error('no package.json above the program')
  }
}

/** `page` is its path in that folder, such as `guides/rotation.md`. */
export function readPage(page: string): string {
  return readFileSync(join(findDocumentation(), page), 'utf8')
}
