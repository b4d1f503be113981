import { existsSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { interpolate, isPlainObject, pathText } from '../../core/interpolate.ts'
import type { Excerpt, Fault, Location } from '../../core/tool-error.ts'
import { positionAt, toFault, toValue } from '../../files/document.ts'
import { readTextFile, unreadableFault } from '../../files/text-file.ts'
import { parseByName } from '../../files/yaml-text.ts'
import { displayPath } from '../../migrations/files/folder.ts'
import { isFault } from '../../migrations/files/migration-name.ts'

/** Where a store's declarations are, and the values of `${NAME}` in them. */
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
  /** Those of the faults that are a variable that is not set. */
  readonly unset: readonly UnsetVariable[]
  /** Values of keys that are called password, secret or token, and what addresses an endpoint: they must never be printed. */
  readonly secrets: readonly string[]
}

/** A variable that a text of a file needs and that is not set. */
export interface UnsetVariable {
  /** As the document names it. */
  readonly file: string
  readonly path: readonly PropertyKey[]
  readonly fault: Fault
}

const endings = ['.yaml', '.yml', '.json']

const nothing: Declarations = { documents: [], faults: [], unset: [], secrets: [] }

/** No declaration is larger; a larger file is there by mistake. */
const largest = 4 * 1024 * 1024

/**
 * Reads every .yaml, .yml and .json file of a folder; names that begin with a dot are ignored. Never throws because of their content:
 * faults are in `faults`. Values are not checked against a schema yet.
 */
export function readDeclarations(folder: DeclarationFolder): Declarations {
  const names = listNames(folder)
  if (isFault(names)) return { ...nothing, faults: [names] }
  const read = names.map((name) => readDeclarationFile(join(folder.directory, name), folder))
  return {
    documents: read.flatMap(({ documents }) => documents),
    faults: read.flatMap(({ faults }) => faults),
    unset: read.flatMap(({ unset }) => unset),
    secrets: read.flatMap(({ secrets }) => secrets),
  }
}

/** The same, where the folder may be missing or empty. */
export function readPresent(folder: DeclarationFolder): Declarations {
  const isEmpty = !existsSync(folder.directory) || listEntries(folder)?.some(isDeclaration) === false
  return isEmpty ? nothing : readDeclarations(folder)
}

/** Null where it cannot be listed, which reading it explains. */
function listEntries({ directory }: DeclarationFolder): readonly string[] | null {
  try {
    return readdirSync(directory)
  } catch {
    return null
  }
}

function isDeclaration(name: string): boolean {
  return !name.startsWith('.') && endings.includes(extname(name))
}

/**
 * What may be meant to declare something, and declares nothing: before a run removes what no file declares, a person has to say so.
 * @param documents what was read of the folder
 */
export function findDoubts(
  { directory, root }: DeclarationFolder,
  documents: readonly DeclarationDocument[],
): readonly Fault[] {
  const doubt = (file: string, why: string, next: string): Fault => ({
    what: `\`${file}\` declares nothing, so \`--prune\` would remove what it was meant to declare.`,
    where: { file },
    why,
    next,
  })
  const entries = readdirSync(directory, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'))
  const empty = documents.filter(({ value }) => value === null || value === undefined)
  return [
    ...empty.map(({ file }) => doubt(file, 'It is empty.', 'Write `{}` into it, or remove it.')),
    ...entries.flatMap((entry) => {
      const file = displayPath(root, join(directory, entry.name))
      if (entry.isDirectory())
        return readdirSync(join(directory, entry.name), { recursive: true }).some((name) => isMeant(String(name)))
          ? [doubt(file, 'Folders in it are not read.', 'Move its files up, or out of the folder of the store.')]
          : []
      return isMeant(entry.name) && !isDeclaration(entry.name)
        ? [doubt(file, 'Its ending is not written in small letters.', 'Rename it, or move it out of the folder.')]
        : []
    }),
  ]
}

function isMeant(name: string): boolean {
  return endings.includes(extname(name).toLowerCase())
}

function listNames({ directory, root }: DeclarationFolder): readonly string[] | Fault {
  const file = displayPath(root, directory)
  try {
    const names = readdirSync(directory).filter(isDeclaration)
    if (names.length > 0) return names.toSorted()
    return {
      what: `The folder \`${file}\` declares nothing.`,
      where: { file },
      next: 'Add a .yaml or .json file.',
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return {
        what: `The folder \`${file}\` does not exist.`,
        where: { file },
        next: 'Create it and declare in it what the store is to have, or remove the store from the configuration.',
      }
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR')
      return {
        what: `\`${file}\` is a file, and declarations are in a folder.`,
        where: { file },
        next: 'Name a folder.',
      }
    return unreadableFault(error, file)
  }
}

/**
 * The same of one file, wherever it is.
 * @param limit in bytes: what wwdb wrote itself may be larger
 */
export function readDeclarationFile(
  path: string,
  { root, variables }: Omit<DeclarationFolder, 'directory'>,
  limit: number = largest,
): Declarations {
  const file = displayPath(root, path)
  const read = readTextFile(path, file, limit)
  if (isFault(read)) return { ...nothing, faults: [read] }
  if (read.text === null) return { ...nothing, faults: [tooLarge(file)] }
  const document = readDeclarationDocument(read.text.replace(/^\uFEFF/, ''), file)
  if (!('value' in document)) return { ...nothing, faults: document }
  const { value, missing, faults } = interpolate(document.value, variables)
  const at = placesByText(document.value)
  const toUnread = (text: string, says: string): UnsetVariable => {
    const path = at.get(text) ?? []
    return { file, path, fault: { what: `${text} ${says}.`, ...document.locate(path) } }
  }
  const unset = [...missing].map(([text, variable]) =>
    toUnread(text, `needs the variable \`${variable}\`, which is not set`),
  )
  return {
    documents: [{ ...document, value }],
    faults: [...unset, ...faults.map((one) => toUnread(one.path, one.why))].map(({ fault }) => fault),
    unset,
    secrets: collectSecrets(value),
  }
}

function tooLarge(file: string): Fault {
  return {
    what: 'This file is larger than 4 MB.',
    where: { file },
    next: 'If it is not a declaration, move it out of the folder.',
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
    if (isSecret(path.map(String))) secrets.push(...new Set([text, text.trim()]))
  })
  return secrets
}

/** Addresses and headers of notification endpoints are secrets, too: servers repeat them in their errors. */
function isSecret(path: readonly string[]): boolean {
  if (path.some((segment) => /password|secret|token|routingKey/i.test(segment))) return true
  const [section, , key = ''] = path
  return section === 'notificationEndpoints' && ['url', 'username', 'headers'].includes(key)
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

/** A file of declarations that was read, but not checked against a schema yet. */
export interface DeclarationDocument {
  /** As a person would type it. */
  readonly file: string
  readonly value: unknown
  /** The position of the key or item at a path; else of the nearest existing one. */
  readonly locate: (path: readonly PropertyKey[]) => { readonly where: Location; readonly excerpt?: Excerpt }
}

/** Reads a file of declarations with the position of everything in it. */
export function readDeclarationDocument(text: string, file: string): DeclarationDocument | readonly Fault[] {
  const { syntax, outcome } = parseByName(text, file)
  switch (outcome.type) {
    case 'faults':
      return outcome.faults.map((fault) => toFault(syntax, file, fault))
    case 'empty':
      return { file, value: null, locate: () => ({ where: { file, line: 1, column: 1 } }) }
    case 'tree': {
      const { node } = outcome
      return { file, value: toValue(node), locate: (path) => ({ where: { file, ...positionAt(node, path) } }) }
    }
  }
}
