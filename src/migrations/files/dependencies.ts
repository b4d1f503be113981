import { closestName } from '../../core/closest-name.ts'
import type { Fault } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { MigrationReference } from '../migration.ts'
import type { WrittenReference } from './header.ts'
import { canonicalVersion } from './migration-name.ts'
import type { SourceFile } from './source-file.ts'

/** The files of every logical database, each list in the order in which it runs. */
export type FilesByDatabase = ReadonlyMap<string, readonly SourceFile[]>

export interface Dependencies {
  /** What each file needs from other migrations: from its headers, and from foreign keys between databases. */
  readonly requires: ReadonlyMap<SourceFile, readonly MigrationReference[]>
  readonly faults: readonly Fault[]
}

/** Resolves what migrations require of each other. Faults: unknown database or version, itself, cycles. */
export function resolveDependencies(files: FilesByDatabase, squashed: FilesByDatabase = new Map()): Dependencies {
  const index = new MigrationIndex(files)
  const faults: Fault[] = []
  const links = new Map<SourceFile, Link<SourceFile>[]>()
  for (const list of files.values()) {
    for (const [position, file] of list.entries()) {
      const own = [...writtenLinks(file, index, faults), ...foreignLinks(file, index)]
      const before = list[position - 1]
      if (before !== undefined) own.push({ to: before, reason: 'follows', line: null })
      links.set(file, own)
    }
  }
  // Files that only follow each other form no circle.
  const isLinked = [...links.values()].some((own) => own.some(({ reason }) => reason !== 'follows'))
  if (isLinked) for (const cycle of findCycles(links)) faults.push(cycleFault(cycle))
  return { requires: new Map([...requirementsOf(links), ...requirementsOfSquashed(files, squashed)]), faults }
}

/** What the files in the folders `squashed` need: each other as before, and what still exists. They were free of cycles. */
function requirementsOfSquashed(
  files: FilesByDatabase,
  squashed: FilesByDatabase,
): ReadonlyMap<SourceFile, readonly MigrationReference[]> {
  if (squashed.size === 0) return new Map()
  const old = new MigrationIndex(squashed)
  const present = new MigrationIndex(files)
  const links = new Map(
    [...squashed.values()].flat().map((file): [SourceFile, readonly Link<SourceFile>[]] => {
      const written = file.headers.requires.flatMap((reference): readonly Link<SourceFile>[] => {
        const to = old.byVersion(reference) ?? present.byVersion(reference)
        return to === null || to === file ? [] : [{ to, reason: 'requires', line: reference.line }]
      })
      return [file, [...written, ...foreignLinks(file, old)]]
    }),
  )
  return requirementsOf(links)
}

/** `user_db/0001`: the name of a migration across databases. */
function nameOf(file: SourceFile): string {
  return `${file.entry.database}/${file.entry.name.version}`
}

/** Finds migrations by version, and by a table that they create. */
class MigrationIndex {
  readonly files: FilesByDatabase
  readonly #byVersion = new Map<string, SourceFile>()
  readonly #byTable = new Map<string, SourceFile | null>()

  constructor(files: FilesByDatabase) {
    this.files = files
    for (const file of [...files.values()].flat()) {
      const key = versionKey(file.entry.database, file.entry.name.version)
      if (!this.#byVersion.has(key)) this.#byVersion.set(key, file)
    }
  }

  /** The migration of that version, or the squashed one that replaced it. */
  byVersion({ database, version }: MigrationReference): SourceFile | null {
    return this.#byVersion.get(versionKey(database, version)) ?? this.#squashOf(database, version)
  }

  #squashOf(database: string, version: string): SourceFile | null {
    const key = versionKey(database, version)
    const squashed = this.files.get(database)?.filter(({ headers }) => headers.squashes.length > 0) ?? []
    return squashed.find(({ headers }) => headers.squashes.some((one) => versionKey(database, one) === key)) ?? null
  }

  /** The first migration that creates a table (in lower case). */
  creatorOf(database: string, table: string): SourceFile | null {
    const key = `${database}/${table}`
    let creator = this.#byTable.get(key)
    if (creator === undefined) {
      const list = this.files.get(database) ?? []
      creator = list.find((file) => file.mentions(table) && file.tables().creates.has(table)) ?? null
      this.#byTable.set(key, creator)
    }
    return creator
  }
}

function versionKey(database: string, version: string): string {
  return `${database}/${/^\d/.test(version) ? canonicalVersion(version) : version.normalize('NFC')}`
}

function writtenLinks(file: SourceFile, index: MigrationIndex, faults: Fault[]): Link<SourceFile>[] {
  const links: Link<SourceFile>[] = []
  for (const reference of file.headers.requires) {
    const to = index.byVersion(reference)
    const fault =
      to === null ? unknownFault(file, reference, index.files) : to === file ? selfFault(file, reference) : null
    if (fault !== null) faults.push(fault)
    else if (to !== null) links.push({ to, reason: 'requires', line: reference.line })
  }
  return links
}

function foreignLinks(file: SourceFile, index: MigrationIndex): Link<SourceFile>[] {
  if (!file.mentions('{{schema:')) return []
  const links: Link<SourceFile>[] = []
  for (const { database, table, line } of file.tables().foreign) {
    const to = index.creatorOf(database, table)
    if (to !== null) links.push({ to, reason: 'refers', line })
  }
  return links
}

/** What most files require. */
const none: readonly MigrationReference[] = []

function requirementsOf(
  links: ReadonlyMap<SourceFile, readonly Link<SourceFile>[]>,
): Map<SourceFile, readonly MigrationReference[]> {
  const requires = new Map<SourceFile, readonly MigrationReference[]>()
  for (const [file, own] of links) {
    if (!own.some(({ reason }) => reason !== 'follows')) {
      requires.set(file, none)
      continue
    }
    const needed = new Set(own.filter((link) => link.reason !== 'follows').map((link) => link.to))
    requires.set(
      file,
      [...needed].map((to) => ({ database: to.entry.database, version: to.entry.name.version })),
    )
  }
  return requires
}

function unknownFault(file: SourceFile, { database, version, line }: WrittenReference, files: FilesByDatabase): Fault {
  const where = { file: file.entry.file, line }
  const list = files.get(database)
  if (list === undefined) {
    const close = closestName(database, files.keys())
    return {
      what: `It requires \`${database}/${version}\`, but the configuration has no database \`${database}\`.`,
      where,
      next:
        close === null
          ? `The databases are \`${[...files.keys()].join('`, `')}\`.`
          : `Did you mean \`${close}/${version}\`?`,
    }
  }
  const near = nearestVersion(version, list)
  return {
    what: `It requires \`${database}/${version}\`, but \`${database}\` has no migration ${version}.`,
    where,
    next:
      near === null
        ? `\`${database}\` has no migrations at all yet.`
        : `The nearest version is \`${database}/${near}\`.`,
  }
}

function nearestVersion(version: string, list: readonly SourceFile[]): string | null {
  const versions = list.map((file) => file.entry.name.version)
  if (!/^\d/.test(version)) return closestName(version, versions) ?? versions.at(-1) ?? null
  const numbers = versions.filter((each) => /^\d/.test(each))
  return numbers.find((each) => compareVersions(each, version) > 0) ?? numbers.at(-1) ?? versions[0] ?? null
}

function selfFault(file: SourceFile, reference: WrittenReference): Fault {
  return {
    what: `It requires \`${reference.database}/${reference.version}\`, which is the migration itself.`,
    where: { file: file.entry.file, line: reference.line },
    next: 'Remove the requirement.',
  }
}

const verbs = { requires: 'requires', refers: 'has a foreign key to a table of', follows: 'comes after' } as const

/** Names the whole cycle, with consecutive migrations of one database merged. */
function cycleFault(cycle: readonly (Link<SourceFile> & { readonly from: SourceFile })[]): Fault {
  const first = Math.max(
    0,
    cycle.findIndex((link) => link.reason !== 'follows'),
  )
  const turned = [...cycle.slice(first), ...cycle.slice(0, first)]
  const steps = turned.filter((link, at) => link.reason !== 'follows' || turned[at + 1]?.reason !== 'follows')
  const [start] = turned
  const chain = steps.map((link, at) => `${at === 0 ? '' : 'which '}${verbs[link.reason]} ${nameOf(link.to)}`)
  return {
    what: `These migrations depend on each other in a circle: ${start === undefined ? '' : nameOf(start.from)} ${chain.join(', ')}.`,
    where: { file: start?.from.entry.file ?? '', ...(start?.line == null ? {} : { line: start.line }) },
    next: 'Remove one of the requirements, or split a migration in two.',
  }
}

/** Why one migration comes after another: by its header, by a foreign key, or by its place in its own database. */
export interface Link<Node> {
  readonly to: Node
  readonly reason: 'requires' | 'refers' | 'follows'
  /** The line of the header or statement that says so; null for `follows`. */
  readonly line: number | null
}

type Cycle<Node> = readonly (Link<Node> & { readonly from: Node })[]

interface Visit<Node> {
  readonly node: Node
  readonly links: readonly Link<Node>[]
  next: number
}

/**
 * Cycles of a graph, none sharing a node with another, so that one mistake is reported once. Walks depth first without
 * recursion: a folder's files are one long chain.
 */
export function findCycles<Node>(links: ReadonlyMap<Node, readonly Link<Node>[]>): Cycle<Node>[] {
  const cycles: Cycle<Node>[] = []
  const finished = new Set<Node>()
  const reported = new Set<Node>()
  for (const root of links.keys()) {
    walk(root, links, finished, (cycle) => {
      if (cycle.some((link) => reported.has(link.from))) return
      for (const link of cycle) reported.add(link.from)
      cycles.push(cycle)
    })
  }
  return cycles
}

function walk<Node>(
  root: Node,
  links: ReadonlyMap<Node, readonly Link<Node>[]>,
  finished: Set<Node>,
  found: (cycle: Cycle<Node>) => void,
): void {
  if (finished.has(root)) return
  const path: Visit<Node>[] = [{ node: root, links: links.get(root) ?? [], next: 0 }]
  const depths = new Map<Node, number>([[root, 0]])
  for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
    const link = visit.links[visit.next]
    visit.next += 1
    if (link === undefined) {
      finished.add(visit.node)
      depths.delete(visit.node)
      path.pop()
      continue
    }
    const depth = depths.get(link.to)
    if (depth !== undefined) found(cycleFrom(path.slice(depth)))
    else if (!finished.has(link.to)) {
      depths.set(link.to, path.length)
      path.push({ node: link.to, links: links.get(link.to) ?? [], next: 0 })
    }
  }
}

function cycleFrom<Node>(path: readonly Visit<Node>[]): Cycle<Node> {
  return path.flatMap(({ node, links, next }) => {
    const link = links[next - 1]
    return link === undefined ? [] : [{ ...link, from: node }]
  })
}
