import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'

/** Makes folders of files that vanish with the test file that asked for them. To be called at its top. */
export function withProjects(): (files: Readonly<Record<string, string>>) => string {
  const made: string[] = []
  afterAll(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true })
  })
  return (files) => {
    const folder = mkdtempSync(join(tmpdir(), 'wwdb-project-'))
    made.push(folder)
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    return folder
  }
}

/** A configuration with one database, `app`. */
export function configuration(url: string, more: object = {}): string {
  return JSON.stringify({ databases: { app: { url, migrations: 'migrations/app' } }, ...more })
}
