import { describe, expect, it } from 'vitest'
import { placements } from '../../helpers/platform/decisions.ts'
import { readDatabases, readMigrationFiles } from '../../helpers/platform/migrate.ts'

const files = readMigrationFiles()

/** Without quoted names, strings and comments: what is left is keywords, types, numbers and punctuation. */
function bare(sql: string): string {
  return sql
    .replace(/^--.*$/gm, '')
    .replace(/'[^']*'/g, '')
    .replace(/\{\{schema:\w+\}\}/g, '')
    .replace(/`[^`]*`/g, '')
    .replace(/utf8mb4_unicode_ci|utf8mb4/g, '')
}

describe("the platform's migration files", () => {
  it('the migration files make the five databases', () => {
    expect(readDatabases().map((database) => database.name)).toEqual([
      'user_db',
      'instance_db',
      'message_db',
      'contact_db',
      'monitor_db',
    ])
  })

  it('create every plain table, each in its own file and database', () => {
    const created = files.flatMap((file) => {
      const name = /^CREATE TABLE `(\w+)`/m.exec(file.up)?.[1]
      return name === undefined ? [] : [`${file.database}.${name}`]
    })
    const plain = Object.entries(placements).flatMap(([name, place]) =>
      place.sharded ? [] : [`${place.database}.${name}`],
    )
    expect(created.sort()).toEqual(plain.sort())
  })

  it.each(files.map((file) => [file.path, file] as const))(
    '%s quotes every name and has no display width',
    (_, file) => {
      expect(bare(file.up + file.down)).not.toMatch(/\b(?:BIGINT|INT)\(\d/)
      expect(bare(file.up + file.down)).not.toMatch(/\b[a-z]/)
    },
  )

  it.each(files.map((file) => [file.path, file] as const))('%s has one statement and its opposite', (_, file) => {
    const table = /^(?:CREATE|ALTER) TABLE `(\w+)`/m.exec(file.up)?.[1]
    const added = [...file.up.matchAll(/ADD CONSTRAINT `(\w+)`/g)].map((match) => match[1])
    const dropped = [...file.down.matchAll(/DROP FOREIGN KEY `(\w+)`/g)].map((match) => match[1])
    expect(file.up.match(/;$/gm)).toHaveLength(1)
    expect(file.down).toMatch(new RegExp(`^(?:DROP|ALTER) TABLE \`${table}\``))
    expect(dropped).toEqual(added)
  })

  it('requires the parent wherever a reference leaves its database, and only there', () => {
    const leaving = files.filter((file) => file.up.includes('{{schema:'))
    expect(files.filter((file) => file.onlyPhysical)).toEqual(leaving)
    for (const file of leaving) {
      const databases = [...file.up.matchAll(/\{\{schema:(\w+)\}\}/g)].map((match) => match[1])
      expect(file.requires.map((id) => id.split('/')[0]).sort()).toEqual([...new Set(databases)].sort())
      expect(file.requires.filter((id) => !files.some((other) => other.id === id))).toEqual([])
    }
    expect(files.filter((file) => file.requires.length > 0)).toEqual(leaving)
  })
})
