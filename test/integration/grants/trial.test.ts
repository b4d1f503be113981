import { env } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Purpose, purposes } from '../../../src/grants/purpose.ts'
import { asRoot, checkGrants, grantsFor, type SingleRight, singleRights } from '../../helpers/grant-trial.ts'
import { type ServerVersion, testServerOf } from '../../helpers/servers.ts'
import { migration, type Stage, withStages } from '../../helpers/stage.ts'
import type { ToolRun } from '../../helpers/tool.ts'

const openStage = withStages()

/**
 * All rights of all purposes on both versions are tried in `npm run soak`; here the newest server, and one right of each command.
 * WWDB_GRANT_TRIALS is 1 for all, or a pattern of those that are tried: `^INDEX`.
 */
const chosen = env['WWDB_GRANT_TRIALS']
const isWhole = chosen !== undefined || env['WWDB_SOAK'] !== undefined
const pattern = new RegExp(chosen === undefined || chosen === '1' ? '' : chosen)
const versions: readonly ServerVersion[] = isWhole ? ['9.7', '8.0'] : ['9.7']

const files = {
  'app/0001_owners.sql': migration(
    `CREATE TABLE owners (id BIGINT PRIMARY KEY, n INT);
INSERT INTO owners VALUES (1, 1);
ALTER TABLE owners ADD COLUMN m INT;
CREATE INDEX by_n ON owners (n);
UPDATE owners SET n = 2 WHERE id = 1;
DELETE FROM owners WHERE id = 9;
CREATE TABLE pets (id BIGINT PRIMARY KEY, owner BIGINT, FOREIGN KEY (owner) REFERENCES owners (id));
CREATE VIEW names AS SELECT id FROM owners;`,
    'DROP VIEW names;\nDROP TABLE pets;\nDROP TABLE owners;',
  ),
  'app/0002_more.sql': migration(
    'ALTER TABLE owners ADD COLUMN z INT;\nCREATE INDEX by_m ON owners (m);\nALTER TABLE pets ADD COLUMN p BIGINT, ADD FOREIGN KEY (p) REFERENCES owners (id);\nRENAME TABLE pets TO animals;',
    'RENAME TABLE animals TO pets;\nALTER TABLE owners DROP COLUMN z;',
  ),
  'seeds/app/owners.yaml': 'table: owners\nkey: id\nrows:\n  - id: 2\n    n: 5\n',
  'shard-templates/app/notes.sql':
    '-- wwdb:keys app.owners(id)\n-- wwdb:name notes_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n',
}

/** What accounts of each purpose run, and what root does before each of them. */
interface Scene {
  readonly purpose: Exclude<Purpose, 'provision' | 'read' | 'write'>
  readonly command: readonly string[]
  readonly before: readonly (readonly string[])[]
  /** Statements after that, in the schema: what was done by hand. */
  readonly byHand?: readonly string[]
  /** 1 where it is to find something. Default 0. */
  readonly exitCode?: number
}

const migrated = [['migrate']]
const rotated = [['migrate'], ['rotate', 'run']]
/** A shard whose table was made by hand, and which the registry does not have. */
const strange = ['CREATE TABLE notes_7 (id BIGINT PRIMARY KEY)', 'INSERT INTO owners (id) VALUES (7)']
/** As if the files had been applied by hand. */
const unrecorded = ['DROP TABLE wwdb_journal', 'DROP TABLE wwdb_schema']
const shard = ['--family', 'notes', '--key', '1']

const scenes: readonly Scene[] = [
  { purpose: 'migrate', command: ['migrate'], before: [] },
  { purpose: 'migrate', command: ['plan'], before: [['migrate', '--steps', '1']] },
  { purpose: 'migrate', command: ['rollback', '--yes', '--steps', '2'], before: migrated },
  { purpose: 'migrate', command: ['redo', '--yes'], before: [['migrate', '--steps', '1']] },
  {
    purpose: 'migrate',
    command: ['baseline', '0001', '--yes'],
    before: [['migrate', '--steps', '1']],
    byHand: unrecorded,
  },
  { purpose: 'migrate', command: ['mark', '0001', '--applied', '--yes'], before: [] },
  { purpose: 'migrate', command: ['repair', '--yes'], before: migrated },
  { purpose: 'migrate', command: ['db', 'ping'], before: [] },
  { purpose: 'migrate', command: ['db', 'wait'], before: [] },
  { purpose: 'migrate', command: ['lock', 'release', '--yes'], before: [] },
  { purpose: 'rotate', command: ['rotate', 'run'], before: migrated },
  { purpose: 'rotate', command: ['rotate', 'plan'], before: migrated },
  { purpose: 'rotate', command: ['template', 'check'], before: rotated },
  { purpose: 'rotate', command: ['shards', 'create', ...shard], before: migrated },
  { purpose: 'rotate', command: ['shards', 'protect', ...shard, '--reason', 'x'], before: rotated },
  { purpose: 'rotate', command: ['shards', 'adopt', '--family', 'notes', '--yes'], before: rotated, byHand: strange },
  { purpose: 'rotate', command: ['shards', 'repair', '--yes'], before: rotated },
  { purpose: 'check', command: ['status'], before: migrated },
  { purpose: 'check', command: ['history'], before: migrated },
  { purpose: 'check', command: ['lock', 'status'], before: migrated },
  { purpose: 'check', command: ['drift'], before: migrated },
  { purpose: 'check', command: ['schema', 'dump'], before: migrated },
  { purpose: 'check', command: ['check', 'references'], before: migrated },
  { purpose: 'check', command: ['shards', 'check'], before: rotated },
  { purpose: 'check', command: ['shards', 'list'], before: rotated },
  { purpose: 'rotate', command: ['shards', 'diff'], before: rotated },
  { purpose: 'check', command: ['shards', 'locate', '--family', 'notes', '--key', '1'], before: rotated },
  { purpose: 'check', command: ['config', 'validate'], before: migrated },
  { purpose: 'seed', command: ['seed'], before: migrated },
  { purpose: 'seed', command: ['seed', 'plan'], before: migrated },
]

const matrix: string[] = []

afterAll(() => {
  if (isWhole) process.stdout.write(`\n${matrix.join('\n')}\n`)
})

describe.each(versions)('on MySQL %s', (version) => {
  let stage: Stage
  let url = ''
  const user = `trial_${process.pid}_${version.replace('.', '')}`
  const account = `'${user}'@'%'`
  const maker = `'${user}_maker'@'%'`

  beforeAll(async () => {
    url = (await testServerOf(version)).url
    stage = await openStage({ files, url, databases: ['app'] })
    // What root has made, an account without SYSTEM_USER may not drop.
    const all = ['`s\\_%`', '`wwdb\\_scratch\\_%`'].map((place) => `GRANT ALL ON ${place}.* TO ${maker}`)
    await asRoot(url, `CREATE USER ${account} IDENTIFIED BY 'x'`, `CREATE USER ${maker} IDENTIFIED BY 'x'`, ...all)
  })
  afterAll(() => asRoot(url, `DROP USER IF EXISTS ${account}, ${maker}`))

  const reset = async ({ before, byHand = [] }: Scene): Promise<void> => {
    const schema = `\`${stage.schema('app')}\``
    await asRoot(url, `DROP DATABASE IF EXISTS ${schema}`, `CREATE DATABASE ${schema}`)
    for (const command of before) {
      const run = await runAs(`${user}_maker`, command)
      if (run.exitCode !== 0) throw new Error(run.stdout + run.stderr)
    }
    for (const sql of byHand) await stage.query(sql)
  }
  const runAs = (name: string, command: readonly string[]): Promise<ToolRun> =>
    stage.run([...command, '--url', `mysql://${name}:x@127.0.0.1:${new URL(url).port}`], {
      environment: { WWDB_ALLOW_PUBLIC_KEY_RETRIEVAL: 'true' },
    })
  const attempt = ({ command }: Scene): Promise<ToolRun> => runAs(user, command)
  const give = async (statements: readonly string[]): Promise<void> => {
    await asRoot(url, `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account}`, ...statements)
  }

  test.each(scenes)(
    '$purpose: $command runs under just what is computed, and names each right that is taken away',
    async (scene) => {
      const statements = await grantsFor(stage, scene.purpose, user)
      await give(statements)
      await reset(scene)
      const well = await attempt(scene)
      expect(well.exitCode, well.stdout + well.stderr).toBe(scene.exitCode ?? 0)
      expect(well.stdout + well.stderr).not.toMatch(/denied/)
      expect(await checkGrants(stage, user, scene.purpose)).toMatchObject([{ exists: true, missing: [], excess: [] }])
      const rights = statements.flatMap(singleRights)
      const tried = isWhole ? rights.filter(({ privilege }) => pattern.test(privilege)) : rights.slice(0, 1)
      for (const right of tried) {
        await give(statements)
        await asRoot(url, `REVOKE ${right.privilege} ON ${right.place} FROM ${account}`)
        await reset(scene)
        const run = await attempt(scene)
        matrix.push(describeOutcome(version, scene, right, run))
        if (run.exitCode !== 0)
          expect(run.stdout + run.stderr, `${right.privilege} ON ${right.place}`).toContain(right.privilege)
      }
    },
    600_000,
  )

  // Not `test.runIf`: a run of everything fails for a test that is skipped.
  if (!isWhole) return

  test('every right of a purpose is missed by one of its commands at least', () => {
    const own = matrix.filter((line) => line.startsWith(version))
    for (const purpose of purposes) {
      const lines = own.filter((line) => line.includes(` ${purpose} `))
      const rights = new Set(lines.map((line) => line.split(' | ')[2]))
      for (const right of rights) {
        const missed = lines.some((line) => line.split(' | ')[2] === right && !line.endsWith('not needed'))
        expect(missed, `${purpose}: ${right}`).toBe(true)
      }
    }
  })
})

/** One cell of the matrix: `9.7 migrate | migrate | INSERT ON ... | exit 2, names it`. */
function describeOutcome(
  version: string,
  { purpose, command }: Scene,
  { privilege, place }: SingleRight,
  run: ToolRun,
): string {
  const text = run.stdout + run.stderr
  const named = new RegExp(`GRANT [^;]*\\b${privilege}\\b[^;]* ON `).test(text)
  const spot = place.replace(/^`s\w*?_\\?_?/, '`')
  const outcome =
    run.exitCode === 0
      ? named || /was not asked/.test(text)
        ? 'exit 0, says so'
        : 'not needed'
      : `exit ${run.exitCode}, ${named ? 'names the GRANT' : 'NAMES IT NOT'}`
  return `${version} ${purpose} | ${command.join(' ')} | ${privilege} ON ${spot} | ${outcome}`
}
