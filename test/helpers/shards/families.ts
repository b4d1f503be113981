import type { CalendarSpan, FamilyPolicy, PeriodKind, RowTime, ShardFamily } from '../../../src/core/shard-family.ts'
import type { TableToCreate } from '../../../src/shards/ports.ts'
import type { Shard } from '../../../src/shards/shard.ts'

/** Milliseconds. */
export const hour = 3_600_000
export const day = 24 * hour

const policyOf = (changes: Partial<FamilyPolicy> = {}): FamilyPolicy => ({
  premake: { periods: 2, days: 45 },
  late: 2 * day,
  keep: { count: 3, unit: 'month' },
  grace: 14 * day,
  archive: 'none',
  references: 'logical',
  view: null,
  cap: 40,
  share: 1,
  ...changes,
})

const patterns: Readonly<Record<PeriodKind, string>> = {
  day: '{YYYYMMDD}',
  week: '{GGGG}w{WW}',
  month: '{YYYYMM}',
  quarter: '{YYYY}q{Q}',
  year: '{YYYY}',
}

/** A family of periods, `messages_202601`, with rows of an id and a text. */
export function periodFamily(
  name: string,
  kind: PeriodKind,
  policy: Partial<FamilyPolicy> = {},
  zone = 'UTC',
): ShardFamily {
  return {
    ...familyOf(name, []),
    division: { type: 'period', kind, zone },
    pattern: `${name}_${patterns[kind]}`,
    policy: policyOf(policy),
  }
}

/** A family of periods whose shards are partitions of one table, by the column `at`. */
export function partitionFamily(
  name: string,
  kind: PeriodKind,
  policy: Partial<FamilyPolicy> = {},
  time: Partial<RowTime> = {},
): ShardFamily {
  const family = periodFamily(name, kind, policy)
  const rowTime: RowTime = { column: 'at', type: 'datetime', precision: 0, zone: 'UTC', ...time }
  const { type, precision } = rowTime
  const at = `\`at\` ${type.toUpperCase()}${precision === 0 ? '' : `(${precision})`} NOT NULL`
  const text =
    `CREATE TABLE \`{{table}}\` (\`id\` BIGINT NOT NULL AUTO_INCREMENT, ${at}, \`text\` VARCHAR(40), ` +
    'PRIMARY KEY (`id`, `at`), KEY `of_text` (`text`)) ENGINE=InnoDB'
  return { ...family, keeper: 'partition', time: rowTime, template: { ...family.template, text } }
}

/** A family of the instances in `instance_db.wework_instances`; `parents` are families that its tables refer to. */
export function keyFamily(
  name: string,
  parents: readonly string[] = [],
  policy: Partial<FamilyPolicy> = {},
): ShardFamily {
  return {
    ...familyOf(name, parents),
    division: {
      type: 'key',
      source: { database: 'instance_db', table: 'wework_instances', column: 'id', deletedAt: 'deleted_at' },
    },
    pattern: `${name}_{key}`,
    policy: policyOf(policy),
  }
}

function familyOf(name: string, siblings: readonly string[]): Pick<ShardFamily, 'name' | 'database' | 'template'> {
  const own = '`id` BIGINT NOT NULL AUTO_INCREMENT, `text` VARCHAR(40), `parent_id` BIGINT, PRIMARY KEY (`id`)'
  const keys = siblings.map((parent) => `, FOREIGN KEY (\`parent_id\`) REFERENCES \`{{sibling:${parent}}}\` (\`id\`)`)
  return {
    name,
    database: 'message_db',
    template: {
      file: `shard-templates/message_db/${name}.sql`,
      text: `CREATE TABLE \`{{table}}\` (${own}${keys.join('')}) ENGINE=InnoDB`,
      line: 1,
      checksum: `${name}-1`,
      siblings,
      sharedReferences: [],
      idBase: null,
    },
  }
}

export const months = (count: number): CalendarSpan => ({ count, unit: 'month' })

/** The CREATE TABLE of a family made here. Siblings are named after their families. */
export function renderSimply(family: ShardFamily, shard: Shard): TableToCreate {
  const siblingOf = (name: string): string => `${name}_${shard.key}`
  const text = family.template.text
    .replace('CREATE TABLE `{{table}}`', `CREATE TABLE IF NOT EXISTS \`${shard.table}\``)
    .replaceAll(/\{\{sibling:(\w+)\}\}/g, (_, name: string) => siblingOf(name))
  return { table: shard.table, text, after: family.template.siblings.map(siblingOf) }
}
