import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findCycles, type Link, resolveDependencies } from '../../../../src/migrations/files/dependencies.ts'
import { readContent } from '../../../../src/migrations/files/large-file.ts'
import { isFault, readMigrationName } from '../../../../src/migrations/files/migration-name.ts'
import type { SourceFile } from '../../../../src/migrations/files/source-file.ts'

type Project = Readonly<Record<string, Readonly<Record<string, string>>>>

function sourceFile(database: string, fileName: string, text: string, databases: readonly string[]): SourceFile {
  const name = readMigrationName(fileName, fileName)
  if (isFault(name)) throw new Error(name.what)
  const file = `${database}/${fileName}`
  const { headers, content } = readContent(text, { file, repeatable: false, database, databases })
  return {
    entry: { database, name, file, path: `/${file}` },
    checksum: '',
    headers,
    content: () => content,
    tables: () => content,
    mentions: () => true,
    faults: [],
  }
}

function resolve(project: Project) {
  const databases = Object.keys(project)
  const files = new Map(
    Object.entries(project).map(([database, texts]) => [
      database,
      Object.entries(texts).map(([name, text]) => sourceFile(database, name, text, databases)),
    ]),
  )
  const { requires, faults } = resolveDependencies(files)
  const found = [...requires].map(([file, needed]) => [
    file.entry.file,
    needed.map(({ database, version }) => `${database}/${version}`),
  ])
  return { requires: Object.fromEntries(found), faults }
}

const plain = '-- migrate:up\nDO 1;'
const requiring = (...references: readonly string[]): string => `-- wwdb:requires ${references.join(' ')}\n${plain}`
const referring = (database: string, table: string): string =>
  `-- migrate:up\nALTER TABLE x ADD FOREIGN KEY (y) REFERENCES {{schema:${database}}}.${table} (id);`
const creating = (table: string): string => `-- migrate:up\nCREATE TABLE ${table} (id INT);`

test('requirements are resolved to the versions as their files write them', () => {
  const { requires, faults } = resolve({ a: { '0001_x.sql': plain }, b: { '0001_y.sql': requiring('a/1', 'a/0001') } })
  expect(faults).toEqual([])
  expect(requires).toEqual({ 'a/0001_x.sql': [], 'b/0001_y.sql': ['a/0001'] })
})

test('what a foreign key to another database needs is added once', () => {
  const { requires, faults } = resolve({
    a: { '1_x.sql': plain, '2_x.sql': creating('Users'), '3_x.sql': creating('users') },
    b: { '1_y.sql': `-- wwdb:requires a/2\n${referring('a', 'users')}`, '2_y.sql': referring('a', 'nowhere') },
  })
  expect(faults).toEqual([])
  expect(requires).toMatchObject({ 'b/1_y.sql': ['a/2'], 'b/2_y.sql': [] })
})

test.each([
  ['usr_db/1', 'It requires `usr_db/1`, but the configuration has no database `usr_db`.', 'Did you mean `user_db/1`?'],
  [
    'zzz/1',
    'It requires `zzz/1`, but the configuration has no database `zzz`.',
    'The databases are `user_db`, `b`, `empty`.',
  ],
  ['user_db/2', 'It requires `user_db/2`, but `user_db` has no migration 2.', 'The nearest version is `user_db/0005`.'],
  ['user_db/9', 'It requires `user_db/9`, but `user_db` has no migration 9.', 'The nearest version is `user_db/0005`.'],
  [
    'user_db/R__viw',
    'It requires `user_db/R__viw`, but `user_db` has no migration R__viw.',
    'The nearest version is `user_db/R__view`.',
  ],
  ['empty/1', 'It requires `empty/1`, but `empty` has no migration 1.', '`empty` has no migrations at all yet.'],
  ['b/1', 'It requires `b/1`, which is the migration itself.', 'Remove the requirement.'],
])('the fault of a requirement is explained: %s', (reference, what, next) => {
  const { faults } = resolve({
    user_db: { '0001_x.sql': plain, '0005_x.sql': plain, 'R__view.sql': plain },
    b: { '1_y.sql': requiring(reference) },
    empty: {},
  })
  expect(faults).toEqual([{ what, where: { file: 'b/1_y.sql', line: 1 }, next }])
})

test('names a whole cycle across databases, with the order inside each', () => {
  const { faults } = resolve({
    a: { '1_x.sql': plain, '2_x.sql': requiring('b/4'), '3_x.sql': plain, '4_x.sql': plain, '5_x.sql': plain },
    b: { '1_y.sql': requiring('a/5'), '2_y.sql': plain, '3_y.sql': plain, '4_y.sql': plain },
  })
  expect(faults).toEqual([
    {
      what:
        'These migrations depend on each other in a circle: a/2 requires b/4, which comes after b/1, which requires a/5, ' +
        'which comes after a/2.',
      where: { file: 'a/2_x.sql', line: 1 },
      next: 'Remove one of the requirements, or split a migration in two.',
    },
  ])
})

test('a cycle that a foreign key closes is found', () => {
  const { faults } = resolve({
    a: { '1_x.sql': requiring('b/1'), '2_x.sql': creating('users') },
    b: { '1_y.sql': referring('a', 'users') },
  })
  expect(faults).toMatchObject([
    {
      what:
        'These migrations depend on each other in a circle: a/1 requires b/1, which has a foreign key to a table of a/2, ' +
        'which comes after a/1.',
    },
  ])
})

test('a requirement on a later migration of the same database is found', () => {
  const { faults } = resolve({ a: { '1_x.sql': requiring('a/2'), '2_x.sql': plain } })
  expect(faults).toMatchObject([
    { what: 'These migrations depend on each other in a circle: a/1 requires a/2, which comes after a/1.' },
  ])
})

test('two separate cycles are reported separately', () => {
  const { faults } = resolve({
    a: { '1_x.sql': requiring('b/1') },
    b: { '1_y.sql': requiring('a/1') },
    c: { '1_z.sql': requiring('d/1') },
    d: { '1_z.sql': requiring('c/1') },
  })
  expect(faults).toHaveLength(2)
})

const edges = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 60 })

function graphOf(pairs: readonly (readonly [number, number])[]): Map<number, Link<number>[]> {
  const graph = new Map<number, Link<number>[]>(Array.from({ length: 31 }, (_, node) => [node, []]))
  for (const [from, to] of pairs) graph.get(from)?.push({ to, reason: 'requires', line: null })
  return graph
}

test('no cycle is found where every link leads down', () => {
  fc.assert(
    fc.property(edges, (pairs) => {
      const falling = pairs.filter(([from, to]) => from > to)
      expect(findCycles(graphOf(falling))).toEqual([])
    }),
  )
})

test('a cycle is found wherever there is one, and only closed ones', () => {
  fc.assert(
    fc.property(edges, (pairs) => {
      const cycles = findCycles(graphOf(pairs))
      expect(cycles.length > 0).toBe(isCyclic(pairs))
      for (const cycle of cycles) {
        for (const [at, link] of cycle.entries()) expect(link.to).toBe(cycle[(at + 1) % cycle.length]?.from)
      }
    }),
  )
})

/** By taking away nodes that nothing leads out of, until none is left or none can go. */
function isCyclic(pairs: readonly (readonly [number, number])[]): boolean {
  let left = pairs
  for (;;) {
    const starts = new Set(left.map(([from]) => from))
    const next = left.filter(([, to]) => starts.has(to))
    if (next.length === left.length) return left.length > 0
    left = next
  }
}

test('a long chain is followed without recursion', () => {
  const size = 20_000
  const chain = new Map(
    Array.from({ length: size }, (_, node) => [
      node,
      [{ to: (node + 1) % size, reason: 'follows' as const, line: null }],
    ]),
  )
  expect(findCycles(chain)[0]).toHaveLength(size)
})
