import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { interpolate, isPlainObject, pathText } from '../../core/interpolate.ts'
import type { Excerpt, Fault, Location } from '../../core/tool-error.ts'
import { readTextFile, unreadableFault } from '../../files/text-file.ts'
import { displayPath } from '../../migrations/files/folder.ts'
import { isFault } from '../../migrations/files/migration-name.ts'

/** Where a store's declarations are, and what `${NAME}` in them means. */
export interface DeclarationFolder {
  /** Absolute. */
  readonly directory: string
  /** The project's folder, for showing paths. */
  readonly root: string
  readonly variables: Readonly<Record<string, string | undefined>>
}

export interface Declarations {
  /** In the order of their names, with variables replaced. */
  readonly documents: readonly DeclarationDocument[]
  readonly faults: readonly Fault[]
  /** Values of keys that are called password, secret or token: they must never be printed. */
  readonly secrets: readonly string[]
}

const endings = ['.yaml', '.yml', '.json']

/** No declaration is larger; what is was put there by mistake. */
const largest = 4 * 1024 * 1024

/**
 * Reads every .yaml, .yml and .json file of a folder; names that begin with a dot are left alone. Never throws for what is wrong with
 * them: that is in `faults`. Values are not yet held against a schema.
 */
export function readDeclarations(folder: DeclarationFolder): Declarations {
  const names = listNames(folder)
  if (isFault(names)) return { documents: [], faults: [names], secrets: [] }
  const read = names.map((name) => readFile(join(folder.directory, name), folder))
  return {
    documents: read.flatMap(({ documents }) => documents),
    faults: read.flatMap(({ faults }) => faults),
    secrets: read.flatMap(({ secrets }) => secrets),
  }
}

function listNames({ directory, root }: DeclarationFolder): readonly string[] | Fault {
  const file = displayPath(root, directory)
  try {
    const names = readdirSync(directory).filter((name) => !name.startsWith('.') && endings.includes(extname(name)))
    if (names.length > 0) return names.toSorted()
    return { what: `The folder ${file} declares nothing.`, where: { file }, next: 'Put a .yaml or .json file there.' }
  } catch (error) {
    return unreadableFault(error, file)
  }
}

function readFile(path: string, { root, variables }: DeclarationFolder): Declarations {
  const file = displayPath(root, path)
  const read = readTextFile(path, file, largest)
  if (isFault(read)) return { documents: [], faults: [read], secrets: [] }
  if (read.text === null) return { documents: [], faults: [tooLarge(file)], secrets: [] }
  const document = readDeclarationDocument(read.text.replace(/^\uFEFF/, ''), file)
  if (!('value' in document)) return { documents: [], faults: document, secrets: [] }
  const { value, missing, faults } = interpolate(document.value, variables)
  const unread = [
    ...[...missing].map(([path, variable]) => ({ path, says: `needs the variable ${variable}, which is not set` })),
    ...faults.map(({ path, why }) => ({ path, says: why })),
  ]
  const at = placesByText(document.value)
  return {
    documents: [{ ...document, value }],
    faults: unread.map(({ path, says }) => ({ what: `${path} ${says}.`, ...document.locate(at.get(path) ?? []) })),
    secrets: collectSecrets(value),
  }
}

function tooLarge(file: string): Fault {
  return {
    what: 'This file is larger than 4 MB.',
    where: { file },
    next: 'Is it a declaration? Move it out of the folder.',
  }
}

/** The paths of all texts, by their own text. */
function placesByText(document: unknown): ReadonlyMap<string, readonly PropertyKey[]> {
  const places = new Map<string, readonly PropertyKey[]>()
  visit(document, [], (_, path) => places.set(pathText(path), path))
  return places
}

function collectSecrets(document: unknown): readonly string[] {
  const secrets: string[] = []
  visit(document, [], (text, path) => {
    if (path.some((segment) => /password|secret|token/i.test(String(segment)))) secrets.push(text)
  })
  return secrets
}

function visit(
  value: unknown,
  path: readonly PropertyKey[],
  see: (text: string, path: readonly PropertyKey[]) => void,
): void {
  if (typeof value === 'string') see(value, path)
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, [...path, index], see)
  else if (isPlainObject(value)) for (const [key, item] of Object.entries(value)) visit(item, [...path, key], see)
}

/** A file of declarations that was read, but not yet held against a schema. */
export interface DeclarationDocument {
  /** As a person would type it. */
  readonly file: string
  readonly value: unknown
  /** Where the key or item at a path stands; the nearest one that is there. */
  readonly locate: (path: readonly PropertyKey[]) => { readonly where: Location; readonly excerpt?: Excerpt }
}

/**
 * Reads YAML 1.2, of which JSON is a part, and remembers where everything stands. A key that is given twice, an unknown
 * tag or a second document is a fault.
 */
export function readDeclarationDocument(text: string, file: string): DeclarationDocument | readonly Fault[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems = [...document.errors, ...document.warnings]
  if (problems.length > 0) {
    return problems.map(({ message, pos }) => ({
      what: 'This is no YAML that can be read.',
      where: placeAt(file, lines, pos[0]),
      why: `${message.replace(/\.?$/, '.')}`,
    }))
  }
  const value = toValue(document)
  if (value.type === 'fault') return [{ what: 'This is no YAML that can be read.', where: { file }, why: value.why }]
  return { file, value: value.value, locate: (path) => ({ where: placeAt(file, lines, offsetOf(document, path)) }) }
}

/** Aliases that would multiply without end are refused by the library when the value is made. */
function toValue(
  document: Document,
): { readonly type: 'value'; readonly value: unknown } | { readonly type: 'fault'; readonly why: string } {
  try {
    return { type: 'value', value: document.toJS() }
  } catch (error) {
    return { type: 'fault', why: error instanceof Error ? error.message : String(error) }
  }
}

function placeAt(file: string, lines: LineCounter, offset: number): Location {
  const { line, col } = lines.linePos(offset)
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
}

/** Where the last part of a path begins: a key where it is one, else an item's text. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const segment of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment))
      if (pair === undefined) return offset
      offset = startOf(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(segment)]
      offset = startOf(node) ?? offset
    } else {
      return offset
    }
  }
  return offset
}

function startOf(node: unknown): number | null {
  return typeof node === 'object' && node !== null && 'range' in node ? ((node as Node).range?.[0] ?? null) : null
}
