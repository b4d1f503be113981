import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import { askGit, findCommit, type GitQuestion } from '../files/git.ts'

/** The project as it was in a commit. */
interface FilesAtCommit {
  readonly config: Config
  /** Names all files of the commit together: a migration in JavaScript may import any of them. */
  readonly tree: string
}

/**
 * Lets `work` see the project's migrations, templates, seeds and declarations as they were in a commit, and the configuration as it is now. They are written
 * into a folder of their own, which is removed afterwards: the work tree, its index and its branches are left alone.
 * Throws ToolError `USAGE` where there is no git, no repository or no such commit, and where its files cannot be had.
 */
export async function withFilesAt<T>(
  config: Config,
  reference: string,
  work: (files: FilesAtCommit) => Promise<T>,
): Promise<T> {
  const question: GitQuestion = { folder: config.root, flag: '--commit', without: 'Leave it out' }
  const { top, id, tree } = await findCommit(question, reference)
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'wwdb-commit-')))
  try {
    const files = join(folder, 'files')
    await mkdir(files)
    const variables = { GIT_INDEX_FILE: join(folder, 'index') }
    const at = { ...question, folder: top }
    const isRead = (await askGit(at, ['read-tree', id], variables)) !== null
    if (!isRead || (await askGit(at, ['checkout-index', '--all', `--prefix=${files}/`], variables)) === null)
      throw new ToolError('USAGE', {
        what: `The files of the commit \`${reference}\` could not be written to \`${files}\`.`,
        next: 'Check that the disk has room for them, and that `git fsck` finds nothing.',
      })
    const listed = (await askGit(at, ['ls-files', '--stage', '-z'], variables)) ?? ''
    const place: WrittenFiles = {
      reference,
      files,
      top,
      below: relative(top, await realpath(config.root)),
      others: listOtherRepositories(listed),
    }
    return await work({ config: await moveTo(config, place), tree })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface WrittenFiles {
  readonly reference: string
  /** Where the files of the commit are. */
  readonly files: string
  /** The top folder of the repository. */
  readonly top: string
  /** Where the project lies in the repository. */
  readonly below: string
  /** Folders in which the commit has another repository: of that it knows the commit, and has no file. */
  readonly others: readonly string[]
}

/** Submodules: `160000 ID 0\tpath\0`. */
function listOtherRepositories(listed: string): readonly string[] {
  return listed.split('\0').flatMap((line) => (line.startsWith('160000 ') ? [line.slice(line.indexOf('\t') + 1)] : []))
}

/** The same configuration, with its folders in `files`. What the commit did not have is empty there; what lies outside the repository is as it is now. */
async function moveTo(config: Config, place: WrittenFiles): Promise<Config> {
  const { files, below } = place
  const root = join(files, below)
  await mkdir(root, { recursive: true })
  await linkInstalled(place)
  const move = async (path: string, make: boolean): Promise<string> => {
    const moved = join(root, relative(config.root, path))
    if (!isWithin(files, moved)) return path
    const other = place.others.find((folder) => isWithin(join(files, folder), moved))
    if (other !== undefined) throw inOtherRepository(place, other)
    if (make) await mkdir(moved, { recursive: true }).catch(() => undefined)
    // By a symbolic link of the commit it may lie outside.
    const real = await realpath(moved).catch(() => moved)
    return isWithin(files, real) ? moved : path
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

/** A migration in JavaScript may import what is installed for the project: in its folder, or, in a workspace, in one above it. */
async function linkInstalled({ files, top, below }: WrittenFiles): Promise<void> {
  for (let folder = below; ; folder = dirname(folder)) {
    await symlink(resolve(top, folder, 'node_modules'), join(files, folder, 'node_modules')).catch(() => undefined)
    if (folder === '' || folder === '.') return
  }
}

const isWithin = (folder: string, path: string): boolean => path === folder || path.startsWith(`${folder}${sep}`)

/** An empty folder would pass for a database without tables. */
function inOtherRepository({ reference }: WrittenFiles, folder: string): ToolError {
  return new ToolError('USAGE', {
    what: `The commit \`${reference}\` has no files in \`${folder}\`: that folder is a submodule.`,
    why: 'A commit names the commit of a submodule, and the files are those of another repository.',
    next: 'Leave `--commit` out and check the commit out with its submodules, for example with `git worktree add`.',
  })
}
