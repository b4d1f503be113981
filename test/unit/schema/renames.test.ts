import { describe, expect, test } from 'vitest'
import { compareSnapshots } from '../../../src/ddl/compare-snapshots.ts'
import { normalizeTable } from '../../../src/ddl/definitions/normal-form.ts'
import type { SchemaSnapshot } from '../../../src/ddl/snapshot.ts'
import { guessRenames } from '../../../src/schema/guess-renames.ts'
import { applyRenames, type OwnRenames, parseRename, printRename } from '../../../src/schema/renames.ts'
import { renderDbml, renderMermaid } from '../../../src/schema/render-diagram.ts'
import { resolveRenames } from '../../../src/schema/resolve-renames.ts'
import { writeRenames } from '../../../src/schema/write-renames.ts'

const context = {
  collations: new Map([['utf8mb4', 'utf8mb4_0900_ai_ci']]),
  databases: new Map([['pr_1_user_db', 'user_db']]),
}

const end = '\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci'

function snapshotOf(tables: Readonly<Record<string, string>>): SchemaSnapshot {
  const objects = Object.entries(tables).map(([name, body]) =>
    normalizeTable(name, `CREATE TABLE \`${name}\` (\n  ${body}${end}`, context),
  )
  return { format: 1, database: 'app', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci', objects }
}

const before = snapshotOf({
  users:
    "`id` int(11) NOT NULL,\n  `mail` varchar(50) DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `mail` (`mail`),\n  CONSTRAINT `mail_set` CHECK ((`mail` <> _utf8mb4''))",
  orders:
    '`id` int NOT NULL,\n  `user_id` int DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `user_id` (`user_id`),\n  CONSTRAINT `fk` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)',
})

/** Renames of one database: `a=b`, `a.x=y`, by the names before. */
function own(...texts: readonly string[]): OwnRenames {
  const tables = new Map<string, string>()
  const columns = new Map<string, Map<string, string>>()
  for (const { table, column, to } of texts.flatMap((text) => parseRename(text) ?? []))
    if (column === null) tables.set(table, to)
    else columns.set(table, (columns.get(table) ?? new Map<string, string>()).set(column, to))
  return { tables, columns }
}

const renamedBy = (...texts: readonly string[]): SchemaSnapshot =>
  applyRenames(before, new Map([['app', own(...texts)]]))

describe('a rename', () => {
  test('a rename is read from old=new and table.old=new', () => {
    expect(['a=b', 'a.x=y', 'a', 'a=', 'a.b.c=d'].map(parseRename)).toEqual([
      { table: 'a', column: null, to: 'b' },
      { table: 'a', column: 'x', to: 'y' },
      null,
      null,
      null,
    ])
  })

  test('a renamed column changes what uses the column, and not an index of the same name', () => {
    const wanted = snapshotOf({
      users:
        "`id` int NOT NULL,\n  `email` varchar(50) DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `mail` (`email`),\n  CONSTRAINT `mail_set` CHECK ((`email` <> _utf8mb4''))",
      orders:
        '`id` int NOT NULL,\n  `user_id` int DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `user_id` (`user_id`),\n  CONSTRAINT `fk` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)',
    })
    expect(compareSnapshots(wanted, renamedBy('users.mail=email'))).toEqual([])
    // The server renames no column that a check reads.
    expect(writeRenames(before, own('users.mail=email'))).toEqual([
      "ALTER TABLE `users` DROP CHECK `mail_set`, RENAME COLUMN `mail` TO `email`, ADD CONSTRAINT `mail_set` CHECK ((`email` <> _utf8mb4''))",
    ])
    expect(writeRenames(before, own('users.id=no'))).toEqual(['ALTER TABLE `users` RENAME COLUMN `id` TO `no`'])
  })

  test('a renamed table takes the foreign keys of others along', () => {
    const renamed = renamedBy('users=people')
    const orders = renamed.objects.find(({ name }) => name === 'orders')
    expect(orders).toMatchObject({
      foreignKeys: [{ parent: 'people', text: expect.stringContaining('REFERENCES `people`') }],
    })
    expect(renamed.objects.map(({ name }) => name)).toContain('people')
  })

  test('a rename is guessed for one column that went and one of the same definition that came, and for nothing else', () => {
    const guess = (made: SchemaSnapshot) =>
      guessRenames({ before, after: made }, undefined).map((one) => printRename(one))
    expect(guess(renamedBy('users.mail=email'))).toEqual(['users.mail=email'])
    expect(guess(renamedBy('users=people'))).toEqual(['users=people'])
    expect(guess(before)).toEqual([])
  })

  test('a pair in the same place looks renamed also with another length or default, and not with another type', () => {
    const guess = (column: string): readonly string[] => {
      const from = snapshotOf({ t: '`id` int NOT NULL,\n  `a` varchar(50) DEFAULT NULL,\n  `z` int DEFAULT NULL' })
      const to = snapshotOf({ t: `\`id\` int NOT NULL,\n  ${column},\n  \`z\` int DEFAULT NULL` })
      return guessRenames({ before: from, after: to }, undefined).map((one) => printRename(one))
    }
    expect(guess("`b` varchar(80) NOT NULL DEFAULT 'x'")).toEqual(['t.a=b'])
    expect(guess('`b` text')).toEqual([])
    expect(guess('`n` int DEFAULT NULL,\n  `b` varchar(20) DEFAULT NULL')).toEqual(['t.a=b'])
    expect(guess('`g` varchar(20) GENERATED ALWAYS AS (`id`) VIRTUAL')).toEqual([])
  })

  test('tables swap names in one statement, and columns too', () => {
    expect(writeRenames(before, own('users=orders', 'orders=users'))).toEqual([
      'RENAME TABLE `users` TO `users_renamed`, `orders` TO `users`, `users_renamed` TO `orders`',
    ])
    expect(writeRenames(before, own('users=orders', 'orders=old'))).toEqual([
      'RENAME TABLE `orders` TO `old`, `users` TO `orders`',
    ])
    expect(writeRenames(before, own('orders.id=user_id', 'orders.user_id=id'))).toEqual([
      'ALTER TABLE `orders` RENAME COLUMN `id` TO `user_id`, RENAME COLUMN `user_id` TO `id`',
    ])
  })

  test('the table of a column is called by its old name or by its new one, in any order', () => {
    const pair = { before, after: renamedBy('users=people', 'users.mail=email') }
    const resolve = (...texts: readonly string[]) => {
      const typed = texts.flatMap((typed) => {
        const rename = parseRename(typed)
        return rename === null ? [] : [{ ...rename, typed }]
      })
      const { renames, faults } = resolveRenames([pair], typed)
      return faults.length > 0 ? faults.map(({ what }) => what) : renames.get('app')
    }
    const both = own('users=people', 'users.mail=email')
    expect(resolve('users=people', 'users.mail=email')).toEqual(both)
    expect(resolve('users.mail=email', 'users=people')).toEqual(both)
    expect(resolve('users=people', 'people.mail=email')).toEqual(both)
    expect(resolve('people.mail=email', 'users=people')).toEqual(both)
    expect(resolve('nothere.mail=email')).toEqual([
      '`nothere.mail=email` is not a possible rename: no database has a table `nothere` before the change.',
    ])
    expect(resolve('users.mail=email')).toEqual([
      '`users.mail=email` is not a possible rename: there is no table `users` after the change.',
    ])
    expect(resolve('users=people', 'users.x=email', 'users=nobody', 'users.mail=nothing')).toHaveLength(3)
    expect(resolve('users=orders')).toEqual([
      '`users=orders` is not a possible rename: a table `orders` also exists before the change.',
    ])
  })
})

describe('the normal form of a table', () => {
  test('drops display widths, names utf8 as utf8mb3, and prints a character set only where it is not the one of the table', () => {
    const [table] = snapshotOf({
      t: "`a` int(11) unsigned NOT NULL,\n  `flag` tinyint(1) DEFAULT '0',\n  `z` int(5) unsigned zerofill DEFAULT NULL,\n  `y` year(4) DEFAULT NULL,\n  `s` varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,\n  `u` varchar(5) CHARACTER SET utf8 COLLATE utf8_bin DEFAULT NULL",
    }).objects
    expect(table?.type === 'table' ? table.columns.map(({ text }) => text) : []).toEqual([
      '`a` int unsigned NOT NULL',
      "`flag` tinyint(1) DEFAULT '0'",
      '`z` int(5) unsigned zerofill DEFAULT NULL',
      '`y` year DEFAULT NULL',
      '`s` varchar(5) DEFAULT NULL',
      '`u` varchar(5) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin DEFAULT NULL',
    ])
  })

  test('names the schema of another database by the database', () => {
    const { objects } = snapshotOf({
      t: '`a` int NOT NULL,\n  CONSTRAINT `fk` FOREIGN KEY (`a`) REFERENCES `pr_1_user_db`.`users` (`id`) ON DELETE CASCADE',
    })
    expect(objects).toMatchObject([
      {
        foreignKeys: [
          { parentDatabase: 'user_db', parent: 'users', text: expect.stringContaining('{{schema:user_db}}.`users`') },
        ],
      },
    ])
  })
})

test('diagrams name every table, column and key', () => {
  expect(renderMermaid([before])).toMatchInlineSnapshot(`
    "erDiagram
      "users" {
        int id PK
        varchar_50 mail
      }
      "orders" {
        int id PK
        int user_id FK
      }
      "users" |o--o{ "orders" : "user_id"
    "
  `)
  expect(renderDbml([before])).toMatchInlineSnapshot(`
    "Table users {
      id int [pk, not null]
      mail varchar(50)
      indexes {
        (mail) [name: 'mail']
      }
    }

    Table orders {
      id int [pk, not null]
      user_id int
      indexes {
        (user_id) [name: 'user_id']
      }
    }

    Ref fk: orders.user_id > users.id
    "
  `)
})
