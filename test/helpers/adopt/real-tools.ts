import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { promisify } from 'node:util'

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

export const realTools: Readonly<Record<string, RealTool>> = { flyway, 'golang-migrate': golangMigrate }
