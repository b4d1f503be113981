import { defineCommand } from '../../command/define-command.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { createSchemas } from '../create-schemas.ts'

/** `wwdb db create`: creates the schemas that do not exist yet, in utf8mb4. */
export const command = defineCommand({
  name: 'db create',
  group: 'Databases and projects',
  summary: 'create the schemas that do not exist yet',
  purpose:
    'Creates the schema of every database that has none, with utf8mb4. Existing schemas are not changed, so it ' +
    'can be run at any time.',
  examples: [
    { command: 'wwdb db create', purpose: 'all that are missing' },
    { command: 'wwdb db create --prefix pr_123_', purpose: 'a set of its own for a pull request' },
  ],
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: true,
  connects: true,
  run: (_options, context) => createSchemas(context),
})
