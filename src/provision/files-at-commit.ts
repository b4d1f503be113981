import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import { askGit, findTop, type GitQuestion } from '../files/git.ts'

/**
 * Lets `work` see the project's migrations, templates, seeds and declarations as they were in a commit, and the configuration as it is now. They are written
 * into a folder of their own, which is removed afterwards: the work tree, its index and its branches are left alone.
 * Throws ToolError `USAGE` where there is no git, no repository or no such commit, and where the project was not in it.
 */
export async function withFilesAt<T>(
  config: Config,
  reference: string,
  work: (config: Config) => Promise<T>,
): Promise<T> {
  const question: GitQuestion = { folder: config.root, flag: '--commit', without: 'Leave it out' }
  const top = await findTop(question, reference)
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'wwdb-commit-')))
  try {
    const files = join(folder, 'files')
    await mkdir(files)
    const variables = { GIT_INDEX_FILE: join(folder, 'index') }
    const at = { ...question, folder: top }
    const isRead = (await askGit(at, ['read-tree', `${reference}^{commit}`], variables)) !== null
    if (!isRead || (await askGit(at, ['checkout-index', '--all', `--prefix=${files}/`], variables)) === null)
      throw new ToolError('USAGE', {
        what: `The files of the commit \`${reference}\` could not be written to \`${files}\`.`,
        next: 'Check that the disk has room for them, and that `git fsck` finds nothing.',
      })
    return await work(await moveTo(config, { files, below: relative(top, await realpath(config.root)) }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface WrittenFiles {
  /** Where the files of the commit are. */
  readonly files: string
  /** Where the project lies in the repository. */
  readonly below: string
}

/** The same configuration, with its folders in `files`. What the commit did not have is empty there; what lies outside the repository is as it is now. */
async function moveTo(config: Config, { files, below }: WrittenFiles): Promise<Config> {
  const root = join(files, below)
  await mkdir(root, { recursive: true })
  // A migration in JavaScript may import what the project has installed.
  await symlink(resolve(config.root, 'node_modules'), join(root, 'node_modules')).catch(() => undefined)
  const move = async (path: string, make: boolean): Promise<string> => {
    const moved = join(root, relative(config.root, path))
    if (relative(files, moved).startsWith('..')) return path
    if (make) await mkdir(moved, { recursive: true })
    return moved
  }
  const databases = await Promise.all(
    config.databases.map(async (database) => ({
      ...database,
      migrations: await move(database.migrations, true),
      templates: await move(database.templates, database.templatesNamed),
      seeds: await move(database.seeds, database.seedsNamed),
    })),
  )
  const stores = await Promise.all(
    config.stores.map(async (store) => ({ ...store, declarations: await move(store.declarations, true) })),
  )
  return { ...config, root, databases, stores }
}
