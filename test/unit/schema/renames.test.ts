import { describe, expect, test } from 'vitest'
import { applyRename, guessRenames, parseRename, writeRename } from '../../../src/schema/renames.ts'
import { renderDbml, renderMermaid } from '../../../src/schema/render-diagram.ts'
import { compareSnapshots } from '../../../src/sql/compare-snapshots.ts'
import { normalizeTable } from '../../../src/sql/definitions/normal-form.ts'
import type { SchemaSnapshot } from '../../../src/sql/snapshot.ts'

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
    const after = applyRename(before, { table: 'users', column: 'mail', to: 'email' })
    const wanted = snapshotOf({
      users:
        "`id` int NOT NULL,\n  `email` varchar(50) DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `mail` (`email`),\n  CONSTRAINT `mail_set` CHECK ((`email` <> _utf8mb4''))",
      orders:
        '`id` int NOT NULL,\n  `user_id` int DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `user_id` (`user_id`),\n  CONSTRAINT `fk` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)',
    })
    expect(compareSnapshots(wanted, after)).toEqual([])
    expect(writeRename({ table: 'users', column: 'mail', to: 'email' })).toBe(
      'ALTER TABLE `users` RENAME COLUMN `mail` TO `email`',
    )
  })

  test('a renamed table takes the foreign keys of others along', () => {
    const after = applyRename(before, { table: 'users', column: null, to: 'people' })
    const orders = after.objects.find(({ name }) => name === 'orders')
    expect(orders).toMatchObject({
      foreignKeys: [{ parent: 'people', text: expect.stringContaining('REFERENCES `people`') }],
    })
    expect(after.objects.map(({ name }) => name)).toContain('people')
  })

  test('a rename is guessed for one column that went and one of the same definition that came, and for nothing else', () => {
    const wanted = applyRename(before, { table: 'users', column: 'mail', to: 'email' })
    expect(guessRenames(wanted, before)).toEqual([{ table: 'users', column: 'mail', to: 'email' }])
    expect(guessRenames(before, before)).toEqual([])
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
