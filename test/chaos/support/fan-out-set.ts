import { checksumOf } from '../../../src/files/checksum.ts'
import { registryTables } from '../../../src/shards/registry/registry-format.ts'

const body = (column: string): string =>
  `CREATE TABLE {{table}} (\n  id BIGINT NOT NULL PRIMARY KEY,\n  n INT NOT NULL DEFAULT 0${column}\n) ENGINE=InnoDB`
const template = (column: string): string =>
  `-- wwdb:keys app.owners(id)\n-- wwdb:name things_{key}\n${body(column)};\n`

/** A family whose template has a column more than its shards, and the migration that gives it to them. */
export const fanOutSet: Readonly<Record<string, string>> = {
  'shard-templates/app/things.sql': template(',\n  flag INT NOT NULL DEFAULT 0,\n  KEY idx_flag (flag)'),
  'migrations/app/20260101000000_add_flag.sql': `-- wwdb:shards things
-- migrate:up
ALTER TABLE {{table}} ADD COLUMN flag INT NOT NULL DEFAULT 0;
UPDATE {{table}} SET n = n + 1 WHERE id > 0;
ALTER TABLE {{table}} ADD KEY idx_flag (flag);
-- migrate:down
ALTER TABLE {{table}} DROP KEY idx_flag;
UPDATE {{table}} SET n = n - 1 WHERE id > 0;
ALTER TABLE {{table}} DROP COLUMN flag;
`,
}

/** Shards as rotation leaves them: a row each, so that an UPDATE that runs twice shows. */
export function fanOutSetUp(shards: number): string {
  const keys = Array.from({ length: shards }, (_, index) => index + 1)
  const text = body('')
  const tables = keys.flatMap((key) => [
    text.replace('{{table}}', `things_${key}`),
    `INSERT INTO things_${key} VALUES (1, 0)`,
  ])
  const rows = keys.map((key) => `('things','${key}','things_${key}','live',1)`)
  return [
    'CREATE TABLE owners (id BIGINT PRIMARY KEY)',
    ...registryTables,
    ...tables,
    `INSERT INTO wwdb_shard_families(family,version,template,checksum) VALUES ('things',1,'${text}','${checksumOf(text)}')`,
    `INSERT INTO wwdb_shards(family,shard_key,table_name,state,template_version) VALUES ${rows.join(',')}`,
  ].join(';')
}
