import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'

const folder = path.join(import.meta.dirname, '../../../src/terminal')
const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'))

/** Modules that a file imports, types apart, by how it imports them. */
async function importsOf(
  file: string,
): Promise<{ readonly atOnce: readonly string[]; readonly later: readonly string[] }> {
  const text = await readFile(path.join(folder, file), 'utf8')
  const pick = (pattern: RegExp) => [...text.matchAll(pattern)].flatMap((match) => match[1] ?? [])
  return { atOnce: pick(/^import (?!type )[^'"]*['"]([^'"]+)['"]/gmu), later: pick(/import\(['"]([^'"]+)['"]\)/gu) }
}

test('chalk is loaded in one place, when there is color, and ora in one, when one thing is waited for; zod nowhere', async () => {
  const found: string[] = []
  for (const file of files) {
    const { atOnce, later } = await importsOf(file)
    for (const name of ['chalk', 'ora', 'zod']) {
      if (atOnce.includes(name)) found.push(`${file} imports ${name}`)
      if (later.includes(name)) found.push(`${file} may import ${name}`)
    }
  }
  expect(found.sort()).toEqual([
    `${path.join('human', 'wait-line.ts')} may import ora`,
    `${path.join('text', 'paint.ts')} may import chalk`,
  ])
})

test('a format is loaded when it is asked for', async () => {
  const { atOnce, later } = await importsOf('create-reporter.ts')
  expect(atOnce).toEqual([])
  expect(later).toHaveLength(3)
})
