import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
const own = (file: string): string => readFileSync(join(root, file), 'utf8')
const example = (database: string, name: string): string => own(`examples/vitess/migrations/${database}/${name}`)

/** A table without its foreign keys, each on a line of its own. */
const withoutKeys = (text: string): string =>
  text.replaceAll(/,\n {2}(?:CONSTRAINT `\w+` )?FOREIGN KEY [^\n]*?(?=,?\n)/g, '')

const databases = ['instance_db', 'message_db', 'monitor_db', 'user_db']
const migrations = databases.flatMap((database) =>
  readdirSync(join(root, 'migrations', database)).flatMap((name) =>
    name.endsWith('.sql') ? [[database, name] as const] : [],
  ),
)

it.each(migrations)('%s/%s is in the example for Vitess, but for its foreign keys', (database, name) => {
  const text = own(`migrations/${database}/${name}`)
  const isOfTable = text.includes('CREATE TABLE')
  expect(example(database, name)).toBe(isOfTable ? withoutKeys(text) : text)
})

it.each(databases)('the foreign keys inside %s are in a file for MySQL alone', (database) => {
  const inTables = migrations
    .filter(([of, name]) => of === database && name.includes('create_'))
    .flatMap(
      ([, name]) => own(`migrations/${database}/${name}`).match(/CONSTRAINT `\w+` FOREIGN KEY .*?(?=,?\n)/g) ?? [],
    )
  if (inTables.length === 0)
    expect(readdirSync(join(root, 'examples/vitess/migrations', database)).join()).not.toMatch(/_foreign_keys/)
  else {
    const text = example(database, '20260101000800_foreign_keys.sql')
    expect(text).toMatch(/^-- wwdb:when platform=mysql\n/)
    expect(text.match(/CONSTRAINT `\w+` FOREIGN KEY .*?(?=[,;]\n)/g)).toEqual(inTables)
  }
})

it.each([
  ['instance_db', 'instance_monitors', '20260101000400'],
  ['message_db', 'messages', '20260101000400'],
  ['monitor_db', 'system_logs', '20260101000300'],
  ['contact_db', 'contacts', '20260101000100'],
  ['contact_db', 'groups', '20260101000200'],
  ['contact_db', 'group_members', '20260101000300'],
] as const)('%s.%s is the table of its family, but for its foreign keys', (database, family, version) => {
  const template = own(`shard-templates/${database}/${family}.sql`)
  const table = withoutKeys(template.slice(template.indexOf('CREATE TABLE')).replace('{{table}}', `\`${family}\``))
  expect(example(database, `${version}_create_${family}.sql`)).toContain(`-- migrate:up\n${table.trimEnd()}\n`)
})

it('the family of messages is that of the repository', () => {
  const file = 'shard-templates/message_db/messages.sql'
  expect(own(`examples/vitess/${file}`)).toBe(own(file))
})
