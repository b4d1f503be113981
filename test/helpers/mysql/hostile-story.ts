import { createConnection } from 'mysql2/promise'
import { shopFiles } from '../seeds/seed-stage.ts'
import { type OwnServer, type ServerVersion, startServer } from '../servers/servers.ts'
import { migration, type Stage, type StageOptions, type withStages } from '../tool/stage.ts'

/** Four months ago: a shard of then is over, and is archived in the fourth rotation. */
const now = new Date()
const old = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 4, 1)).toISOString().slice(0, 7)
const shard = `messages_${old.replace('-', '')}`

const template = `-- wwdb:period month
-- wwdb:name messages_{YYYYMM}
-- wwdb:premake 1 periods
-- wwdb:keep 1 months
-- wwdb:late 0 days
-- wwdb:share 100%
-- wwdb:archive directory
CREATE TABLE {{table}} (id BIGINT NOT NULL PRIMARY KEY, body TEXT) ENGINE=InnoDB;
`

/** Statements that mean something else under other session variables. */
const sensitive = `CREATE TABLE plain (id INT PRIMARY KEY, at TIMESTAMP NULL, seen TIMESTAMP, word VARCHAR(20)) CHARACTER SET utf8mb4;
CREATE TABLE keyless (n INT, word VARCHAR(20));
INSERT INTO plain (id, word) VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four'), (5, 'five'), (6, 'six'), (7, 'seven');
INSERT INTO keyless SELECT id, word FROM plain WHERE id > 1;
CREATE TABLE results (id INT PRIMARY KEY, value TEXT);
INSERT INTO results SELECT 1, GROUP_CONCAT(word ORDER BY id SEPARATOR '') FROM plain;
INSERT INTO results VALUES (2, 1 / 3), (3, WEEK('2026-01-01')), (4, DATE_FORMAT('2026-01-01', '%M %W')), (5, HEX(AES_ENCRYPT('text', 'a key')));
INSERT INTO results WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20) SELECT 6, SUM(n) FROM c;
INSERT INTO results SELECT 7, GROUP_CONCAT(word ORDER BY word) FROM plain;
CREATE VIEW words AS SELECT id, word FROM plain;
CREATE PROCEDURE fill() UPDATE plain SET word = 'changed' WHERE id = 7;
CREATE TRIGGER plain_before BEFORE INSERT ON plain FOR EACH ROW SET NEW.word = TRIM(NEW.word);
CALL fill();
`

/** The project of the story: tables, code, seeds with parents, shards of which one is archived. */
const storyProject: StageOptions = {
  files: {
    ...shopFiles,
    'app/0002_sensitive.sql': migration(sensitive),
    'app/0003_more.sql': migration(
      'ALTER TABLE plain ADD COLUMN late INT, ADD INDEX by_word (word);\nUPDATE plain SET late = 1 WHERE id = 1;',
    ),
    'app/0004_code.js':
      "exports.up = async (knex) => { const rows = await knex('plain').select('id'); await knex('results').insert({ id: 8, value: rows.length }) }\n",
    'shard-templates/app/messages.sql': template,
  },
  configuration: { rotation: { archive: 'archives' } },
}

const commands: readonly (readonly string[])[] = [
  ['plan'],
  ['migrate', '--yes'],
  ['status', '--exit-code'],
  ['drift'],
  ['seed'],
  ['seed', 'plan', '--exit-code'],
  ['rotate', 'run', '--yes'],
  ['rotate', 'run', '--yes'],
  ['rotate', 'run', '--yes'],
  ['rotate', 'run', '--yes'],
  ['shards', 'check'],
  ['shards', 'list'],
  ['migrate', '--yes'],
  ['drift'],
]

/**
 * Everything that wwdb says of the project and makes of it, without what differs from run to run. The rows and definitions are read by a connection of before
 * the server turned hostile.
 */
async function playStory(project: Stage, read: Stage['query']): Promise<readonly string[]> {
  await read(`CREATE TABLE ${shard} (id BIGINT NOT NULL PRIMARY KEY, body TEXT) ENGINE=InnoDB`)
  await read(
    `INSERT INTO ${shard} VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e'), (6, 'f'), (7, 'g'), (8, 'h')`,
  )
  const story: string[] = []
  for (const args of commands) {
    const { exitCode, stdout, stderr } = await project.run(args)
    story.push(scrub(project, `$ wwdb ${args.join(' ')}\n${exitCode}\n${stdout}${args[0] === 'plan' ? '' : stderr}`))
  }
  for (const [table, type] of await read('SHOW FULL TABLES')) {
    const name = String(table)
    const [definition] = await read(`SHOW CREATE TABLE \`${name}\``)
    story.push(scrub(project, String(definition?.[1])))
    if (type === 'VIEW' || name.startsWith('wwdb_')) continue
    story.push(scrub(project, `${name}: ${JSON.stringify(await read(`SELECT * FROM \`${name}\``))}`))
  }
  story.push(
    scrub(
      project,
      JSON.stringify(
        await read('SELECT version,statement,state,summary FROM wwdb_journal ORDER BY pass,statement').catch(String),
      ),
    ),
  )
  return story
}

function scrub(project: Stage, text: string): string {
  return (
    text
      .replaceAll(project.prefix, 's_')
      .replaceAll(project.folder, '/folder')
      // That clients of the server have other variables is the one thing that may be said of them.
      // A busy machine lets the lock wait for a moment.
      .replace(/^.* has the lock after .*\n/gm, '')
      .replace(/^.*[Cc]lients of 127\.0\.0\.1.*\n/gm, '')
      .replace(/^.*others waited at most .*\n/gm, '')
      .replace(/\b\d\d:\d\d(:\d\d(\.\d+)?)?/g, 'TIME')
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, 'TIME')
      .replace(/\d{8}T\d+Z/g, 'TIME')
      .replace(/<?\d+(\.\d+)? (ms|s|min|bytes|kB|KiB)\b/g, 'SOME')
      .replace(/ +/g, ' ')
      .replace(/\n\n+/g, '\n')
      .replace(/enough for [\d dh]+/g, 'enough for SOME')
      .replace(/_hold_\w+/g, 'HOLD')
      .replace(/AUTO_INCREMENT=\d+ /g, '')
      .replace(/[0-9a-f]{16,}/g, 'DIGEST')
  )
}

/** A connection that keeps the variables which the server has now, for any schema. */
async function openReader(url: string) {
  const connection = await createConnection({
    uri: url,
    rowsAsArray: true,
    dateStrings: true,
    multipleStatements: false,
  })
  return {
    of:
      (schema: string): Stage['query'] =>
      async (sql) => {
        await connection.query(`USE \`${schema}\``)
        const [rows] = await connection.query(sql)
        return Array.isArray(rows) ? (rows as unknown as readonly (readonly unknown[])[]) : []
      },
    /** Sets globals; variables and values that the version does not have are left out. Returns the names of the others. */
    set: async (assignments: readonly string[]) => {
      const set: string[] = []
      for (const assignment of assignments.flatMap((one) => one.split(',@@GLOBAL.'))) {
        const known = await connection.query(`SET GLOBAL ${assignment}`).then(
          () => true,
          (error: unknown) => {
            if (error instanceof Error && 'errno' in error && (error.errno === 1193 || error.errno === 1231))
              return false
            throw error
          },
        )
        if (known) set.push(assignment.split('=')[0] ?? '')
      }
      return set
    },
    reset: async (names: readonly string[]) => {
      for (const name of names) await connection.query(`SET GLOBAL ${name} = DEFAULT`)
    },
    drop: async (schema: string) => void (await connection.query(`DROP DATABASE IF EXISTS \`${schema}\``)),
    close: () => connection.end(),
  }
}

export interface HostileServer {
  readonly url: string
  /** The story of a new project on the server, with these globals. */
  readonly play: (globals: readonly string[]) => Promise<readonly string[]>
  /** The story with none of them. */
  readonly quiet: readonly string[]
  readonly close: () => Promise<void>
}

/** A server of a test's own, whose globals it may set. */
export async function openHostile(
  version: ServerVersion,
  stage: ReturnType<typeof withStages>,
): Promise<HostileServer> {
  const server: OwnServer = await startServer({ version })
  const reader = await openReader(server.url)
  const play = async (globals: readonly string[]): Promise<readonly string[]> => {
    const project = await stage({ ...storyProject, url: server.url })
    const set = await reader.set(globals)
    try {
      return await playStory(project, reader.of(project.schema('app')))
    } finally {
      await reader.reset(set)
      await reader.drop(project.schema('app'))
    }
  }
  const close = async (): Promise<void> => {
    await reader.close()
    await server.stop()
  }
  return { url: server.url, play, close, quiet: await play([]) }
}
