import type { HazardRule } from '../rule.ts'

export const dropSchema: HazardRule = {
  code: 'DROP_SCHEMA',
  kind: 'destructive',
  title: '`DROP DATABASE` or `DROP SCHEMA`',
  find: (_tokens, statement) => {
    if (statement.verb !== 'DROP DATABASE') return []
    const name = statement.objects[0]?.name ?? 'the schema'
    return [
      {
        why: `It removes ${name} with every table, view and routine in it; only a backup brings them back.`,
        instead: 'Leave schemas to "wwdb db drop", which shows what is in them and asks for the name.',
      },
    ]
  },
}
