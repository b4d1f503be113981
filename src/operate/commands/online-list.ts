import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import { onlineServers } from '../../migrations/online-changes.ts'
import { exitCodeWith, listUnreached } from '../../migrations/unreached.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { listOnline } from '../online/list-changes.ts'

/** `wwdb online list`: the tables of online changes that are on the servers. */
export const command = defineCommand({
  name: 'online list',
  group: 'Migrations',
  summary: 'show copies and kept tables of online changes',
  purpose:
    'Shows each copy that an online change has made or is making, and each table as it was before such a change: which statement it belongs to, how far it is, how old and how large, ' +
    'and until when it is kept. Names also what other runs of pt-online-schema-change, gh-ost, spirit and Vitess left, with the statements that remove it in order. Writes nothing.',
  examples: [
    { command: 'wwdb online list', purpose: 'before a change is taken back, or an old table is dropped' },
    { command: 'wwdb online list --json', purpose: 'for a program' },
  ],
  flags: {},
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  run(_options, context) {
    const access = { writable: false, unreached: 'skip', missing: 'list' } as const
    return withTargets(context, access, async (_config, open) => {
      const serverOf = await context.port(onlineServers)
      const now = context.now()
      const databases = await Promise.all(
        open.targets.map(async ({ database, session, all }) => {
          const { changes, leftovers } = await listOnline(serverOf(session))
          return {
            database: database.name,
            changes: changes.map(({ version, since, until, ...change }) => {
              const migration = all.find((one) => one.version === version)
              return {
                ...change,
                migration: migration === undefined ? version : migrationLabel(migration),
                since: toText(since),
                until: toText(until),
                isDue: until !== null && until <= now,
              }
            }),
            leftovers: leftovers.map(({ tools, table, tables, triggers, remove }) => ({
              tools,
              table,
              names: [...triggers, ...tables].map(({ name }) => name),
              bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
              remove,
            })),
          }
        }),
      )
      const unreached = listUnreached(open.unreached)
      const exitCode = exitCodeWith(exitCodes.done, unreached.length > 0)
      return { result: { kind: 'online-changes', databases, unreached }, exitCode }
    })
  },
})

const toText = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())
