import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import { migrationFolders } from '../../migrations/files/folder.ts'
import { squashedFolder } from '../../migrations/files/migration-name.ts'
import { readMigrations } from '../../migrations/files/read-migrations.ts'
import type { Migration } from '../../migrations/migration.ts'
import { databasesOf } from '../replay-key.ts'

/**
 * Runs `work` with folders in which databases that are behind a squash have their old files in place of the squashed one: in an empty schema the squashed file would run, and create more than they have run.
 * @param done the steps that the databases have run, by name
 */
export async function withOldFiles<T>(
  config: Config,
  done: ReadonlySet<string>,
  work: (config: Config) => Promise<T>,
): Promise<T> {
  if (done.size === 0) return work(config)
  const { migrations } = await readMigrations({
    root: config.root,
    databases: migrationFolders(config),
    ...databasesOf(done),
  })
  const lagging = new Map(
    config.databases.flatMap(({ name }) => {
      const squash = migrations.get(name)?.find((one) => lagsBehind(one, done))
      return squash === undefined ? [] : [[name, basename(squash.file)] as const]
    }),
  )
  if (lagging.size === 0) return work(config)
  const folder = await mkdtemp(join(tmpdir(), 'wwdb-replay-'))
  try {
    const databases = config.databases.map(async (database) => {
      const squash = lagging.get(database.name)
      return squash === undefined ? database : { ...database, migrations: await linkOldFiles(database, squash, folder) }
    })
    return await work({ ...config, databases: await Promise.all(databases) })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** True where the journal has a file that the squashed one replaced: the squashed file is not recorded there yet. */
function lagsBehind({ database, squashes, version }: Migration, done: ReadonlySet<string>): boolean {
  return squashes?.versions.some((one) => one !== version && done.has(`${database}/${one}`)) === true
}

async function linkOldFiles({ name, migrations }: DatabaseConfig, squash: string, folder: string): Promise<string> {
  const own = await mkdtemp(join(folder, `${name}-`))
  const link = async (from: string, isLeftOut: (file: string) => boolean): Promise<void> => {
    const files = (await readdir(from)).filter((file) => /^[^.].*\.(?:sql|ts|js|mjs)$/.test(file) && !isLeftOut(file))
    for (const file of files) await symlink(join(from, file), join(own, file))
  }
  await link(migrations, (file) => file === squash)
  await link(join(migrations, squashedFolder), () => false)
  return own
}
