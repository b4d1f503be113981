import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { randomFrom, seed } from '../chaos/support/seed.ts'
import { type Repository, withRepositories } from '../helpers/github/repository.ts'
import { git } from '../helpers/tool/git.ts'
import { runTool } from '../helpers/tool/tool.ts'

const repository = withRepositories()
const services = ['shop', 'stock', 'people'] as const
type Service = (typeof services)[number]

const reason = '-- As the service needs it.\n'
const migration = (up: string, down: string): string =>
  `-- migrate:up\n${reason}${up};\n\n-- migrate:down\n${down};\n-- By hand alone.\n`
const table = (name: string): string => migration(`CREATE TABLE ${name} (id BIGINT PRIMARY KEY)`, `DROP TABLE ${name}`)
const folderOf = (service: Service): string => `services/${service}/migrations/app`

/** What a pull request does, and what its review has to say of it. */
const kinds = {
  good: [],
  bad: ['UNKNOWN_TABLE'],
  edit: ['MIGRATION_EDITED'],
  delete: ['MIGRATION_DELETED'],
  rename: ['MIGRATION_RENAMED'],
  late: ['MIGRATION_LATE'],
  repeatable: [],
} as const
type Kind = keyof typeof kinds

/** What an edit makes of a migration, each in its turn: another one, one that is cut, and one without a line in the middle. */
const edits: readonly ((text: string) => string)[] = [
  () => migration('CREATE TABLE edited (id INT PRIMARY KEY)', 'DROP TABLE edited'),
  (text) => text.slice(0, text.lastIndexOf('-- By hand')),
  (text) => text.replace(reason, ''),
]

interface Annotation {
  readonly level: string
  readonly file: string
  readonly line: number
  readonly code: string
}

/** What GitHub shows: lines of commands to its runner. */
function annotationsOf(output: string): readonly Annotation[] {
  return [...output.matchAll(/^::(error|warning|notice) file=([^,\n]*)(?:,line=(\d+))?.*?title=([^,:\n]*)/gm)].map(
    ([, level = '', file = '', line, title = '']) => ({
      level,
      file,
      line: Number(line ?? 1),
      code: /[A-Z][A-Z_]+/.exec(title)?.[0] ?? title,
    }),
  )
}

/** How many lines a file has; none where it is gone. */
function countLines(file: string): number {
  return existsSync(file) ? readFileSync(file, 'utf8').replace(/\n$/, '').split('\n').length : 0
}

/** The files that a pull request changes, each with the numbers of its new lines and of those beside lines that are gone; of a deleted one there are none. */
function diffOf(workspace: string): ReadonlyMap<string, ReadonlySet<number>> {
  const text = git(workspace, 'diff', '--no-renames', '--unified=0', 'origin/main...HEAD')
  const files = new Map<string, Set<number>>()
  let file = ''
  for (const line of text.split('\n')) {
    file = /^diff --git a\/(.*) b\//.exec(line)?.[1] ?? file
    if (!files.has(file)) files.set(file, new Set())
    const [, first, count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
    if (first === undefined) continue
    const [from, many] = [Number(first), Number(count)]
    const shown = many === 0 ? [from, from + 1] : Array.from({ length: many }, (_, index) => from + index)
    const lines = countLines(join(workspace, file))
    for (const number of shown) if (number > 0 && number <= lines) files.get(file)?.add(number)
  }
  return files
}

/** What a team does to one remote in a month, and what each review says. */
class Month {
  readonly #remote: Repository
  readonly #random = randomFrom(seed)
  /** Versioned files of the main branch. */
  readonly #main = new Map<Service, string[]>(services.map((service) => [service, []]))
  #pulls = 0
  #tables = 0
  readonly reviewed = new Map<Kind, number>()

  constructor() {
    const files: Record<string, string> = {}
    for (const service of services) {
      const databases = { app: { schema: service, migrations: 'migrations/app' } }
      files[`services/${service}/wwdb.config.json`] = JSON.stringify({ url: 'mysql://user@127.0.0.1:1', databases })
      for (const [day, name] of [
        ['01', 'orders'],
        ['02', 'refunds'],
      ] as const) {
        files[`${folderOf(service)}/202512${day}000000_${name}.sql`] = table(name)
        this.#main.get(service)?.push(`202512${day}000000_${name}.sql`)
      }
      files[`${folderOf(service)}/R__report.sql`] = '-- migrate:up\nCREATE OR REPLACE VIEW report AS SELECT 1 AS one;\n'
    }
    this.#remote = repository(files)
  }

  #pick<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.#random() * values.length)]
    if (value === undefined) throw new Error('there is nothing to pick from')
    return value
  }

  /** Two branches that begin in the morning; the second is reviewed when the first is on the main branch. */
  async day(day: number): Promise<void> {
    const morning = `202601${String(day).padStart(2, '0')}`
    const kind = (Object.keys(kinds) as Kind[])[day % Object.keys(kinds).length] ?? 'good'
    const one = this.#pick(services)
    // A file is late by what came to the main branch since its branch began.
    const two = kind === 'late' ? one : this.#pick(services)
    const first = this.#branch(`a${day}`, one, 'good', `${morning}100000`)
    const second = this.#branch(`b${day}`, two, kind, `${morning}${kind === 'late' ? '09' : '11'}0000`)
    await this.#review(first, one, 'good')
    this.#remote.merge(first, this.#pick(['merge', 'squash', 'rebase'] as const))
    this.#main.get(one)?.push(`${morning}100000_${first}.sql`)
    await this.#review(second, two, kind)
    if (kinds[kind].length > 0) return
    this.#remote.merge(second, this.#pick(['merge', 'squash', 'rebase'] as const))
    if (kind === 'good') this.#main.get(two)?.push(`${morning}110000_${second}.sql`)
  }

  #branch(name: string, service: Service, kind: Kind, version: string): string {
    const folder = folderOf(service)
    const old = `${folder}/${this.#pick(this.#main.get(service) ?? [])}`
    this.#tables += 1
    const text = table(`t${this.#tables}`)
    const edit = edits[(this.reviewed.get('edit') ?? 0) % edits.length] ?? ((all: string) => all)
    const files: Record<Kind, Readonly<Record<string, string | null>>> = {
      good: { [`${folder}/${version}_${name}.sql`]: text },
      bad: {
        [`${folder}/${version}_${name}.sql`]: migration(
          `CREATE TABLE t${this.#tables} (id BIGINT PRIMARY KEY);\nALTER TABLE ordres ADD COLUMN note INT`,
          `ALTER TABLE ordres DROP COLUMN note;\nDROP TABLE t${this.#tables}`,
        ),
      },
      edit: { [old]: edit(`${this.#remote.read(old)}\n`) },
      delete: { [old]: null },
      rename: { [old]: null, [old.replace('.sql', '_renamed.sql')]: this.#remote.read(old) },
      late: { [`${folder}/${version}_${name}.sql`]: text },
      repeatable: {
        [`${folder}/R__report.sql`]: `-- migrate:up\nCREATE OR REPLACE VIEW report AS SELECT ${this.#tables} AS one;\n`,
      },
    }
    this.#remote.commit(name, files[kind])
    return name
  }

  async #review(branch: string, service: Service, kind: Kind): Promise<void> {
    this.#pulls += 1
    const workspace = this.#remote.checkout(this.#remote.openPullRequest(this.#pulls, branch), 0)
    const diff = diffOf(workspace)
    const what = `seed ${seed}, pull request ${this.#pulls}: ${kind} in ${service}`
    const lint = (format: string) =>
      runTool(['lint', '--since', 'origin/main', '--format', format, '--cwd', join('services', service)], {
        cwd: workspace,
      })
    const { stdout, exitCode, stderr } = await lint('github')
    const annotations = annotationsOf(stdout)
    expect(exitCode, `${what}\n${stdout}${stderr}`).toBe(kinds[kind].length === 0 ? 0 : 1)
    expect([...new Set(annotations.filter(({ level }) => level === 'error').map(({ code }) => code))], what).toEqual(
      kinds[kind],
    )
    for (const { file, line, code } of annotations) {
      const lines = diff.get(file)
      expect(lines, `${what}: ${code} at ${file}, which the diff has not`).toBeDefined()
      if (lines !== undefined && lines.size > 0)
        expect([...lines], `${what}: ${code} at ${file}:${line}`).toContain(line)
    }
    this.reviewed.set(kind, (this.reviewed.get(kind) ?? 0) + 1)
  }
}

describe('three services in one repository', () => {
  test('have annotations on lines of the diff alone, through a month of branches, late files, edits and merges of all kinds', async () => {
    const month = new Month()
    for (let day = 1; day <= 31; day += 1) await month.day(day)
    for (const kind of Object.keys(kinds) as Kind[]) expect(month.reviewed.get(kind), kind).toBeGreaterThan(3)
  }, 600_000)
})
