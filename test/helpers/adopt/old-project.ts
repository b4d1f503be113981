import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Stage } from '../tool/stage.ts'
import { extraStatements, filesOf } from './layouts.ts'
import { appliedCount, sample } from './sample.ts'

/** The files of a tool in a folder of the stage; returns its path. */
export async function writeOldFiles(stage: Stage, tool: string, folder: string): Promise<string> {
  for (const [name, text] of Object.entries(filesOf(tool))) {
    const path = join(stage.folder, folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  return join(stage.folder, folder)
}

/** What the tool has left: the tables of fifteen migrations, and its history as it was recorded. */
export async function restore(stage: Stage, tool: string, history = 'history.sql'): Promise<void> {
  const statements = sample.slice(0, appliedCount).flatMap(({ up }) => up)
  // The driver of this test adds IGNORE_SPACE, which routines would keep.
  await stage.query('SET SESSION sql_mode = DEFAULT')
  for (const statement of [...statements, ...(extraStatements[tool] ?? []), ...(await readFixture(tool, history))])
    await stage.query(statement)
}

/** The recorded history of a tool, as statements. */
export async function readFixture(tool: string, name: string): Promise<readonly string[]> {
  const text = await readFile(fixturePath(tool, name), 'utf8')
  return text
    .split(/;\n/)
    .map((one) => one.replace(/^--.*\n/, '').trim())
    .filter((one) => one !== '')
}

export function fixturePath(tool: string, name: string): string {
  return join(import.meta.dirname, '..', '..', 'fixtures', 'adopt', tool, name)
}
