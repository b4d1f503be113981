import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { promisify } from 'node:util'
import { sample } from './sample.ts'

const execute = promisify(execFile)

/** Where a tool is to work. */
interface ToolRequest {
  /** `mysql://root@127.0.0.1:3306`, without a schema. */
  readonly server: string
  readonly schema: string
  /** Its files. */
  readonly folder: string
  /** How many of the sample it is to apply from the start; all of them where it is 18. */
  readonly count: number
}

/** Another migration tool as its registry has it. */
export interface RealTool {
  readonly version: string
  /** The history tables, for the fixture. */
  readonly tables: readonly string[]
  /** Fetches it, once a machine; rejects where the registry cannot be reached. */
  readonly install: (folder: string) => Promise<void>
  /** Applies migrations; rejects with its output where one fails. */
  readonly apply: (folder: string, request: ToolRequest) => Promise<void>
}

/** A folder of a tool, kept between runs. */
export async function toolFolder(name: string, version: string): Promise<string> {
  const folder = join(homedir(), '.cache', 'wwdb', 'adopt-tools', `${name}-${version}`)
  await mkdir(folder, { recursive: true })
  return folder
}

async function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; more?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { cwd, more } = options
  const { stdout, stderr } = await execute(program, [...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...env, ...more },
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout + stderr
}

const place = ({ server, schema }: ToolRequest) => {
  const { hostname, port, username } = new URL(server)
  return { host: hostname, port, user: username, schema }
}

const connector = 'com.mysql:mysql-connector-j:9.3.0'

/** Jars of Maven Central with what they need, by Maven's own plugin. */
async function fetchJars(folder: string, jars: readonly string[]): Promise<void> {
  if (existsSync(join(folder, 'lib'))) return
  const dependencies = jars.map((jar) => {
    const [group, artifact, version] = jar.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`
  })
  await writeFile(
    join(folder, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>wwdb</groupId><artifactId>tools</artifactId><version>1</version><dependencies>${dependencies.join('')}</dependencies></project>\n`,
  )
  await run('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'], { cwd: folder })
}

const flywayMain = `import org.flywaydb.core.Flyway;
public class RunFlyway {
  public static void main(String[] args) {
    var configuration = Flyway.configure().dataSource(args[0], args[1], "").locations("filesystem:" + args[2]);
    if (args.length > 3) configuration = configuration.target(args[3]);
    configuration.load().migrate();
  }
}
`

async function goInstall(folder: string, module: string, tags: string): Promise<void> {
  await run('go', ['install', '-tags', tags, module], { more: { GOBIN: folder } })
}

const flyway: RealTool = {
  version: '11.8.0',
  tables: ['flyway_schema_history'],
  async install(folder) {
    await fetchJars(folder, ['org.flywaydb:flyway-mysql:11.8.0', connector])
    await writeFile(join(folder, 'RunFlyway.java'), flywayMain)
    await run('javac', ['-cp', 'lib/*', 'RunFlyway.java'], { cwd: folder })
  },
  async apply(folder, request) {
    const { host, port, user, schema } = place(request)
    const url = `jdbc:mysql://${host}:${port}/${schema}?allowPublicKeyRetrieval=true&useSSL=false`
    const target = request.count === 18 ? [] : [request.count < 10 ? `1.${request.count}` : `2.${request.count - 9}`]
    await run('java', ['-cp', 'lib/*:.', 'RunFlyway', url, user, request.folder, ...target], { cwd: folder })
  },
}

const golangMigrate: RealTool = {
  version: 'v4.19.1',
  tables: ['schema_migrations'],
  install: (folder) =>
    existsSync(join(folder, 'migrate'))
      ? Promise.resolve()
      : goInstall(folder, 'github.com/golang-migrate/migrate/v4/cmd/migrate@v4.19.1', 'mysql'),
  async apply(folder, request) {
    const { host, port, user, schema } = place(request)
    const url = `mysql://${user}@tcp(${host}:${port})/${schema}?multiStatements=true`
    await run(join(folder, 'migrate'), ['-path', request.folder, '-database', url, 'goto', String(request.count)])
  },
}

const liquibaseMain = `import java.nio.file.Path;
import java.sql.DriverManager;
import liquibase.*;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;
public class RunLiquibase {
  public static void main(String[] args) throws Exception {
    try (var connection = DriverManager.getConnection(args[0], args[1], "")) {
      var files = new DirectoryResourceAccessor(Path.of(args[2]));
      new Liquibase("root.yaml", files, new JdbcConnection(connection)).update(Integer.parseInt(args[3]), "");
    }
  }
}
`

const liquibase: RealTool = {
  version: '4.31.1',
  tables: ['DATABASECHANGELOG'],
  async install(folder) {
    await fetchJars(folder, ['org.liquibase:liquibase-core:4.31.1', connector])
    await writeFile(join(folder, 'RunLiquibase.java'), liquibaseMain)
    await run('javac', ['-cp', 'lib/*', 'RunLiquibase.java'], { cwd: folder })
  },
  async apply(folder, request) {
    const { host, port, user, schema } = place(request)
    const url = `jdbc:mysql://${host}:${port}/${schema}?allowPublicKeyRetrieval=true&useSSL=false`
    await run('java', ['-cp', 'lib/*:.', 'RunLiquibase', url, user, request.folder, String(request.count)], {
      cwd: folder,
    })
  },
}

const goose: RealTool = {
  version: 'v3.27.3',
  tables: ['goose_db_version'],
  install: (folder) =>
    existsSync(join(folder, 'goose'))
      ? Promise.resolve()
      : goInstall(
          folder,
          'github.com/pressly/goose/v3/cmd/goose@v3.27.3',
          'no_postgres no_clickhouse no_mssql no_vertica no_ydb no_sqlite3 no_libsql no_duckdb',
        ),
  async apply(folder, request) {
    const { host, port, user, schema } = place(request)
    const version = `202401${String(request.count).padStart(2, '0')}093000`
    const url = `${user}@tcp(${host}:${port})/${schema}?parseTime=true`
    await run(join(folder, 'goose'), ['-dir', request.folder, 'mysql', url, 'up-to', version])
  },
}

/** A copy of a folder with its first files alone, for tools that apply all that there is. */
async function firstFiles(folder: string, count: number): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'wwdb-old-'))
  for (const name of (await readdir(folder)).toSorted().slice(0, count))
    await copyFile(join(folder, name), join(copy, name))
  return copy
}

async function npmInstall(folder: string, packages: readonly string[]): Promise<void> {
  if (existsSync(join(folder, 'node_modules'))) return
  await writeFile(join(folder, 'package.json'), '{"private":true}\n')
  await run('npm', ['install', '--no-audit', '--no-fund', '--engine-strict=false', ...packages], { cwd: folder })
}

const dbmate: RealTool = {
  version: '2.36.0',
  tables: ['schema_migrations'],
  install: (folder) => npmInstall(folder, ['dbmate@2.36.0']),
  async apply(folder, request) {
    const { host, port, user, schema } = place(request)
    const files = await firstFiles(request.folder, request.count)
    const url = `mysql://${user}@${host}:${port}/${schema}`
    await run(join(folder, 'node_modules', '.bin', 'dbmate'), [
      '--url',
      url,
      '--migrations-dir',
      files,
      '--no-dump-schema',
      'migrate',
    ])
  },
}

/** A tool that is a library of Node: a program beside it, which gets the request and the sample as JSON. */
function nodeTool(version: string, tables: readonly string[], packages: readonly string[], program: string): RealTool {
  return {
    version,
    tables,
    async install(folder) {
      await npmInstall(folder, packages)
      await writeFile(
        join(folder, 'run.mjs'),
        `const { connection, folder, count, sample, times } = JSON.parse(process.argv[2])\n${program}`,
      )
    },
    async apply(folder, request) {
      const { host, port, user, schema } = place(request)
      const connection = { host, port: Number(port), user, database: schema }
      const times = sample.map((_, index) => `202401${String(index + 1).padStart(2, '0')}093000`)
      const input = { connection, folder: request.folder, count: request.count, sample, times }
      await run('node', ['run.mjs', JSON.stringify(input)], { cwd: folder })
    },
  }
}

const drizzle = nodeTool(
  '0.45.4',
  ['__drizzle_migrations'],
  ['drizzle-orm@0.45.4', 'mysql2@3.24.6'],
  `import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { drizzle } from 'drizzle-orm/mysql2'
import { migrate } from 'drizzle-orm/mysql2/migrator'
import { createConnection } from 'mysql2/promise'
const copy = mkdtempSync('files-')
cpSync(folder, copy, { recursive: true })
const journal = JSON.parse(readFileSync(copy + '/meta/_journal.json', 'utf8'))
writeFileSync(copy + '/meta/_journal.json', JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }))
const client = await createConnection({ ...connection, flags: ['-IGNORE_SPACE'] })
await migrate(drizzle(client), { migrationsFolder: copy })
await client.end()
`,
)

const knex = nodeTool(
  '3.3.0',
  ['knex_migrations'],
  ['knex@3.3.0', 'mysql2@3.24.6'],
  `import knex from 'knex'
const client = knex({ client: 'mysql2', connection })
const migrationSource = {
  getMigrations: async () => sample.slice(0, count).map((one, index) => ({ ...one, file: times[index] + '_' + one.name + '.js' })),
  getMigrationName: ({ file }) => file,
  getMigration: async ({ up }) => ({ up: async (db) => { for (const text of up) await db.raw(text) }, down: async () => {}, config: { transaction: false } }),
}
await client.migrate.latest({ migrationSource })
await client.destroy()
`,
)

const umzug = nodeTool(
  '3.8.3',
  ['SequelizeMeta'],
  ['umzug@3.8.3', 'sequelize@6.37.8', 'mysql2@3.24.6'],
  `import { Sequelize } from 'sequelize'
import { SequelizeStorage, Umzug } from 'umzug'
const sequelize = new Sequelize(connection.database, connection.user, '', { ...connection, dialect: 'mysql', logging: false })
const migrations = sample.map(({ name, up }, index) => ({ name: times[index] + '_' + name, up: async () => { for (const text of up) await sequelize.query(text) } }))
await new Umzug({ migrations, storage: new SequelizeStorage({ sequelize }), logger: undefined }).up({ step: count })
await sequelize.close()
`,
)

const sequelize = nodeTool(
  '6.6.5',
  ['SequelizeMeta'],
  ['sequelize-cli@6.6.5', 'sequelize@6.37.8', 'mysql2@3.24.6'],
  `import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
const files = mkdtempSync('files-')
const names = sample.map(({ name }, index) => times[index] + '-' + name + '.js')
for (const [index, { up }] of sample.entries())
  writeFileSync(files + '/' + names[index], 'module.exports = { up: async (q) => { for (const text of ' + JSON.stringify(up) + ') await q.sequelize.query(text) }, down: async () => {} }')
const url = 'mysql://' + connection.user + '@' + connection.host + ':' + connection.port + '/' + connection.database
execFileSync('node_modules/.bin/sequelize-cli', ['db:migrate', '--url', url, '--migrations-path', files, '--to', names[count - 1]], { stdio: 'inherit' })
`,
)

const typeorm = nodeTool(
  '1.1.1',
  ['migrations'],
  ['typeorm@1.1.1', 'reflect-metadata', 'mysql2@3.24.6'],
  `import { DataSource } from 'typeorm'
const migrations = sample.slice(0, count).map(({ name, up }, index) => {
  const title = name + (1704101400000 + index * 86400000)
  return { [title]: class { name = title; async up(runner) { for (const text of up) await runner.query(text) } async down() {} } }[title]
})
const { user: username, ...place } = connection
const source = await new DataSource({ type: 'mysql', ...place, username, migrations }).initialize()
await source.runMigrations({ transaction: 'none' })
await source.destroy()
`,
)

const alembicProgram = `import json, os, sys, tempfile
from alembic import command
from alembic.config import Config
request = json.loads(sys.argv[1])
folder = tempfile.mkdtemp()
os.makedirs(folder + "/versions")
with open(folder + "/env.py", "w") as file:
    file.write("from alembic import context\\nfrom sqlalchemy import create_engine\\nwith create_engine(context.config.get_main_option('url')).connect() as connection:\\n    context.configure(connection=connection)\\n    with context.begin_transaction():\\n        context.run_migrations()\\n")
for index, one in enumerate(request["sample"]):
    with open(folder + "/versions/%d.py" % index, "w") as file:
        below = None if index == 0 else "a%011d" % index
        texts = [text.replace(":", "\\\\:") for text in one["up"]]
        file.write("from alembic import op\\nrevision = 'a%011d'\\ndown_revision = %r\\ndef upgrade():\\n    for text in %r:\\n        op.execute(text)\\ndef downgrade():\\n    pass\\n" % (index + 1, below, texts))
config = Config()
config.set_main_option("script_location", folder)
config.set_main_option("url", request["url"])
command.upgrade(config, "a%011d" % request["count"])
`

const alembic: RealTool = {
  version: '1.20.1',
  tables: ['alembic_version'],
  async install(folder) {
    if (!existsSync(join(folder, 'bin', 'alembic'))) {
      await run('python3', ['-m', 'venv', folder])
      await run(join(folder, 'bin', 'pip'), ['install', '-q', 'alembic==1.20.1', 'pymysql', 'cryptography'])
    }
    await writeFile(join(folder, 'run.py'), alembicProgram)
  },
  async apply(folder, request) {
    const { host, port, user, schema } = place(request)
    const input = { url: `mysql+pymysql://${user}@${host}:${port}/${schema}`, count: request.count, sample }
    await run(join(folder, 'bin', 'python'), ['run.py', JSON.stringify(input)], { cwd: folder })
  },
}

/** Prisma is missing: its engines are in no registry. */
export const realTools: Readonly<Record<string, RealTool>> = {
  flyway,
  liquibase,
  'golang-migrate': golangMigrate,
  goose,
  dbmate,
  drizzle,
  knex,
  umzug,
  sequelize,
  typeorm,
  alembic,
}
