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
        why: `It removes ${name} with every table, view and routine in it; only a backup can restore them.`,
        instead: 'Use `wwdb db drop`, which shows the content of a schema and asks for its name.',
      },
    ]
  },
}
