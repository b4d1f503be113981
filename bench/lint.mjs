import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { differenceFigure, interleave, measureIfMain, runWwdb } from './harness.mjs'

/** Review of 1,000 files, and of one file in a history of 5,000, beyond the start of the tool. @type {import('./harness.mjs').Measure} */
export async function lint({ server, rounds }) {
  const many = await makeFiles(join(server.directory, 'lint-many'), 1000)
  const history = await makeFiles(join(server.directory, 'lint-history'), 5000)
  const last = 'migrations/app/5000_change.sql'
  const seconds = await interleave(rounds, [
    { name: 'start', run: () => runWwdb(['--help']) },
    { name: 'many', run: () => runWwdb(['lint', '--all', '--quiet', '--cwd', many]) },
    { name: 'one', run: () => runWwdb(['lint', last, '--quiet', '--cwd', history]) },
  ])
  const figures = [
    differenceFigure('wwdb lint, 1,000 files', seconds('many'), seconds('start'), 2000),
    differenceFigure('wwdb lint, one file of 5,000', seconds('one'), seconds('start'), 4000),
  ]
  await rm(many, { recursive: true, force: true })
  await rm(history, { recursive: true, force: true })
  return figures
}

/** A table in every fourth file, and changes of it in those that follow. @param {string} root @param {number} count */
async function makeFiles(root, count) {
  const folder = join(root, 'migrations/app')
  await mkdir(folder, { recursive: true })
  const config = { databases: { app: { url: 'mysql://user@127.0.0.1:1/app', migrations: 'migrations/app' } } }
  await writeFile(join(root, 'wwdb.config.json'), JSON.stringify(config))
  for (let number = 1; number <= count; number += 1) {
    const table = `table_${Math.floor((number - 1) / 4)}`
    const isNew = number % 4 === 1
    const up = isNew
      ? `CREATE TABLE ${table} (\n  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,\n  name VARCHAR(80) NOT NULL,\n  at DATETIME(3) NOT NULL,\n  PRIMARY KEY (id),\n  KEY by_name (name)\n) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;`
      : `ALTER TABLE ${table} ADD COLUMN c${number} INT NOT NULL DEFAULT 0;\nINSERT INTO ${table} (name, at) VALUES ('a', NOW(3));`
    const down = isNew ? `DROP TABLE ${table};` : `ALTER TABLE ${table} DROP COLUMN c${number};`
    const name = `${String(number).padStart(4, '0')}_change.sql`
    await writeFile(join(folder, name), `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`)
  }
  return root
}

await measureIfMain(import.meta.url, lint)
