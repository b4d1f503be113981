import { beforeAll, expect, test } from 'vitest'
import { publishedSchema } from '../../helpers/documents/published.ts'
import { type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const template = `-- wwdb:period month
-- wwdb:name logs_{YYYYMM}

CREATE TABLE {{table}} (
  \`id\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
`

let stage: Stage
beforeAll(async () => {
  stage = await openStage({
    files: { 'app/0001_users.sql': tableMigration('users'), 'shard-templates/app/logs.sql': template },
  })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  for (const month of ['202611', '202610', '202701'])
    await stage.query(`CREATE TABLE logs_${month} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY)`)
})

test('the shards of a family are one line of a dump, with its template and their number, in the same bytes every time', async () => {
  const run = await stage.run(['schema', 'dump'])
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  expect(run.stdout).toBe(`CREATE TABLE \`users\` (
  \`id\` int NOT NULL,
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;

-- Shard family logs: 3 shards, logs_202610 to logs_202701, made from shard-templates/app/logs.sql.
`)
  expect(await stage.run(['schema', 'dump'])).toEqual(run)
  const files = await stage.run(['schema', 'dump', '--from', 'files'])
  expect(files.stdout).toContain(
    '-- Shard family logs: shards logs_{YYYYMM}, made from shard-templates/app/logs.sql.\n',
  )
})

test('a dump as JSON, and diagrams, have the family in place of its shards', async () => {
  const json = await stage.run(['schema', 'dump', '--as', 'json'])
  expect(() => publishedSchema('snapshot.schema.json').parse(JSON.parse(json.stdout))).not.toThrow()
  expect(publishedSchema('snapshot.schema.json').safeParse([{ format: 2 }]).success).toBe(false)
  expect(JSON.parse(json.stdout)).toMatchObject([
    {
      objects: [{ name: 'users' }],
      families: [
        {
          family: 'logs',
          pattern: 'logs_{YYYYMM}',
          template: 'shard-templates/app/logs.sql',
          shards: 3,
          first: 'logs_202610',
          last: 'logs_202701',
        },
      ],
    },
  ])
  const line = 'Shard family logs: 3 shards, logs_202610 to logs_202701, made from shard-templates/app/logs.sql.\n'
  expect((await stage.run(['schema', 'dump', '--as', 'mermaid'])).stdout).toContain(`  %% ${line}`)
  expect((await stage.run(['schema', 'dump', '--as', 'dbml'])).stdout).toContain(`// ${line}`)
})

test('--shards writes every shard, and is refused where there are none', async () => {
  const run = await stage.run(['schema', 'dump', '--shards'])
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  expect(run.stdout.match(/CREATE TABLE `\w+`/g)).toEqual(
    ['logs_202610', 'logs_202611', 'logs_202701', 'users'].map((name) => `CREATE TABLE \`${name}\``),
  )
  expect(run.stdout).not.toContain('Shard family')
  const refused = await stage.run(['schema', 'dump', '--shards', '--from', 'files'])
  expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
  expect(refused.stderr).toContain('`--from files` has no shards.')
})
