import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Scene, tryGrants } from '../../helpers/grants/grant-matrix.ts'
import { startRedis, type TestRedis } from '../../helpers/redis/redis.ts'
import { migration, type Stage } from '../../helpers/tool/stage.ts'

/** The commands that trial.test.ts has not: with shards that are archived, an administrator, a Redis, test environments and another tool's history. */

const files = {
  'app/0001_people.sql': migration(
    'CREATE TABLE people (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50) NOT NULL UNIQUE, hash VARCHAR(200), salt VARCHAR(60), boss TINYINT NOT NULL DEFAULT 0);',
    'DROP TABLE people;',
  ),
  'app/0002_more.sql': migration('ALTER TABLE people ADD COLUMN m INT;', 'ALTER TABLE people DROP COLUMN m;'),
  'seeds/app/admin.yaml':
    'administrator: { table: people, username: name, passwordHash: hash, salt: salt, values: { boss: 1 }, unless: { boss: 1 } }\n',
  'shard-templates/app/events.sql': `-- wwdb:period month
-- wwdb:name events_{YYYYMM}
-- wwdb:premake 1 periods
-- wwdb:keep 1 months
-- wwdb:late 0 days
-- wwdb:share 100%
-- wwdb:archive directory
CREATE TABLE {{table}} (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB;
`,
}

const migrated = [['migrate']]
const monthsAgo = (months: number): string => {
  const now = new Date()
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)).toISOString().slice(0, 7)
}
const old = ['--family', 'events', '--key', monthsAgo(4)]
const now = ['--family', 'events', '--key', monthsAgo(0)]
const rotate = ['rotate', 'run', '--yes']
const protect = ['shards', 'protect', ...now, '--reason', 'x']
/** An old shard is taken over, sealed and put on hold. */
const held = [['migrate'], ['shards', 'create', ...old], rotate, rotate]
const clearArchives = ({ folder }: Stage): void => rmSync(join(folder, 'archives'), { recursive: true, force: true })
const environment = `t${process.pid}`

let redis: TestRedis
beforeAll(async () => {
  redis = await startRedis([])
})
afterAll(() => redis.stop())

/** What dbmate leaves: its files, its table and what they made. */
const byDbmate = [
  'CREATE TABLE schema_migrations (version VARCHAR(128) PRIMARY KEY)',
  "INSERT INTO schema_migrations VALUES ('20240101000000')",
  'CREATE TABLE pets (id BIGINT PRIMARY KEY)',
]
const adopt = ['adopt', '--from', 'dbmate', '--files', 'old/db', '-t', 'app']

const scenes: readonly Scene[] = [
  { purposes: ['migrate'], command: ['db', 'create'], before: [], prepare: (stage) => dropSchema(stage) },
  { purposes: ['migrate'], command: ['db', 'drop', '--confirm', '{app}'], before: migrated },
  { purposes: ['migrate'], command: ['squash', '--to', '0002', '--dry-run'], before: migrated },
  { purposes: ['migrate'], command: ['schema', 'diff', '--from', 'live', '--to', 'files'], before: migrated },
  { purposes: ['check'], command: ['rebase', '--dry-run'], before: migrated },
  { purposes: ['check'], command: ['doctor'], before: migrated, exitCode: 1, looksAtLess: true },
  {
    purposes: ['check'],
    command: ['shards', 'publish'],
    before: [['migrate'], ['rotate', 'run']],
    options: () => ({ environment: { WWDB_REDIS: `redis://127.0.0.1:${redis.port}` } }),
  },
  {
    purposes: ['rotate'],
    command: ['shards', 'unprotect', ...now, '--reason', 'y'],
    before: [['migrate'], ['rotate', 'run'], protect],
  },
  { purposes: ['rotate'], command: ['shards', 'restore', ...old], before: held, prepare: clearArchives },
  {
    purposes: ['rotate'],
    command: ['shards', 'restore', ...old],
    before: [...held, rotate],
    byHand: [`UPDATE wwdb_shards SET held_until = '2026-01-01' WHERE shard_key = '${monthsAgo(4)}'`],
    andThen: [rotate],
  },
  // By hand a shard got an index.
  {
    purposes: ['rotate'],
    command: ['shards', 'repair', '--yes'],
    before: [['migrate'], ['rotate', 'run']],
    byHand: [`CREATE INDEX extra ON events_${monthsAgo(0).replace('-', '')} (id)`],
  },
  {
    purposes: ['rotate'],
    command: ['schedule', 'run', '--jitter', '0'],
    before: migrated,
    options: () => ({ endAt: /The next rotation is due at/ }),
  },
  {
    purposes: ['seed'],
    command: ['seed', 'admin', '--username', 'root', '--password-stdin'],
    before: migrated,
    options: () => ({ input: 'vN7-quartz-Lumen-41x\n' }),
  },
  { purposes: ['migrate', 'rotate', 'seed'], command: ['up', '--yes'], before: [] },
  {
    purposes: ['provision'],
    command: ['provision', 'up', '--name', environment],
    before: [],
    prepare: (stage) => endEnvironment(stage),
  },
  {
    purposes: ['provision'],
    command: ['provision', 'down', '--name', environment, '--yes'],
    before: [],
    prepare: async (stage) => {
      await endEnvironment(stage)
      expect(await stage.run(['provision', 'up', '--name', environment])).toMatchObject({ exitCode: 0 })
    },
  },
]

async function endEnvironment(stage: Stage): Promise<void> {
  await stage.run(['provision', 'down', '--name', environment, '--yes'])
}

async function dropSchema(stage: Stage): Promise<void> {
  await stage.query(`DROP DATABASE \`${stage.schema('app')}\``)
}

tryGrants({
  open: { files, databases: ['app'], configuration: { rotation: { archive: 'archives', schedule: '17 * * * *' } } },
  scenes,
})

tryGrants({
  open: {
    files: {
      'old/db/20240101000000_pets.sql':
        '-- migrate:up\nCREATE TABLE pets (id BIGINT PRIMARY KEY);\n\n-- migrate:down\nDROP TABLE pets;\n',
    },
  },
  scenes: [
    {
      purposes: ['migrate'],
      command: adopt,
      before: [],
      byHand: byDbmate,
      prepare: ({ folder }) => {
        rmSync(join(folder, 'migrations/app'), { recursive: true, force: true })
        mkdirSync(join(folder, 'migrations/app'))
      },
    },
  ],
})

const split = ['shards', 'split', 'visits', '--into', 'visits', '--yes']
/** Where there is a binary log, the server wants SUPER for a trigger, or this setting. */
const trust = (stage: Stage): Promise<unknown> => stage.query('SET GLOBAL log_bin_trust_function_creators = 1')
const visits = 'id BIGINT NOT NULL PRIMARY KEY, at DATETIME NOT NULL'

tryGrants({
  open: {
    databases: ['app'],
    files: {
      'app/0001_visits.sql': migration(
        `CREATE TABLE visits (${visits});\nINSERT INTO visits VALUES (1, '2026-01-03'), (2, NOW()), (3, NOW());`,
        'DROP TABLE visits;',
      ),
      'shard-templates/app/visits.sql': `-- wwdb:period month
-- wwdb:name visits_{YYYYMM}
-- wwdb:time at
-- wwdb:archive none
CREATE TABLE {{table}} (${visits}) ENGINE=InnoDB;
`,
    },
  },
  scenes: [
    {
      purposes: ['split'],
      command: [...split, '--view'],
      before: [['migrate']],
      prepare: async (stage) => void (await trust(stage)),
      onOldest: true,
      tries: /^(?:TRIGGER|ALTER|CREATE VIEW) ON /,
    },
    { purposes: ['split'], command: [...split, '--undo'], before: [['migrate'], split], tries: /^TRIGGER ON / },
    { purposes: ['split'], command: [...split, '--final'], before: [['migrate'], split] },
  ],
})
