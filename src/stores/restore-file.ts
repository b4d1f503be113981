import * as z from 'zod/mini'
import { type Fault, ToolError } from '../core/tool-error.ts'
import type { DeclarationDocument, UnsetVariable } from './declare/read-declarations.ts'
import { asMap, hasEntry, isMap } from './entries.ts'
import { findNamed } from './find-named.ts'

const resource = z.object({ kind: z.string(), name: z.string() })
const entry = z.object({ at: z.array(z.string()), resources: z.array(resource) })
const marks = z.object({ resources: z.array(entry), context: z.array(entry) })

/** An entry of a file, and what a plan calls that which it makes: without the prefix. */
export type RestoredResource = z.infer<typeof entry>

/** What a file brings back. */
export interface RestoreFile {
  readonly document: DeclarationDocument
  readonly resources: readonly RestoredResource[]
  /** What these name, which is made only where it is missing. */
  readonly context: readonly RestoredResource[]
}

/** Takes the list of what a file brings back out of its declarations. @throws ToolError DECLARATIONS_INVALID where it has none. */
export function readRestoreFile(document: DeclarationDocument): RestoreFile {
  if (document.file.endsWith('.part')) throw unfinished(document.file)
  const { restore, ...sections } = isMap(document.value) ? document.value : { restore: null }
  const read = z.safeParse(marks, restore)
  if (read.success) return { document: { ...document, value: sections }, ...read.data }
  throw new ToolError('DECLARATIONS_INVALID', {
    what: `\`${document.file}\` does not say under \`restore\` what it brings back.`,
    ...document.locate(['restore']),
    why: '`wwdb setup restore` reads a file that `wwdb setup apply --prune` wrote.',
    next: 'Name such a file, or move the declarations to the folder of the store and run `wwdb setup apply`.',
  })
}

/** It gets its name once it is whole, and only then anything is removed. */
function unfinished(file: string): ToolError {
  return new ToolError('DECLARATIONS_INVALID', {
    what: `\`${file}\` was being written when its run ended.`,
    where: { file },
    why: 'It may not be whole, and that run has removed nothing.',
    next: 'Name a file that ends in `.yaml`, if there is one.',
  })
}

/** What a file declares beside what the folder of declarations has: entries that are declared there by now are left to `setup apply`. */
export function besidePresent(
  document: DeclarationDocument,
  present: readonly DeclarationDocument[],
): { readonly document: DeclarationDocument; readonly left: readonly string[] } {
  const left: string[] = []
  const isDeclared = (section: string, name: string): boolean =>
    present.some(({ value }) => hasEntry(value, [section, name]))
  const value = chooseEntries(document.value, (section, name) => {
    const isLeft = isDeclared(section, name)
    if (isLeft) left.push(`${section}.${name}`)
    return !isLeft
  })
  return { document: { ...document, value }, left }
}

/** The folder without what needs variables that are not set and is not the file's. */
interface SparedFolder {
  readonly present: readonly DeclarationDocument[]
  /** Variables that the file needs, as what it names has them. */
  readonly asked: readonly Fault[]
  /** Those of what was left out. */
  readonly spared: readonly UnsetVariable[]
}

/** Splits the variables that are not set into those of what the file names, and the others. */
export function spareUnset(
  document: DeclarationDocument,
  present: readonly DeclarationDocument[],
  unset: readonly UnsetVariable[],
): SparedFolder {
  const named = namedOfPresent(document, present)
  const isNamed = ({ file, path: [section, name] }: UnsetVariable): boolean =>
    named.some((one) => one.file === file && isMap(asMap(asMap(one.value)[String(section)])[String(name)]))
  const spared = unset.filter((one) => !isNamed(one))
  const isSpared = (file: string, section: string, name: string | null): boolean =>
    spared.some(
      (one) => one.file === file && String(one.path[0]) === section && (name === null || String(one.path[1]) === name),
    )
  return {
    present: present.map((one) => ({
      ...one,
      value: chooseEntries(
        one.value,
        (section, name) => !isSpared(one.file, section, name),
        (_, section) => !isSpared(one.file, section, null),
      ),
    })),
    asked: unset.filter(isNamed).map(({ fault }) => fault),
    spared,
  }
}

interface Entry {
  readonly name: string
  readonly value: unknown
}

/** Of the folder, what the file names and what that names in turn: trouble with anything else is not the file's. */
export function namedOfPresent(
  { value }: DeclarationDocument,
  present: readonly DeclarationDocument[],
): readonly DeclarationDocument[] {
  const entries = present.flatMap((one) => entriesOf(one.value))
  const found = findNamed([{ name: '', value }], entries, { nameOf: ({ name }) => name, contentOf: (one) => one.value })
  const isFound = (name: string, own: unknown): boolean =>
    found.some((one) => one.name === name && one.value === own) || !isMap(own)
  return present.map((one) => ({
    ...one,
    value: chooseEntries(one.value, (_, name, own) => isFound(name, own), isMap),
  }))
}

function entriesOf(value: unknown): readonly Entry[] {
  const sections = Object.values(asMap(value))
  return sections.flatMap((section) =>
    isMap(section) ? Object.entries(section).map(([name, own]) => ({ name, value: own })) : [],
  )
}

/** @param isSection which of the sections without names stay: nothing names what is in a list */
function chooseEntries(
  value: unknown,
  isChosen: (section: string, name: string, value: unknown) => boolean,
  isSection: (entries: unknown, section: string) => boolean = () => true,
): unknown {
  return Object.fromEntries(
    Object.entries(asMap(value)).flatMap(([section, entries]) => {
      if (!isMap(entries)) return isSection(entries, section) ? [[section, entries] as const] : []
      const chosen = Object.entries(entries).filter(([name, own]) => isChosen(section, name, own))
      return chosen.length === 0 ? [] : [[section, Object.fromEntries(chosen)] as const]
    }),
  )
}
