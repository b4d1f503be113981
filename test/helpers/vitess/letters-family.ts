import type { VitessStage } from './vitess-stage.ts'

/** `2026-12`, so many months from now. */
export function month(offset: number): string {
  const now = new Date()
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)).toISOString().slice(0, 7)
}

export const tableOf = (key: string): string => `letters_${key.replace('-', '')}`

const policy = [
  '-- wwdb:period month',
  '-- wwdb:name letters_{YYYYMM}',
  '-- wwdb:premake 1 periods',
  '-- wwdb:late 1 hour',
  '-- wwdb:keep 1 month',
  '-- wwdb:grace 1 hour',
  '-- wwdb:archive directory',
]
const columns = 'sender BIGINT NOT NULL, body JSON NULL, length INT, CONSTRAINT `{{table}}_long` CHECK (length > 0)'
const create = `CREATE TABLE {{table}} (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, ${columns});`

/** Letters by month, for a keyspace that is sharded. */
export const shardedLetters = [
  ...policy,
  '-- wwdb:vindex by_sender (sender) USING xxhash',
  '-- wwdb:sequence id USING user_db.letter_ids',
  create,
].join('\n')

/** For one that is not. */
export const wholeLetters = [...policy, '-- wwdb:ids YYYYMM x 10000000000', create].join('\n')

export const familyFiles = (keyspace: string, template = shardedLetters): Readonly<Record<string, string>> => ({
  [`shard-templates/${keyspace}/letters.sql`]: template,
})

/** What numbers the letters of all shards. */
export async function makeSequence({ ask }: VitessStage): Promise<void> {
  await ask(
    "CREATE TABLE letter_ids (id BIGINT, next_id BIGINT, cache BIGINT, PRIMARY KEY (id)) COMMENT 'vitess_sequence'",
  )
  await ask('INSERT INTO letter_ids VALUES (0, 1, 10)')
  await ask('ALTER VSCHEMA ADD SEQUENCE letter_ids')
}

/** The tables of the family on each shard, those on hold by the names that they had. */
export async function tablesOn({ onShards }: VitessStage, keyspace: string): Promise<readonly (readonly string[])[]> {
  const found = await onShards("SHOW TABLES LIKE '%letters\\_2%'", keyspace)
  return found.map((rows) =>
    rows
      .map(([name]) => String(name).replace(/^_hold_\d+_[0-9a-f]+_/, 'held '))
      .filter((name) => !name.startsWith('_vt_'))
      .toSorted(),
  )
}
