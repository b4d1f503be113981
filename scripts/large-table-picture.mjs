// docs/pictures/large-table-*.svg: what a terminal shows of the two changes of docs/operations/large-table.md, done as the page says, in a sandbox.
//
//   node scripts/large-table-picture.mjs [ROWS]     20,000,000 rows unless given; needs pt-online-schema-change on PATH, and some ten minutes
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { createConnection } from 'mysql2/promise'
import { recordCommand, run, withSandbox } from './on-terminal.mjs'
import { drawScreen } from './terminal-svg.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const columns = 110
const page = readFileSync(join(root, 'docs/operations/large-table.md'), 'utf8')
const rows = argv[2] ?? '20000000'

/** The files of the page by name, and what is typed into `mysql`. */
const files = new Map([...page.matchAll(/^```\w+ file=(\S+)\n(.*?)^```/gms)].map(([, name, text]) => [name, text]))
const fill = (/^```sql\n(.*?)^```/ms.exec(page)?.[1] ?? '').replace(/(?<=@rows = )\d+/, rows)

function write(folder, name) {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), files.get(name))
}

function draw(name, title, lines) {
  writeFileSync(join(root, `docs/pictures/large-table-${name}.svg`), drawScreen(lines, columns, title))
}

const folder = mkdtempSync(join(tmpdir(), 'wwdb-picture-'))
try {
  for (const name of ['wwdb.config.json', 'migrations/shop/0001_orders.sql']) write(folder, name)
  await withSandbox(folder, 13398, async (variables) => {
    for (const words of [['db', 'create'], ['migrate']]) run(folder, variables, words)
    const server = {
      uri: `${variables.WWDB_URL}/shop`,
      password: readFileSync(variables.WWDB_PASSWORD_FILE, 'utf8').trim(),
    }
    const connection = await createConnection({ ...server, multipleStatements: true })
    await connection.query(fill)
    await connection.end()
    write(folder, 'migrations/shop/0002_customer_index.sql')
    draw('index', 'A terminal with wwdb plan and wwdb migrate, which adds an index to a large table', [
      ...recordCommand(folder, variables, 'plan', columns),
      [],
      ...recordCommand(folder, variables, 'migrate', columns),
    ])
    write(folder, 'migrations/shop/0003_amount.sql')
    draw('type', 'A terminal with wwdb migrate, which changes the type of a column by a copy, and wwdb held', [
      ...recordCommand(folder, variables, 'migrate', columns),
      [],
      ...recordCommand(folder, variables, 'held', columns),
    ])
  })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
