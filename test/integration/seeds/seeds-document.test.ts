import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const document = readFileSync(fileURLToPath(new URL('../../../docs/guides/seeds.md', import.meta.url)), 'utf8')

/** A fenced block: its language, what stands behind that, and its text. */
const blocks = [...document.matchAll(/^```(\w+)(?: ([^\n]+))?\n(.*?)^```$/gms)].map(([, language, label, text]) => ({
  language: language ?? '',
  label: label ?? '',
  text: text ?? '',
}))

const tables = `-- migrate:up
CREATE TABLE roles (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE, title VARCHAR(40) NOT NULL, is_system TINYINT NOT NULL DEFAULT 0);
CREATE TABLE permissions (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE, title VARCHAR(40) NOT NULL);
CREATE TABLE grants (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, role_id BIGINT NOT NULL, permission_id BIGINT NOT NULL, UNIQUE KEY (role_id, permission_id),
  FOREIGN KEY (role_id) REFERENCES roles (id), FOREIGN KEY (permission_id) REFERENCES permissions (id));
CREATE TABLE regions (name VARCHAR(20) NOT NULL PRIMARY KEY);
CREATE TABLE users (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, username VARCHAR(50) NOT NULL UNIQUE, email VARCHAR(100) NOT NULL, password_hash VARCHAR(255) NOT NULL,
  salt VARCHAR(32) NOT NULL, is_super_admin TINYINT NOT NULL DEFAULT 0);
CREATE TABLE user_roles (user_id BIGINT NOT NULL, role_id BIGINT NOT NULL, PRIMARY KEY (user_id, role_id));
`

const fileOf = (label: string): string | null => /^file=(.*)$/.exec(label)?.[1] ?? null

/** What differs from one run to the next. */
const general = (text: string): string => text.replaceAll(/[\d.]+ m?s\b/g, '80 ms')

describe.each(versionsInTurn(import.meta.url))('docs/guides/seeds.md on MySQL %s', (version) => {
  it('shows what happens, from its first example to its last', async () => {
    const project = await open((await testServerOf(version)).url)
    for (const { language, label, text } of blocks) {
      const later = /^file-later=(.*)$/.exec(label)?.[1]
      if (later !== undefined) project.write(later, text)
      if (label === 'file=seeds/app/regions.sql') project.write('seeds/app/regions.sql', text)
      if (label === 'by-hand') for (const statement of text.split(';\n').filter(Boolean)) await project.query(statement)
      if (language !== 'console') continue
      const [, command = '', output = ''] = /^\$ wwdb ([^\n]+)\n(.*)$/s.exec(text) ?? []
      const { stdout } = await project.run(command.split(' '))
      expect(general(stdout), command).toBe(output)
    }
    const password = { input: 'Kranich-42-Übermut\n' }
    expect(await project.run(['seed', 'admin', '--username', 'root', '--password-stdin'], password)).toMatchObject({
      exitCode: 0,
    })
    const made =
      'SELECT u.email, LENGTH(u.password_hash), LENGTH(u.salt), r.name FROM users u JOIN user_roles x ON x.user_id = u.id JOIN roles r ON r.id = x.role_id'
    expect(await project.query(made)).toEqual([['root@localhost', 131, 22, 'admin']])
  })
})

/** SQL comes into play where the page speaks of it. */
async function open(url: string): Promise<Stage> {
  const files = blocks.flatMap(({ label, text }) => {
    const file = fileOf(label)
    return file === null || file.endsWith('.sql') ? [] : [[file, text] as const]
  })
  const project = await openStage({
    url,
    files: { 'app/0001_tables.sql': tables, ...Object.fromEntries(files) },
    configuration: { environments: { test: {} } },
  })
  expect(await project.run(['migrate'])).toMatchObject({ exitCode: 0 })
  return project
}

const openStage = withStages()

it('every example of the page is tested', () => {
  expect(document.match(/^```(?!`)/gm)).toHaveLength(2 * blocks.length)
  const kinds = blocks.map(({ language, label }) => label.replace(/=.*/, '') || language)
  expect(new Set(kinds)).toEqual(new Set(['file', 'file-later', 'by-hand', 'console', 'sh']))
})
