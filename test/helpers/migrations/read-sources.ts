import { join } from 'node:path'
import { argv, resourceUsage, stdout } from 'node:process'
import { inspectMigrations } from '../../../src/migrations/files/read-migrations.ts'

/** Run as a process of its own, bundled: reads a project's folder `app`, streams every statement, and reports how it went. */
const root = argv[2] ?? ''
const { migrations, faults, files } = await inspectMigrations({
  root,
  databases: [{ name: 'app', directory: join(root, 'app') }],
})
let statements = 0
for (const { up } of migrations.get('app') ?? []) {
  if (up.type === 'statements') statements += up.statements.length
  else if (up.type === 'stream') for await (const statement of up.open()) statements += statement.text === '' ? 0 : 1
}
stdout.write(JSON.stringify({ faults, files, statements, residentAtMost: resourceUsage().maxRSS * 1024 }))
