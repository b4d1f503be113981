import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { Fault } from '../../core/tool-error.ts'
import { folderInRepository } from '../../files/repository.ts'
import { displayPath, migrationFolders } from '../../migrations/files/folder.ts'
import { inspectMigrations } from '../../migrations/files/read-migrations.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { readTemplateFile } from '../../shards/templates/template-file.ts'
import { toStatement } from '../../sql/classify.ts'
import { tokenize } from '../../sql/tokens.ts'
import { type LintTemplate, readTemplateHeaders } from '../subjects.ts'

/** All files of a project that a review needs. */
export interface ProjectFiles {
  /** By database, in the order in which they run. */
  readonly migrations: ReadonlyMap<string, readonly Migration[]>
  readonly templates: readonly LintTemplate[]
  /** Where the project lies in its git repository; empty at its root, and outside of one. */
  readonly folder: string
  /** Of files that are not well-formed. */
  readonly faults: readonly Fault[]
}

/** @param chosen databases whose faults count */
export async function readProjectFiles(config: Config, chosen: ReadonlySet<string>): Promise<ProjectFiles> {
  const { root } = config
  const report = await inspectMigrations({ root, databases: migrationFolders(config), check: 'all', chosen })
  const { templates, faults } = await readTemplates(config)
  return {
    migrations: report.migrations,
    folder: folderInRepository(root),
    templates,
    faults: [...report.faults, ...faults.filter((fault) => !isOfOthers(config, chosen, fault))],
  }
}

/** What reads templates is loaded where there is a folder of them, or should be one. */
async function readTemplates(config: Config): Promise<Pick<ProjectFiles, 'templates' | 'faults'>> {
  const hasFolder = config.databases.some(
    ({ templates, templatesNamed }) => templatesNamed || lstatSync(templates, { throwIfNoEntry: false }) !== undefined,
  )
  if (!hasFolder) return { templates: [], faults: [] }
  const [{ inspectFamilies }, { readTemplateFile }] = await Promise.all([
    import('../../shards/templates/read-families.ts'),
    import('../../shards/templates/template-file.ts'),
  ])
  const { families, faults } = await inspectFamilies(config)
  return { faults, templates: families.map((family) => readTemplate(config.root, family, readTemplateFile)) }
}

/** A fault in a template of a database that is not chosen. */
function isOfOthers({ root, databases }: Config, chosen: ReadonlySet<string>, { where }: Fault): boolean {
  const others = databases.filter(({ name }) => !chosen.has(name)).map(({ templates }) => displayPath(root, templates))
  return others.some((one) => where?.file?.startsWith(`${one}/`))
}

/** The files of some databases: those that may be judged. */
export function filesOf(
  { migrations, templates }: ProjectFiles,
  databases: ReadonlySet<string>,
): { readonly migrations: readonly Migration[]; readonly templates: readonly LintTemplate[] } {
  const isChosen = ({ database }: { readonly database: string }): boolean => databases.has(database)
  return { migrations: [...migrations.values()].flat().filter(isChosen), templates: templates.filter(isChosen) }
}

/** Paths of the files of all databases that are not judged now. */
export function unjudgedFiles(
  { migrations, templates }: ProjectFiles,
  judged: ReadonlySet<string>,
): ReadonlySet<string> {
  const all = [...[...migrations.values()].flat(), ...templates].map(({ file }) => file)
  return new Set(all.filter((file) => !judged.has(file)))
}

/** The template's own headers; headers that the configuration replaces concern one environment. */
function readTemplate(
  root: string,
  { name: family, database, template }: ShardFamily,
  read: typeof readTemplateFile,
): LintTemplate {
  const { file, text, line } = template
  const content = readFileSync(join(root, file), 'utf8')
  const headers = readTemplateHeaders(content)
  const { suppressed } = read(content, file)
  const statement = toStatement({ type: 'statement', text, source: text, file, line, column: 1 }, 0)
  return { file, family, database, headers, suppressed, statement, tokens: tokenize(text) }
}
